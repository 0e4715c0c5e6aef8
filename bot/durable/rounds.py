"""What one of all the workers does every few minutes, beginning with its start."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from typing import Final

from bot.durable.locks import Locks

FIRST_SECONDS: Final = 60.0
"""From the first round to the second, which sees what had just changed in the first."""

_LOG: Final = logging.getLogger(__name__)


class Rounds:
    """Calls ``round`` at once and then every ``seconds``, as long as no other worker holds the lock ``name``."""

    def __init__(self, locks: Locks, name: str, round: Callable[[], object], seconds: float) -> None:
        self._locks, self._name, self._round, self._seconds = locks, name, round, seconds

    def start(self, told: threading.Event) -> None:
        """Begin, beside everything else."""
        threading.Thread(target=self.run, args=(told,), daemon=True).start()

    def run(self, told: threading.Event) -> None:
        """Go on until told to stop."""
        pause = min(FIRST_SECONDS, self._seconds)
        while True:
            if self._locks.hold(self._name):
                self._try()
                wait, pause = pause, self._seconds
            else:
                wait = FIRST_SECONDS
            if told.wait(wait * random.uniform(0.9, 1.1)):  # noqa: S311 - spreads the rounds, guards nothing
                return

    def _try(self) -> None:
        try:
            self._round()
        except Exception:  # noqa: BLE001 - the next round comes, whatever became of this one
            _LOG.exception("a round failed")
