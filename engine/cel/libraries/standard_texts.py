"""Sizes and tests of texts (upstream: cel-go common/stdlib/standard.go, common/types/string.go)."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from engine.cel.costs import by_second, of_match, of_substring
from engine.cel.functions import Cost, Function, Implementation, Overload, free, function, member
from engine.cel.patterns import matches
from engine.cel.types import BOOL, BYTES, INT, STRING, list_of, map_of, parameter

_LIST, _MAP = list_of(parameter("A")), map_of(parameter("A"), parameter("B"))
_SIZED: Final = {"bytes": BYTES, "list": _LIST, "map": _MAP, "string": STRING}


def _refusing(refusal: str, *overloads: Overload) -> tuple[Overload, ...]:
    """Overloads that upstream implements at once, with other words for what they refuse."""
    return tuple([structs.replace(overload, refusal=refusal) for overload in overloads])


def _text_test(name: str, word: str, run: Implementation, cost: Cost) -> Function:
    test = member(f"{word}_string", (STRING, STRING), BOOL, run, cost)
    return function(name, *_refusing("no such overload", test))


TEXTS: Final = (
    function(
        "size",
        *_refusing("no such overload: size", *(free(f"size_{of}", (kind,), INT, len) for of, kind in _SIZED.items())),
        *_refusing("no such overload: size", *(member(f"{of}_size", (kind,), INT, len) for of, kind in _SIZED.items())),
    ),
    _text_test("contains", "contains", str.__contains__, of_substring),
    _text_test("endsWith", "ends_with", str.endswith, by_second),
    _text_test("startsWith", "starts_with", str.startswith, by_second),
    function(
        "matches",
        *_refusing(
            "no such overload: matches",
            free("matches", (STRING, STRING), BOOL, matches, of_match),
            member("matches_string", (STRING, STRING), BOOL, matches, of_match),
        ),
    ),
)
