"""Semantic versions, strictly parsed and ordered (upstream: github.com/blang/semver/v4, Parse and Compare)."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from engine.regex import later

Version: TypeAlias = tuple[int, int, int, tuple[tuple[int, int | str], ...]]
"""Major, minor, patch and the pre-release parts: tuples compare as versions do, a release after its pre-releases."""

ZERO: Version = (0, 0, 0, ((2, 0),))

_WORD = later(r"[0-9A-Za-z-]+")
_LONGEST = 1_000
_MOST = (1 << 64) - 1


@lru_cache(maxsize=1024)
def try_parse(text: str) -> Version | None:
    """The version, or None where blang's Parse fails: no ``v``, three numbers, no leading zeroes, 64 bits."""
    try:
        return parse(text) if len(text) <= _LONGEST else None
    except ValueError:
        return None


def parse(text: str) -> Version:
    """The version; ValueError with upstream's text."""
    if not text:
        raise ValueError("Version string empty")
    parts = text.split(".", 2)
    if len(parts) != 3:
        raise ValueError("No Major.Minor.Patch elements found")
    major, minor = _part(parts[0], "Major"), _part(parts[1], "Minor")
    core, _, build = parts[2].partition("+")
    number, dash, prerelease = core.partition("-")
    patch = _part(number, "Patch")
    identifiers = tuple(map(_identifier, prerelease.split("."))) if dash else ZERO[3]
    if "+" in parts[2]:
        _check_build(build)
    return major, minor, patch, identifiers


def _part(text: str, name: str) -> int:
    if not all("0" <= char <= "9" for char in text):
        raise ValueError(f'Invalid character(s) found in {name.lower()} number "{text}"')
    if len(text) > 1 and text[0] == "0":
        raise ValueError(f'{name} number must not contain leading zeroes "{text}"')
    return _unsigned(text)


def _unsigned(text: str) -> int:
    if not text:
        raise ValueError('strconv.ParseUint: parsing "": invalid syntax')
    number = int(text) if len(text) <= 20 else _MOST + 1
    if number > _MOST:
        raise ValueError(f'strconv.ParseUint: parsing "{text}": value out of range')
    return number


def _identifier(text: str) -> tuple[int, int | str]:
    if not text:
        raise ValueError("Prerelease is empty")
    if all("0" <= char <= "9" for char in text):
        if len(text) > 1 and text[0] == "0":
            raise ValueError(f'Numeric PreRelease version must not contain leading zeroes "{text}"')
        return (0, _unsigned(text))
    if not _WORD.fullmatch(text):
        raise ValueError(f'Invalid character(s) found in prerelease "{text}"')
    return (1, text)


def _check_build(build: str) -> None:
    for part in build.split("."):
        if not part:
            raise ValueError("Build meta data is empty")
        if not _WORD.fullmatch(part):
            raise ValueError(f'Invalid character(s) found in build meta data "{part}"')
