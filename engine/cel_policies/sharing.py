"""Answers shared by requests that say the same where a policy looks, as those of other rules are (rules.sharing).

The compiled expressions themselves tell where they look: nothing of a policy is guessed from its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import Final

from engine.cel.environment import Program
from engine.cel.values import Value
from engine.cel_policies.request import CelRequest
from engine.model import Path, RuleResponse

_MOST_KNOWN: Final = 1024
_METADATA: Final = "metadata"
"""Where names stand: hardly any two resources say the same there."""
_ELSEWHERE: Final = ("variables", "request")
"""``variables`` have programs of their own; of the request the operation alone is no obstacle."""


def looks_at(programs: Iterable[Program]) -> Path | None:
    """The part of the object that, with the operation, alone decides what all of the programs give.

    None where there is no such part, or something else has a say. ``programs`` are all those of a policy: those of
    its variables too.
    """
    parts: list[Path] = []
    for program in programs:
        if program.reads is None:
            return None
        for name, *fields in program.reads:
            if name == "object" and fields and fields[0] != _METADATA:
                parts.append(tuple(fields))
            elif name not in _ELSEWHERE or (name == "request" and fields[:1] != ["operation"]):
                return None
    return tuple(level[0] for level in takewhile(lambda level: len(set(level)) == 1, zip(*parts, strict=False))) or None


class Shared:
    """Gives a policy's answers, one for all requests that say the same at ``part``; None shares nothing."""

    __slots__ = ("_known", "_part")

    def __init__(self, part: Path | None) -> None:
        self._part = part
        self._known: dict[bytes, RuleResponse] = {}

    def answer(self, request: CelRequest, judge: Callable[[dict[str, Value]], RuleResponse]) -> RuleResponse:
        """What is known, or what the judge says of what expressions can read."""
        key = None if self._part is None else request.content(self._part)
        if key is None:
            return judge(request.readable())
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = judge(request.readable())
        return found
