"""Large work shared among processes: each is a copy of this one with all that it has loaded and compiled."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

_WORTH = 200
"""Resources that one process judges at least: a copy costs as much as judging ten to twenty of them."""
_MOST = 4
"""Each copy takes memory of its own, and what loads and writes stays in one process."""


def shares(items: Sequence[Item]) -> list[Sequence[Item]]:
    """The items in as many parts of one size as it pays to judge at the same time; at least one part."""
    count = max(1, min(_available(), _MOST, len(items) // _WORTH))
    size = -(-len(items) // count)
    return [items[start : start + size] for start in range(0, max(len(items), 1), max(size, 1))]


def _available() -> int:
    """The processors that this process may use; 1 where copying a process is not safe (macOS) or not possible."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


class Copy:
    """A copy of this process that does one thing, writes what came of it into a pipe, and is gone."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        sys.stdout.flush()
        gc.freeze()  # what is there stays: to look through it would copy all its memory
        self._reads, writes = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            _work(work, writes)
        os.close(writes)

    def result(self) -> bytes | None:
        """What it made; None where it came to harm, and its work is left to do."""
        with open(self._reads, "rb") as pipe:
            made = pipe.read()
        _, status = os.waitpid(self._process, 0)
        return made if status == 0 else None


def _work(work: Callable[[], bytes], writes: int) -> None:
    """Never returns: nothing of this process's own, such as what it has yet to write, may happen twice."""
    status = 1
    try:
        with open(writes, "wb") as pipe:
            pipe.write(work())
        status = 0
    finally:
        os._exit(status)
