"""The evaluator: a process that judges what it is given over one socket, and can do nothing else.

It has no credentials, its memory is bounded, and opening connections, files for writing or programs ends it: should a
hostile manifest ever take it over, there is little to take. ``python -m bot.isolation.evaluator FD MEGABYTES LIMITS``.
"""

from __future__ import annotations

import os
import resource
import socket
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

import msgspec

from bot.isolation import wire
from bot.isolation.wire import AskContents, AskEntries, Broke, Contents, Entries, Judged, Missing, Order
from bot.limits import Limits
from bot.model import Entry, Snapshot, SourceError

_FORBIDDEN: Final = ("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.", "os.exec", "os.posix_spawn")
_FORBIDDEN_TOO: Final = frozenset({"os.fork", "os.forkpty", "os.system", "ctypes.dlopen", "os.remove", "os.rename"})
_MEGABYTE: Final = 1 << 20


class _Tree:
    """A tree whose owner is asked over the socket."""

    def __init__(self, channel: socket.socket, name: wire.TreeName) -> None:
        self._channel, self._name = channel, name
        self.ref, self.sha = name.ref, name.sha

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        wire.send(self._channel, AskEntries(self._name.field))
        match wire.receive(self._channel, Entries | Missing):
            case Entries(entries):
                return {entry.path: entry for entry in entries}
            case missing:
                raise SourceError(missing.message, missing.advice)

    def entries(self) -> Mapping[str, Entry]:
        return self._entries

    def read(self, entries: Iterable[Entry]) -> Mapping[str, bytes]:
        paths = tuple(entry.path for entry in entries)
        if not paths:
            return {}
        wire.send(self._channel, AskContents(self._name.field, paths))
        match wire.receive(self._channel, Contents | Missing):
            case Contents(contents):
                return contents
            case missing:
                raise SourceError(missing.message, missing.advice)


@dataclass(frozen=True, slots=True)
class _Source:
    """The snapshot that an order describes."""

    channel: socket.socket
    order: Order

    def fetch(self) -> Snapshot:
        trees: dict[str, Any] = {}
        by_commit: dict[str, _Tree] = {}
        for name in self.order.trees:  # one commit's tree is one tree, whichever fields name it
            trees[name.field] = by_commit.setdefault(f"{name.ref} {name.sha}", _Tree(self.channel, name))
        return Snapshot(**trees, **self.order.rest, problems=self.order.problems)


def serve(channel: socket.socket, limits: Limits) -> None:
    """Answer orders until the other side is gone."""
    from bot.pipeline import judge

    while True:
        try:
            asked = wire.receive(channel, Order)
        except wire.WireError:
            return
        answer: Judged | Missing | Broke
        try:
            answer = Judged(judge(_Source(channel, asked), limits))
        except SourceError as missing:
            answer = Missing(str(missing), missing.advice)
        except MemoryError:
            answer = Broke("MemoryError")
        except Exception as fault:  # noqa: BLE001 - every fault of ours is told to the one who asked
            answer = Broke(_described(fault))
        wire.send(channel, answer)


def _described(fault: Exception) -> str:
    """The fault and its places; not its text, which may quote what is judged at any length."""
    steps = [f"{Path(step.filename).name}:{step.lineno}" for step in extract_tb(fault.__traceback__)[:-6:-1]]
    return f"{type(fault).__name__} at {' < '.join(steps)}"


def _confine(megabytes: int) -> None:
    """Bound the memory, write no core, and refuse what judging never needs."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * _MEGABYTE, megabytes * _MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        mode, flags = arguments[1], arguments[2]
        writes = (
            any(letter in mode for letter in "wax+") if isinstance(mode, str) else flags & (os.O_WRONLY | os.O_RDWR)
        )
        if writes:
            raise PermissionError("an evaluator writes no files")
    elif event.startswith(_FORBIDDEN) or event in _FORBIDDEN_TOO:
        raise PermissionError(f"an evaluator does not do this: {event}")


def main(arguments: list[str]) -> None:
    """Serve the socket whose number is given, within so many megabytes and the limits, which are JSON."""
    import bot.pipeline  # noqa: F401 - before the bounds, so that starting is never what they stop

    channel = socket.socket(fileno=int(arguments[0]))
    limits = msgspec.json.decode(arguments[2], type=Limits)
    _confine(int(arguments[1]))
    try:
        serve(channel, limits)
    except wire.WireError:
        sys.exit(0)  # whoever asked has gone


if __name__ == "__main__":
    main(sys.argv[1:])
