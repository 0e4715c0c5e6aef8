"""Globs over the paths of a repository, matched in time linear in pattern times path, whatever the pattern.

``*`` stands for any characters but ``/``, ``?`` for one of them, ``**`` as a whole part for any number of directories.
A pattern whose last part has no wildcard also names a directory with all that is in it. A pattern that begins with
``!`` takes away what the others match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

MAX_LENGTH: Final = 500
_ANY_DEPTH: Final = "**"
_EVERYTHING: Final = ((_ANY_DEPTH,),)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Globs:
    """A compiled list of patterns."""

    patterns: tuple[str, ...]
    _wanted: tuple[tuple[str, ...], ...]
    _unwanted: tuple[tuple[str, ...], ...]

    def match(self, path: str) -> bool:
        """True when a pattern matches the path (with ``/``, relative to the root) and none takes it away."""
        if self._wanted == _EVERYTHING and not self._unwanted:
            return True  # the default, asked of every file of a repository
        parts = path.split("/")
        return _any(self._wanted, parts) and not _any(self._unwanted, parts)


def compile_globs(patterns: Iterable[str]) -> Globs:
    """Compile patterns; a list of only ``!`` patterns takes away from everything. Raises ValueError on a bad one."""
    given = tuple(patterns)
    wanted = [_parts(pattern) for pattern in given if not pattern.startswith("!")]
    unwanted = [_parts(pattern[1:]) for pattern in given if pattern.startswith("!")]
    return Globs(given, tuple(wanted) or _EVERYTHING, tuple(unwanted))


def _parts(pattern: str) -> tuple[str, ...]:
    if fault := _fault(pattern):
        raise ValueError(fault)
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if not parts:
        return (_ANY_DEPTH,)
    is_folder = pattern.endswith("/") or not ("*" in parts[-1] or "?" in parts[-1])
    return (*parts, _ANY_DEPTH) if is_folder else tuple(parts)


def _fault(pattern: str) -> str:
    """What is wrong with a pattern. What other tools give a meaning to is refused, lest it match nothing unnoticed."""
    if not pattern:
        return "the pattern is empty"
    if len(pattern) > MAX_LENGTH:
        return f"the pattern is longer than {MAX_LENGTH} characters"
    if ".." in pattern.split("/"):
        return "a pattern cannot leave the repository with '..'"
    odd = next((c for c in pattern if c in "[]{}\\" or ord(c) < 32), "")
    if odd:
        return f"{odd!r} has no meaning in a pattern; use *, ** and ?, one pattern for each alternative"
    return ""


def _any(patterns: Sequence[tuple[str, ...]], parts: Sequence[str]) -> bool:
    return any(_match(pattern, parts, _ANY_DEPTH, _match_part) for pattern in patterns)


def _match_part(pattern: str, part: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return pattern == part
    return _match(pattern, part, "*", _match_character)


def _match_character(pattern: str, character: str) -> bool:
    return pattern in ("?", character)


def _match(pattern: Sequence[T], items: Sequence[T], star: T, equal: Callable[[T, T], bool]) -> bool:
    """Whether the items follow the pattern, where ``star`` stands for any number; only the last one is retried."""
    at = item = 0
    resume: tuple[int, int] | None = None
    while item < len(items):
        if at < len(pattern) and pattern[at] == star:
            at, resume = at + 1, (at + 1, item)
        elif at < len(pattern) and equal(pattern[at], items[item]):
            at, item = at + 1, item + 1
        elif resume is not None:
            at, item = resume[0], resume[1] + 1
            resume = (at, item)
        else:
            return False
    return all(rest == star for rest in pattern[at:])
