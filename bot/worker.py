"""Work outside the request: one seam, ``Queue``, behind which jobs wait; here they wait in memory.

Jobs of one pull request are done one after another in their order, those of different ones side by side.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from bot.jobs import Work

MOST_WAITING: Final = 10_000
_LOG: Final = logging.getLogger(__name__)


class QueueFullError(Exception):
    """No more jobs are taken; the delivery can be sent again later."""


class Queue(Protocol):
    """Where accepted jobs wait."""

    def submit(self, job: Work) -> None:
        """Take a job, at once; raises QueueFullError."""

    def close(self, seconds: float) -> bool:
        """Take no more, finish what is there within ``seconds``; False when something was left."""


Partition = tuple[str, int | str]


def partition(job: Work) -> Partition:
    """What must not be worked on twice at a time: a pull request, a commit, a branch."""
    return job.repository.lower(), job.topic


class ThreadQueue:
    """Jobs in memory, done by a pool of threads that begins with the first job."""

    def __init__(self, handle: Callable[[Work], None], threads: int = 4, most_waiting: int = MOST_WAITING) -> None:
        self._handle, self._threads, self._most = handle, threads, most_waiting
        self._waiting: deque[Work] = deque()
        self._busy: set[Partition] = set()
        self._pool: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._closed = False

    def submit(self, job: Work) -> None:
        """Take a job, at once; raises QueueFullError."""
        with self._changed:
            if self._closed or len(self._waiting) >= self._most:
                raise QueueFullError("the service is stopping" if self._closed else "too many jobs wait")
            self._waiting.append(job)
            if len(self._pool) < self._threads:
                thread = threading.Thread(target=self._work, name=f"judge-{len(self._pool)}", daemon=True)
                self._pool.append(thread)
                thread.start()
            self._changed.notify()

    def close(self, seconds: float) -> bool:
        """Take no more, finish what is there within ``seconds``; False when something was left."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout=seconds)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._handle(job)
            except Exception:  # noqa: BLE001 - the last resort of a thread: the others' work must go on
                _LOG.exception("delivery %s: the work failed", job.delivery)
            finally:
                with self._changed:
                    self._busy.discard(partition(job))
                    self._changed.notify_all()

    def _next(self) -> Work | None:
        """The oldest job whose pull request is not being worked on; None at the end."""
        with self._changed:
            while True:
                for index, job in enumerate(self._waiting):
                    if partition(job) not in self._busy:
                        del self._waiting[index]
                        self._busy.add(partition(job))
                        return job
                if self._closed and not self._waiting:
                    return None
                self._changed.wait()
