"""Semantic versions, strictly parsed and ordered (upstream: github.com/blang/semver/v4, Parse and Compare)."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from engine.regex import later

Version: TypeAlias = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]
"""Major, minor, patch, whether it is a release, and the pre-release parts: tuples compare as versions do."""

_SYNTAX = later(r"([0-9]+)\.([0-9]+)\.([0-9]+)(?:-([0-9A-Za-z.-]*))?(?:\+([0-9A-Za-z.-]*))?")
_LONGEST = 1_000
_LARGEST = (1 << 64) - 1


@lru_cache(maxsize=1024)
def try_parse(text: str) -> Version | None:
    """The version, or None where blang's Parse fails: no ``v``, three numbers, no leading zeroes, 64 bits."""
    matched = _SYNTAX.fullmatch(text) if len(text) <= _LONGEST else None
    if matched is None:
        return None
    major, minor, patch = (_number(group) for group in matched.group(1, 2, 3))
    parts = [] if matched.group(4) is None else [_part(part) for part in matched.group(4).split(".")]
    build = ["-"] if matched.group(5) is None else matched.group(5).split(".")
    if major is None or minor is None or patch is None or not all(build):
        return None
    found = tuple(part for part in parts if part is not None)
    return (major, minor, patch, not found, found) if len(found) == len(parts) else None


def _number(digits: str) -> int | None:
    if len(digits) > 1 and digits[0] == "0":
        return None
    number = int(digits)
    return number if number <= _LARGEST else None


def _part(part: str) -> tuple[bool, int, str] | None:
    """Numbers come before words."""
    if not part.isdigit():
        return (True, 0, part) if part else None
    number = _number(part)
    return None if number is None else (False, number, "")
