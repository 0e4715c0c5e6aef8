"""Semantic versions and their ranges (upstream: blang/semver, range.go)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation
from engine.jmespath.signatures import Table, function
from engine.values import version as versions

TABLE: Table = {}
_function = partial(function, TABLE)

_Test: TypeAlias = tuple[Callable[[Any, Any], bool], versions.Version]

_NUMBER: Final = re.compile(r"0|[1-9][0-9]*")
_COMPARATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "": operator.eq,
    "=": operator.eq,
    "==": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "!": operator.ne,
    "!=": operator.ne,
}


@_function("semver_compare", "string", "string", result="bool")
def semver_compare(_evaluation: Evaluation, version: str, wanted: str) -> bool:
    """tells whether a version is in a range such as >=1.2.0 <2.0.0; what is no version counts as 0.0.0"""
    try:
        key = versions.parse(version)
    except ValueError:
        key = versions.ZERO
    try:
        return any(all(compare(key, bound) for compare, bound in tests) for tests in _range(wanted))
    except ValueError as error:
        raise QueryError(str(error)) from error


@lru_cache(maxsize=256)
def _range(text: str) -> tuple[tuple[_Test, ...], ...]:
    """Alternatives of tests that must all hold."""
    alternatives = _alternatives(_words(text))
    expanded = [[test for word in words for test in _expanded(word)] for words in alternatives]
    return tuple(tuple(map(_test, words)) for words in expanded)


def _words(text: str) -> list[str]:
    """The text split at spaces that do not follow a comparator; words of one character get lost, as upstream's do."""
    words, start, before = [], 0, ""
    for position, char in enumerate(text):
        if char != " ":
            before = char
        elif before not in (">", "<", "="):
            if start < position - 1:
                words.append(text[start:position])
            start = position + 1
    if start < len(text) - 1:
        words.append(text[start:])
    return [word.replace(" ", "") for word in words]


def _alternatives(words: list[str]) -> list[list[str]]:
    parts: list[list[str]] = []
    start = 0
    for position, word in enumerate(words):
        if word == "||":
            if position == 0:
                raise ValueError("First element in range is '||'")
            parts.append(words[start:position])
            start = position + 1
    if start == len(words):
        raise ValueError("Last element in range is '||'")
    return [*parts, words[start:]]


def _cut(word: str) -> tuple[str, str]:
    """Comparator and version."""
    for position, char in enumerate(word):
        if char.isdecimal():
            return word[:position].strip(), word[position:]
    raise ValueError(f'Could not get version from string: "{word}"')


def _expanded(word: str) -> list[str]:
    """The tests that a wildcard such as ``1.x`` stands for; the word itself if it has none."""
    if "x" not in word:
        return [word]
    comparator, version = _cut(word)
    parts = version.split(".")
    flat = version.replace(".x.x", ".x", 1).replace(".x", ".0", 1)
    if flat.count(".") == 1:
        flat += ".0"
    above = _raised(flat, len(parts) if parts[-1] == "x" else 0)
    match comparator:
        case ">":
            return [f">={above}"]
        case ">=" | "<":
            return [comparator + flat]
        case "<=":
            return [f"<{above}"]
        case "" | "=" | "==":
            return [f">={flat}", f"<{above}"]
        case "!=" | "!":
            return [f"<{flat}", f">={above}"]
    return [""]


def _raised(version: str, parts: int) -> str:
    """The first version that the wildcard, the last of so many parts, does not cover."""
    position = {3: 1, 2: 0}.get(parts)
    numbers = version.split(".")
    if position is None or not _NUMBER.fullmatch(numbers[position]) or len(numbers[position]) > 18:
        return ""
    numbers[position] = str(int(numbers[position]) + 1)
    return ".".join(numbers)


def _test(word: str) -> _Test:
    comparator, text = _cut(word)
    compare = _COMPARATORS.get(comparator)
    if compare is None:
        raise ValueError(f'Could not parse Range "{word}": Could not parse comparator "{comparator}" in "{word}"')
    try:
        return compare, versions.parse(text)
    except ValueError as error:
        raise ValueError(
            f'Could not parse Range "{word}": Could not parse version "{text}" in "{word}": {error}'
        ) from None
