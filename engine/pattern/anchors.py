"""Anchors in the keys of patterns and patches (upstream: pkg/engine/anchor/anchor.go)."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from engine.regex import later
from engine.values import golang


class Kind(Enum):
    """What an anchor asks for; the value is the modifier before the parenthesis."""

    CONDITION = ""
    GLOBAL = "<"
    NEGATION = "X"
    ADD = "+"
    EQUALITY = "="
    EXISTENCE = "^"
    PLAIN = "no anchor"


class Anchor(NamedTuple):
    """A key as written, taken apart; a key without an anchor is PLAIN and its own key."""

    kind: Kind
    key: str

    def __str__(self) -> str:
        return self.key if self.kind is Kind.PLAIN else f"{self.kind.value}({self.key})"


BEFORE_OTHERS = frozenset({Kind.CONDITION, Kind.EXISTENCE, Kind.EQUALITY, Kind.NEGATION})
"""Judged before the other keys of a map (upstream: GetAnchorsResourcesFromMap in anchor/utils.go)."""

NESTED = BEFORE_OTHERS | {Kind.GLOBAL}
"""Whose presence in a value moves the key forward (upstream: getAnchorsFromMap in validate/utils.go)."""

_SYNTAX = later(r"([+<=X^])?\((.+)\)")


@lru_cache(maxsize=4096)
def parse(key: str) -> Anchor:
    """Kind and inner key; blanks around the whole are ignored for anchors only."""
    matched = _SYNTAX.fullmatch(golang.trim_space(key))
    if matched is None:
        return Anchor(Kind.PLAIN, key)
    return Anchor(Kind(matched.group(1) or ""), matched.group(2))
