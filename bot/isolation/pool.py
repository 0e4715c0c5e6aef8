"""Evaluators kept by the service: each judges one thing at a time, and is killed and replaced when it passes a bound.

What the others judge goes on. The service keeps the credentials and answers an evaluator's questions about trees.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import msgspec

from bot.isolation import wire
from bot.isolation.wire import AskContents, AskEntries, Broke, Contents, Entries, Judged, Missing
from bot.limits import DEFAULTS, Limits
from bot.model import Judgement, Snapshot, Source, SourceError, Tree

_LOG: Final = logging.getLogger(__name__)
_INHERITED: Final = (
    *("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ"),
    *("PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONSAFEPATH"),
)
"""What an evaluator may know of the service's environment, which holds secrets."""

_MOST_JUDGEMENTS: Final = 200
"""After so many an evaluator is replaced: what its caches hold does not grow for ever."""


_STARTS: Final = 3
"""Evaluators for one judgement, where each is killed: by somebody, or by a machine that has no memory left."""

_LAST_WORDS: Final = 10.0
"""Seconds in which a process whose socket is closed has ended."""


class _KilledError(Exception):
    """The evaluator was killed from outside."""


class EvaluatorFaultError(Exception):
    """A fault of preadmit itself in an evaluator; ``str()`` names it and its places."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one judgement: seconds of evaluation (waiting for GitHub not counted), megabytes of address space, counts."""

    seconds: float = 60.0
    megabytes: int = 1024
    limits: Limits = DEFAULTS


def _arguments(bounds: Bounds) -> tuple[str, str]:
    return str(bounds.megabytes), msgspec.json.encode(bounds.limits).decode()


class _Evaluator:
    """One process and the socket to it."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self.judged = 0
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this program itself, with numbers as arguments
                [sys.executable, "-m", "bot.isolation.evaluator", str(theirs.fileno()), *_arguments(bounds)],
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

    def judge(self, snapshot: Snapshot) -> Judgement:
        """Judge; raises SourceError (a passed bound, too), EvaluatorFaultError, _KilledError, wire.WireError."""
        self.judged += 1
        trees: dict[str, Tree] = {name: getattr(snapshot, name) for name in wire.TREES}
        self._say(wire.order(snapshot))
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
                    self._say(_told(trees, asked))

    def _say(self, message: wire.ToEvaluator) -> None:
        try:
            wire.send(self._channel, message)
        except wire.WireError:
            self._ended()

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
            self._ended()
        self._channel.settimeout(None)
        return asked, left - (time.monotonic() - began)

    def _ended(self) -> NoReturn:
        """Say why the process is gone; raises what is being handled where it is not."""
        try:
            code = self._process.wait(_LAST_WORDS)
        except subprocess.TimeoutExpired:
            code = 0
        if code == -signal.SIGKILL:
            raise _KilledError
        if code == 0:
            raise wire.WireError("it stopped answering")
        self._out_of_memory()

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
        snapshot = source.fetch()
        for _ in range(_STARTS):
            try:
                return self._judge(snapshot)
            except _KilledError:
                _LOG.warning("an evaluator was killed")
        raise SourceError(
            f"judging this change was killed {_STARTS} times",
            "the machine may have too little memory for PREADMIT_THREADS judgements at a time",
        )

    def warm(self) -> None:
        """Have one ready before it is needed: its start takes longer than a judgement."""
        self._idle.put(self._start(self._bounds))

    def _judge(self, snapshot: Snapshot) -> Judgement:
        evaluator = self._take()
        sound = False
        try:
            judgement = evaluator.judge(snapshot)
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
