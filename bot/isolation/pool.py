"""Evaluators kept by the service: each judges one thing at a time, and is killed and replaced when it passes a bound.

What the others judge goes on. The service keeps the credentials and answers an evaluator's questions about trees.
"""

from __future__ import annotations

import logging
import os
import queue
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from bot.isolation import wire
from bot.isolation.wire import AskContents, AskEntries, Broke, Contents, Entries, Judged, Missing
from bot.model import Judgement, Source, SourceError, Tree

_LOG: Final = logging.getLogger(__name__)
_INHERITED: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONSAFEPATH", "TZ")
"""What an evaluator may know of the service's environment, which holds secrets."""

_MOST_JUDGEMENTS: Final = 200
"""After so many an evaluator is replaced: what its caches hold does not grow for ever."""


class EvaluatorFaultError(Exception):
    """A fault of preadmit itself in an evaluator; ``str()`` names it and its places."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one judgement: seconds of evaluation (waiting for GitHub not counted) and megabytes of address space."""

    seconds: float = 60.0
    megabytes: int = 1024


class _Evaluator:
    """One process and the socket to it."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self.judged = 0
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this program itself, with numbers as arguments
                [sys.executable, "-m", "bot.isolation.evaluator", str(theirs.fileno()), str(bounds.megabytes)],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            )
        self._channel = ours

    def end(self) -> None:
        """Kill it."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def judge(self, source: Source) -> Judgement:
        """Judge; raises SourceError (also when a bound was passed), EvaluatorFaultError, wire.WireError."""
        self.judged += 1
        snapshot = source.fetch()
        trees: dict[str, Tree] = {name: getattr(snapshot, name) for name in wire.TREES}
        wire.send(self._channel, wire.order(snapshot))
        left = self._bounds.seconds
        while True:
            asked, left = self._hear(left)
            match asked:
                case Judged(judgement):
                    return judgement
                case Missing(message, advice):
                    raise SourceError(message, advice)
                case Broke("MemoryError"):
                    self._out_of_memory()
                case Broke(fault):
                    raise EvaluatorFaultError(fault)
                case _:
                    wire.send(self._channel, _told(trees, asked))

    def _hear(self, left: float) -> tuple[Any, float]:
        """The next message, and the seconds that are left after it."""
        began = time.monotonic()
        self._channel.settimeout(max(left, 0.001))
        try:
            asked = wire.receive(self._channel, wire.FromEvaluator)
        except TimeoutError:
            raise SourceError(
                f"judging this change takes longer than {self._bounds.seconds:g} seconds",
                "a policy or a manifest asks for very much work; the service's limit is PREADMIT_EVALUATION_SECONDS",
            ) from None
        except wire.WireError:
            if self._process.poll() in (None, 0):
                raise
            self._out_of_memory()
        self._channel.settimeout(None)
        return asked, left - (time.monotonic() - began)

    def _out_of_memory(self) -> NoReturn:
        raise SourceError(
            f"judging this change needs more than {self._bounds.megabytes} MB of memory, or ended its evaluator",
            "a policy or a manifest asks for very much work; the service's limit is PREADMIT_EVALUATION_MEGABYTES",
        )


def _told(trees: dict[str, Tree], asked: AskEntries | AskContents) -> Entries | Contents | Missing:
    """The answer to a question about a tree; paths that it does not have are no question that we ask."""
    try:
        entries = trees[asked.tree].entries()
        match asked:
            case AskEntries():
                return Entries(tuple(entries.values()))
            case AskContents(_, paths):
                return Contents(dict(trees[asked.tree].read([entries[path] for path in paths])))
    except SourceError as missing:
        return Missing(str(missing), missing.advice)


class Evaluators:
    """Judging apart from the service: calling it is like calling the pipeline. Safe to share by threads."""

    def __init__(self, bounds: Bounds, start: Callable[[Bounds], _Evaluator] = _Evaluator) -> None:
        self._bounds, self._start = bounds, start
        self._idle: queue.LifoQueue[_Evaluator] = queue.LifoQueue()

    def __call__(self, source: Source) -> Judgement:
        """Judge in an evaluator; raises SourceError, EvaluatorFaultError."""
        evaluator = self._take()
        sound = False
        try:
            judgement = evaluator.judge(source)
            sound = True
            return judgement
        except wire.WireError as gone:
            raise EvaluatorFaultError(f"an evaluator ended: {gone}") from None
        finally:
            if sound and evaluator.judged < _MOST_JUDGEMENTS:
                self._idle.put(evaluator)
            else:
                evaluator.end()

    def close(self) -> None:
        """End those that are idle."""
        while True:
            try:
                self._idle.get_nowait().end()
            except queue.Empty:
                return

    def _take(self) -> _Evaluator:
        """The one that was used last, whose caches are warm; a new one where all are busy."""
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._start(self._bounds)
