"""Wildcards: ``*`` is any text, ``?`` exactly one character (upstream: ext/wildcard over IGLOU-EU/go-wildcard).

Matching takes time proportional to pattern times text at worst, and that is bounded; upstream's recursion is
exponential in stars.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from engine.errors import LimitError

Matcher = Callable[[str], bool]
"""Whether a text matches; raises LimitError where a long wildcard would search a long text for too long."""

_KEPT = 1_000
"""Characters of a wildcard that is kept compiled."""
_MOST_STEPS = 200_000_000


def contains(text: str) -> bool:
    """Whether the text holds a wildcard character."""
    return "*" in text or "?" in text


def match(glob: str, text: str) -> bool:
    """Whether the glob matches the whole text."""
    if "*" not in glob and "?" not in glob:
        return glob == text
    return compile(glob)(text)


def compile(glob: str) -> Matcher:
    """The glob as a predicate, cached; the common shapes cost one comparison."""
    return _cached(glob) if len(glob) <= _KEPT else _compile(glob)


def _compile(glob: str) -> Matcher:
    if not contains(glob):
        return lambda text: text == glob
    stars = glob.strip("*")
    if not stars:
        return lambda text: True
    if not contains(stars):
        return _simple(glob, stars)
    if stars == "?" and "*" in glob:
        return lambda text: text != ""
    return _general(glob)


_cached = lru_cache(maxsize=4096)(_compile)


def _simple(glob: str, literal: str) -> Matcher:
    """One literal with stars before it, after it, or on both sides."""
    if not glob.startswith("*"):
        return lambda text: text.startswith(literal)
    if not glob.endswith("*"):
        return lambda text: text.endswith(literal)
    return lambda text: literal in text


def _general(glob: str) -> Matcher:
    head, *rest = glob.split("*")
    prefix = _segment(head)
    if not rest:
        return lambda text: len(text) == len(head) and prefix.match(text) is not None
    *middle, tail = rest
    suffix = _segment(tail)
    finders = tuple(_finder(piece, len(glob)) for piece in middle if piece)
    shortest = len(head) + len(tail)

    def matches(text: str) -> bool:
        end = len(text) - len(tail)
        if len(text) < shortest or not prefix.match(text) or not suffix.match(text, end):
            return False
        at = len(head)
        for find in finders:
            # Leftmost is enough: whatever a later place would allow, the earliest allows too.
            at = find(text, at, end)
            if at < 0:
                return False
        return True

    return matches


def _finder(piece: str, size: int) -> Callable[[str, int, int], int]:
    """Where the first occurrence of a stretch ends, -1 where there is none; text, first place and end are given."""
    if "?" not in piece:

        def find(text: str, at: int, end: int) -> int:
            found = text.find(piece, at, end)
            return found + len(piece) if found >= 0 else -1

        return find
    segment = _segment(piece)

    def search(text: str, at: int, end: int) -> int:
        if size * (end - at) > _MOST_STEPS:
            raise LimitError(f"wildcard of {size} characters against {len(text)}: more than {_MOST_STEPS} steps")
        found = segment.search(text, at, end)
        return found.end() if found else -1

    return search


def _segment(piece: str) -> re.Pattern[str]:
    """A stretch between stars: literals and single characters, no repetition, so it never backtracks."""
    return re.compile("".join("." if char == "?" else re.escape(char) for char in piece), re.DOTALL)
