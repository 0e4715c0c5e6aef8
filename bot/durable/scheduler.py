"""Between what waits and what workers take: a queue that is kept short, so that nobody's crowd stands before others.

DBOS takes work of any partition that is free, whoever's it is. So work beyond what the workers can begin waits in a
queue to which none of them listens, and goes over by turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, text

from bot.durable.database import QUEUE, WAITING, answering, connections, status_table
from bot.durable.turns import Waiting, chosen, owners

MOST_SEEN: Final = 20_000
"""Waiting work that is looked at, the oldest first."""

_TURNS: Final = """
SELECT status, queue_partition_key FROM {table} WHERE queue_name = :queue AND status IN ('ENQUEUED', 'PENDING')
"""
_WAITING: Final = """
SELECT workflow_uuid, queue_partition_key FROM {table}
WHERE queue_name = :waiting AND status = 'ENQUEUED' ORDER BY created_at LIMIT :most
"""
_COUNT: Final = """
SELECT count(*) FROM (
  SELECT 1 FROM {table}
  WHERE queue_name = :waiting AND status = 'ENQUEUED' AND queue_partition_key LIKE :own LIMIT :most
) AS counted
"""
_TURN: Final = """
UPDATE {table} SET queue_name = :queue
WHERE workflow_uuid IN :names AND queue_name = :waiting AND status = 'ENQUEUED'
"""


class Scheduler:
    """Keeps ``room`` pieces of work ready to be taken; all that share a database may do so. Raises QueueError."""

    def __init__(self, url: str, room: int) -> None:
        self._size = room
        self._engine = connections(url, 2)
        table = status_table(self._engine)
        self._turns, self._waiting = text(_TURNS.format(table=table)), text(_WAITING.format(table=table))
        self._count = text(_COUNT.format(table=table))
        self._give = text(_TURN.format(table=table)).bindparams(bindparam("names", expanding=True))

    def is_free(self) -> bool:
        """Whether new work needs no turn: little is ready, and nobody waits."""
        with answering(), self._engine.connect() as session:
            return self._room(self._under_way(session)) > 0 and not self._oldest(session, 1)

    def waiting(self, partition: str, most: int) -> int:
        """How much work of the partition's installation waits for a turn, counted up to ``most``."""
        own = {"waiting": WAITING, "own": owners(partition)[0] + "%", "most": most}
        with answering(), self._engine.connect() as session:
            return int(session.execute(self._count, own).scalar_one())

    def give_turns(self) -> int:
        """Let the next work go over to the workers' queue: how much it was."""
        with answering(), self._engine.begin() as session:
            under_way = self._under_way(session)
            room = self._room(under_way)
            waiting = self._oldest(session, MOST_SEEN) if room > 0 else []
            names = chosen((partition for _, partition in under_way), waiting, room)
            if names:
                session.execute(self._give, {"names": names, "queue": QUEUE, "waiting": WAITING})
        return len(names)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _room(self, under_way: Sequence[tuple[str, str]]) -> int:
        """How much more can be made ready: what follows work that is being done is not, until that has ended."""
        begun = {partition for status, partition in under_way if status == "PENDING"}
        return self._size - len({partition for _, partition in under_way} - begun)

    def _under_way(self, session: Connection) -> list[tuple[str, str]]:
        return [(str(one[0]), str(one[1])) for one in session.execute(self._turns, {"queue": QUEUE})]

    def _oldest(self, session: Connection, most: int) -> list[Waiting]:
        found = session.execute(self._waiting, {"waiting": WAITING, "most": most})
        return [Waiting(str(name), str(partition)) for name, partition in found]
