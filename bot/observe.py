"""Where the service tells what it does, for whoever watches it; nobody does until somebody is installed.

The seam keeps metrics and traces out of the CLI's start, and out of the code that does the work.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager


class Observer:
    """Told of everything; this one does nothing with it."""

    def delivery(self, event: str, outcome: str) -> None:
        """A delivery was ``accepted``, ``ignored``, ``refused`` or ``turned away``."""

    def request(self, verb: str, status: int, remaining: int | None) -> None:
        """GitHub answered (0: it did not); ``remaining`` is what is left of the hour's limit, where it said so."""

    def job(self, outcome: str, stages: Mapping[str, float]) -> None:
        """Work ended; ``stages`` are seconds by stage, in their order."""

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[None]:
        """Something that takes time, while the context lasts."""
        return _nothing()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


_current = Observer()


def install(observer: Observer) -> None:
    """Tell this one from now on."""
    global _current
    _current = observer


def observer() -> Observer:
    """Whom to tell."""
    return _current


class Stages:
    """The seconds of one job, by stage, in the order in which the stages began."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what is done meanwhile to the stage."""
        began = self._clock()
        try:
            with observer().span(name):
                yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + self._clock() - began
