"""Wildcards: ``*`` is any text, ``?`` exactly one character (upstream: ext/wildcard over IGLOU-EU/go-wildcard).

Matching takes time proportional to pattern times text at worst; upstream's recursion is exponential in stars.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

Matcher = Callable[[str], bool]


def contains(text: str) -> bool:
    """Whether the text holds a wildcard character."""
    return "*" in text or "?" in text


def match(glob: str, text: str) -> bool:
    """Whether the glob matches the whole text."""
    if "*" not in glob and "?" not in glob:
        return glob == text
    return compile(glob)(text)


@lru_cache(maxsize=4096)
def compile(glob: str) -> Matcher:
    """The glob as a predicate; the common shapes cost one comparison."""
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


def _simple(glob: str, literal: str) -> Matcher:
    """One literal with stars before it, after it, or on both sides."""
    if not glob.startswith("*"):
        return lambda text: text.startswith(literal)
    if not glob.endswith("*"):
        return lambda text: text.endswith(literal)
    return lambda text: literal in text


def _general(glob: str) -> Matcher:
    head, *rest = glob.split("*")
    if not rest:
        return lambda text: len(text) == len(head) and _segment(head).match(text) is not None
    *middle, tail = rest
    prefix, suffix = _segment(head), _segment(tail)
    segments = tuple(_segment(piece) for piece in middle if piece)
    shortest = len(head) + len(tail)

    def matches(text: str) -> bool:
        end = len(text) - len(tail)
        if len(text) < shortest or not prefix.match(text) or not suffix.match(text, end):
            return False
        at = len(head)
        for segment in segments:
            # Leftmost is enough: whatever a later place would allow, the earliest allows too.
            found = segment.search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return True

    return matches


def _segment(piece: str) -> re.Pattern[str]:
    """A stretch between stars: literals and single characters, no repetition, so it never backtracks."""
    return re.compile("".join("." if char == "?" else re.escape(char) for char in piece), re.DOTALL)
