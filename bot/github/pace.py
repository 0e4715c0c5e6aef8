"""Writes in GitHub's measure: at most so many requests that create content within any minute."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

WRITES_A_MINUTE = 80
"""GitHub's secondary limit on content-creating requests (docs: rate limits for the REST API)."""

_WINDOW = 60.0


class Pacer:
    """Lets ``limit`` calls through in any 60 seconds; the next one waits. Shared by the threads of one installation."""

    def __init__(
        self,
        limit: int = WRITES_A_MINUTE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limit, self._clock, self._sleep = limit, clock, sleep
        self._taken: deque[float] = deque(maxlen=limit)
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when one more write is within the measure."""
        delay = self._reserve()
        if delay > 0:
            self._sleep(delay)

    def _reserve(self) -> float:
        """Take the next free moment and say how far it is; the lock is not held while waiting for it."""
        with self._lock:
            now = self._clock()
            moment = max(now, self._taken[0] + _WINDOW) if len(self._taken) == self._limit else now
            self._taken.append(moment)
            return moment - now
