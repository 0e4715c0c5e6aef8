"""Where work is put: when ``submit`` returns, it is on disk."""

from __future__ import annotations

import logging
import time
from typing import Final

from dbos import EnqueueOptions, WorkflowSerializationFormat, error
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.durable.database import QUEUE, VERSION, WAITING, WORKFLOW, answering, client, connections, status_table
from bot.durable.turns import owners
from bot.jobs import Work
from bot.worker import Backlog, QueueError, decode, encode, partition

_WAITING: Final = """
SELECT workflow_uuid FROM {table}
WHERE queue_name IN (:queue, :waiting) AND status = 'ENQUEUED' AND queue_partition_key = :topic
ORDER BY created_at LIMIT 50
"""
_COUNT: Final = """
SELECT count(*) FROM (
  SELECT 1 FROM {table}
  WHERE queue_name = :waiting AND status = 'ENQUEUED' AND queue_partition_key LIKE :own LIMIT :most
) AS counted
"""
_STARTS: Final = "SELECT recovery_attempts FROM {table} WHERE workflow_uuid = :name"
_FAILED: Final = {"ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}
MOST_COUNTED: Final = 10_000
_LOG: Final = logging.getLogger(__name__)


class Inbox:
    """The queue's entry; safe to share by threads.

    Of one installation at most ``most`` pieces of work may wait, where it is not 0.
    """

    def __init__(self, url: str, most: int = 0) -> None:
        self._most = most
        self._client = client(url)
        self._engine = connections(url, 2)
        table = status_table(self._engine)
        self._waiting, self._starts = text(_WAITING.format(table=table)), text(_STARTS.format(table=table))
        self._count = text(_COUNT.format(table=table))

    def submit(self, work: Work, *, seconds: float = 0.0) -> bool:
        """Take a job, to be done in ``seconds`` or later: False when this delivery was taken before.

        A delivery whose work failed is taken again. Raises QueueError when the database does not answer, and where too
        much work of the installation waits.
        """
        self._refuse_a_crowd(work)
        options = _options(work, seconds)
        try:
            try:
                self._client.enqueue(options, encode(work))
            except error.DBOSWorkflowIDInUseError as known:
                if known.workflow_status not in _FAILED:
                    return False
                self._client.delete_workflow(work.delivery)
                self._client.enqueue(options, encode(work))
        except (SQLAlchemyError, error.DBOSException) as refused:
            _LOG.warning("delivery %s was not taken: %s", work.delivery, type(refused).__name__)
            raise QueueError("the database does not take work") from None
        return True

    def _refuse_a_crowd(self, work: Work) -> None:
        if self._most and self._crowd(work) >= self._most:
            crowd = f"{self._most} pieces of work of installation {work.installation} wait already"
            _LOG.warning("delivery %s was turned away: %s (PREADMIT_WAITING_WORK)", work.delivery, crowd)
            raise QueueError(f"{crowd}; what is turned away now is fetched when there is room")

    def _crowd(self, work: Work) -> int:
        """How much work of the same installation waits for a turn, counted up to the most that may."""
        own = {"waiting": WAITING, "own": owners(partition(work))[0] + "%", "most": self._most}
        with answering(), self._engine.connect() as session:
            return int(session.execute(self._count, own).scalar_one())

    def waiting(self, topic: str) -> list[Work]:
        """The work that waits in a partition of the queue, not what is to be done later; raises QueueError."""
        asked = {"queue": QUEUE, "waiting": WAITING, "topic": topic}
        with answering(), self._engine.connect() as session:
            names = [str(name) for name in session.execute(self._waiting, asked).scalars()]
        if not names:
            return []
        with answering():
            found = self._client.list_workflows(workflow_ids=names, load_output=False)
        return [decode(one.input["args"][0]) for one in found if one.input and one.status == "ENQUEUED"]

    def starts(self, delivery: str) -> int:
        """How often the work of a delivery was begun; raises QueueError.

        Not asked of DBOS, which would remember its first answer.
        """
        with answering(), self._engine.connect() as session:
            return int(session.execute(self._starts, {"name": delivery}).scalar() or 0)

    def check(self) -> None:
        """Return when the database would take work; raises QueueError."""
        with answering():
            self._client.check_connection()

    def backlog(self) -> Backlog:
        """What waits, counted up to 10,000 jobs; raises QueueError."""
        with answering():
            waiting = self._client.list_workflows(
                queue_name=[QUEUE, WAITING], status="ENQUEUED", limit=MOST_COUNTED, load_input=False, load_output=False
            )
        oldest = min((one.created_at for one in waiting if one.created_at), default=None)
        return Backlog(len(waiting), 0.0 if oldest is None else max(0.0, time.time() - oldest / 1000))

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()
        self._engine.dispose()


def _options(work: Work, seconds: float) -> EnqueueOptions:
    """The delivery's id is the work's id, so that a redelivery is the same work."""
    options: EnqueueOptions = {
        "workflow_name": WORKFLOW,
        "queue_name": WAITING,
        "workflow_id": work.delivery,
        "workflow_id_reuse_policy": "reject",
        "queue_partition_key": partition(work),
        "app_version": VERSION,
        "serialization_type": WorkflowSerializationFormat.PORTABLE,
    }
    if seconds > 0:
        options["delay_seconds"] = seconds
    return options
