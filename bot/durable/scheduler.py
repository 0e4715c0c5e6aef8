"""Between what waits and what workers take: a queue that holds no more than there are free threads.

DBOS takes work of any partition that is free, whoever's it is, by chance. So all work waits in a queue to which no
worker listens, and goes over by turns, only when somebody can begin it at once: then chance has nothing to choose from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, text

from bot.durable.database import QUEUE, WAITING, answering, connections, glance, status_table
from bot.durable.locks import key
from bot.durable.turns import Order, Room, Turn, Waiting

MOST_SEEN: Final = 5_000
"""Partitions of one installation that are looked at, those with the oldest work."""

_LOOK: Final = """
SELECT EXISTS (SELECT 1 FROM {table} WHERE queue_name = :queue AND status = 'ENQUEUED'),
       EXISTS (SELECT 1 FROM {table} WHERE queue_name = :waiting AND status = 'ENQUEUED')
"""
_TURNS: Final = """
SELECT queue_partition_key, status = 'PENDING' AND executor_id <> :name FROM {table}
WHERE queue_name = :queue AND status IN ('ENQUEUED', 'PENDING')
"""

# The oldest work of each partition, and of each installation not too many: no crowd hides what others wait for.
_WAITING: Final = """
SELECT workflow_uuid, queue_partition_key FROM (
  SELECT workflow_uuid, queue_partition_key, created_at,
         row_number() OVER (PARTITION BY {owner} ORDER BY created_at, workflow_uuid) AS place
  FROM (
    SELECT workflow_uuid, queue_partition_key, created_at,
           row_number() OVER (PARTITION BY queue_partition_key ORDER BY created_at, workflow_uuid) AS age
    FROM {table} WHERE queue_name = :waiting AND status = 'ENQUEUED'
  ) AS work WHERE age = 1
) AS heads WHERE place <= :most ORDER BY created_at, workflow_uuid
"""
_OWNERS: Final = {
    "sqlite": "substr(queue_partition_key, 1, instr(queue_partition_key, '/'))",
    "postgresql": "split_part(queue_partition_key, '/', 1)",
}
_TURN: Final = """
UPDATE {table} SET queue_name = :queue
WHERE workflow_uuid IN :names AND queue_name = :waiting AND status = 'ENQUEUED'
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether some work is ready to be begun, and whether some waits for its turn."""

    ready: bool
    waiting: bool


class Scheduler:
    """Gives turns for one worker, whose work bears its ``name``; raises QueueError."""

    def __init__(self, url: str, name: str, room: Room) -> None:
        self._name, self._room, self._order = name, room, Order(room)
        self._engine, self._eye = connections(url, 2), glance(url)
        table, owner = status_table(self._engine), _OWNERS[self._engine.dialect.name]
        self._look, self._turns = text(_LOOK.format(table=table)), text(_TURNS.format(table=table))
        self._waiting = text(_WAITING.format(table=table, owner=owner))
        self._give = text(_TURN.format(table=table)).bindparams(bindparam("names", expanding=True))

    def look(self) -> Seen:
        """The cheapest question, since it is asked all the time."""
        with answering(), self._eye.connect() as session:
            ready, waiting = session.execute(self._look, {"queue": QUEUE, "waiting": WAITING}).one()
        return Seen(bool(ready), bool(waiting))

    def give_turns(self) -> int:
        """Let go over what this worker can begin now: how much it was."""
        with answering(), self._engine.begin() as session:
            if self._room.free(self._under_way(session)) <= 0:
                return 0
            self._alone(session)
            names = self._order.chosen(self._under_way(session), self._oldest(session))
            if names:
                session.execute(self._give, {"names": names, "queue": QUEUE, "waiting": WAITING})
        return len(names)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()
        self._eye.dispose()

    def _alone(self, session: Connection) -> None:
        """One worker at a time: two would count the same free threads."""
        if self._engine.dialect.name == "sqlite":
            session.execute(text("BEGIN IMMEDIATE"))
        else:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key(WAITING)})

    def _under_way(self, session: Connection) -> list[Turn]:
        rows = session.execute(self._turns, {"queue": QUEUE, "name": self._name})
        return [Turn(str(partition), bool(elsewhere)) for partition, elsewhere in rows]

    def _oldest(self, session: Connection) -> list[Waiting]:
        found = session.execute(self._waiting, {"waiting": WAITING, "most": MOST_SEEN})
        return [Waiting(str(name), str(partition)) for name, partition in found]
