"""Where work is done: DBOS takes it from the queue, one job of a pull request at a time, and remembers what is done.

A job is one workflow without steps: what GitHub shows tells how far it came, so that a job which is begun again (its
process was killed) does the whole work once more with the effect of once.
"""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from dbos import DBOS, DBOSConfig
from dbos._queue import queue_worker_thread
from sqlalchemy.exc import SQLAlchemyError

from bot.durable.database import APPLICATION, QUEUE, VERSION, WORKFLOW, quiet
from bot.durable.inbox import Inbox
from bot.durable.locks import Locks
from bot.durable.scheduler import Scheduler
from bot.durable.turns import Room
from bot.jobs import Work
from bot.worker import Attempt, Postponed, QueueError, decode, partition, supersedes

LOOK_SECONDS: Final = 0.1
"""Between two looks at whether there is work."""

SOON_SECONDS: Final = 0.01
"""Until the first look after some work has ended, which the database is told a little later; each pause is longer."""

POLL_SECONDS: Final = 10.0
"""Between two looks of DBOS's into the queue, for which it takes many times as long as we: it is called when there is
something in it."""

WATCH_SECONDS: Final = 1.0
"""Between two looks at whether the other processes are alive."""

LONGEST_PAUSE: Final = 1800.0
"""Seconds between two attempts at most."""

MOST_TURNS: Final = 12
"""Times that work is postponed which is not patient: several hours."""

_LOG: Final = logging.getLogger(__name__)


class Bell(threading.Event):
    """An event that is set to stop somebody, and whose waiting can be ended without that."""

    def __init__(self) -> None:
        super().__init__()
        self._rung = threading.Event()

    def ring(self) -> None:
        """End the present waiting, or the next."""
        self._rung.set()

    def set(self) -> None:
        """Stop who waits."""
        super().set()
        self._rung.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for either: whether it is to stop."""
        self._rung.wait(timeout)
        self._rung.clear()
        return self.is_set()


class Executor:
    """This process's share of the work: as many jobs at a time as there is ``room`` for, each given to ``handle``."""

    def __init__(
        self,
        url: str,
        locks: Locks,
        inbox: Inbox,
        handle: Callable[[Work, Attempt], str],
        room: Room,
    ) -> None:
        self._locks, self._inbox, self._handle, self._threads = locks, inbox, handle, room.threads
        self._freed, self._bell = threading.Event(), Bell()
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._scheduler = Scheduler(url, self.name, room)
        self._config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": url,
            "application_version": VERSION,
            "executor_id": self.name,
            "log_level": "WARNING",
            "sys_db_pool_size": room.threads + 6,
        }

    def start(self) -> None:
        """Begin to take work."""
        while not self._locks.hold(self.name):
            threading.Event().wait(WATCH_SECONDS)
        dbos = DBOS(config=self._config)
        quiet()

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def answer(encoded: dict[str, Any]) -> str:
            return self._work(encoded)

        DBOS.listen_queues([])
        DBOS.launch()
        queue = DBOS.register_queue(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=self._threads,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )
        # Not public, but what DBOS itself runs for a queue that it listens to: only so can it be called.
        dbos.background_thread_stop_events.append(self._bell)
        threading.Thread(target=queue_worker_thread, args=(self._bell, dbos, queue), daemon=True).start()
        threading.Thread(target=self._give_turns, daemon=True).start()

    def watch(self) -> None:
        """Show that this process lives, and give back to the queue what others left when they were killed."""
        try:
            self._locks.hold(self.name)
            running = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
            others = {one.executor_id for one in running if one.executor_id} - {self.name}
            gone = [name for name in others if not self._locks.is_held(name)]
        except SQLAlchemyError as lost:
            _LOG.warning("the database does not answer: %s", type(lost).__name__)
            return
        if gone:
            # Not public, but what DBOS itself calls at a start: it takes only what still belongs to the dead process.
            DBOS._recover_pending_workflows(gone)
            _LOG.info("work of %s was taken over", ", ".join(gone))

    def stop(self, seconds: int) -> None:
        """Take no more, and let what is begun end within ``seconds``; the rest stays on disk."""
        self._bell.set()
        _LOG.info("told to stop: what is begun has %d s to end", seconds)
        DBOS.destroy(workflow_completion_timeout_sec=seconds)
        self._scheduler.close()

    def _give_turns(self) -> None:
        """Let work come to the workers' queue when it can be begun, and call DBOS to it, until told to stop."""
        pause = LOOK_SECONDS
        while not self._bell.is_set():
            try:
                self._look()
            except QueueError as away:
                _LOG.warning("no work was given its turn: %s", away)
                pause = WATCH_SECONDS
            is_freed = self._freed.wait(pause)
            self._freed.clear()
            pause = SOON_SECONDS if is_freed else min(LOOK_SECONDS, 2 * pause)

    def _look(self) -> None:
        seen = self._scheduler.look()
        given = self._scheduler.give_turns() if seen.waiting else 0
        if seen.ready or given:
            self._bell.ring()

    def _work(self, encoded: dict[str, Any]) -> str:
        """Do a job, again from its start where the database was away meanwhile: it cannot end without it anyway."""
        work = decode(encoded)
        while True:
            try:
                return self._once(work)
            except QueueError as away:
                _LOG.warning("delivery %s: begun again: %s", work.delivery, away)
            except Exception:
                _LOG.exception("delivery %s: the work failed", work.delivery)
                raise
            finally:
                self._freed.set()
            threading.Event().wait(WATCH_SECONDS)

    def _once(self, work: Work) -> str:
        try:
            return self._handle(work, self._attempt(work))
        except Postponed as later:
            return self._postpone(work, later)

    def _attempt(self, work: Work) -> Attempt:
        def is_superseded() -> bool:
            return any(supersedes(one, work) for one in self._inbox.waiting(partition(work)))

        return Attempt(self._inbox.starts(work.delivery), _turns(work), is_superseded)

    def _postpone(self, work: Work, later: Postponed) -> str:
        """Put the work back under a name that tells how often: the same one when this is done twice."""
        turn = _turns(work) + 1
        if turn > MOST_TURNS and not later.patient:
            _LOG.error("delivery %s: the work failed for good: %s", work.delivery, later)
            raise later
        seconds = min(LONGEST_PAUSE, later.seconds * 2 ** (turn - 1)) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads the work, guards nothing
        self._inbox.submit(replace(work, delivery=f"{work.delivery.partition('~')[0]}~{turn}"), seconds=seconds)
        _LOG.info("delivery=%s postponed=%.0f reason=%s", work.delivery, seconds, later)
        return "postponed"


def _turns(work: Work) -> int:
    """How often it was postponed."""
    return int(work.delivery.partition("~")[2] or 0)
