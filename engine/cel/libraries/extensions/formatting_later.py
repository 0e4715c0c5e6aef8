"""``"...".format([...])`` as of version 4 of cel-go's strings (ext/formatting_v2.go), which no locale changes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from engine.cel.libraries.extensions.formatting import filled
from engine.cel.moments import show_duration, show_timestamp
from engine.cel.types import Type
from engine.cel.values import Duration, Timestamp, Value, type_of
from engine.values import golang

_PRECISION: Final = 6
_MOST_PRECISION: Final = 100
_FAULTS: Final = {
    "s": "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
    "and timestamps",
    "d": "decimal clause can only be used on ints, uints, and doubles",
    "f": "fixed-point clause can only be used on ints, uints, and doubles",
    "e": "scientific clause can only be used on ints, uints, and doubles",
    "b": "only ints, uints, and bools can be formatted as binary",
    "x": "only ints, uints, bytes, and strings can be formatted as hex",
    "X": "only ints, uints, bytes, and strings can be formatted as hex",
    "o": "octal clause can only be used on ints and uints",
}


def format(text: str, arguments: list[Value]) -> str:
    """The text with its clauses (``%s``, ``%.2f``) replaced by the arguments in turn."""

    def fill(letter: str, precision: int | None, place: int) -> str:
        return _formatted(letter, precision, arguments[place])

    return filled(text, len(arguments), fill, _MOST_PRECISION)[0]


def _formatted(letter: str, precision: int | None, value: Value) -> str:
    if letter == "s":
        return _string(value)
    shown = None
    if isinstance(value, bool):
        shown = f"{value:b}" if letter == "b" else None
    elif isinstance(value, (int, float)):
        shown = _number(letter, _PRECISION if precision is None else precision, value)
    elif letter in "xX" and isinstance(value, (str, bytes)):
        shown = (value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value).hex()
        shown = shown.upper() if letter == "X" else shown
    if shown is None:
        raise _misfit(letter, value)
    return shown


def _number(letter: str, precision: int, number: Value) -> str | None:
    if letter in "fe":
        return f"{float(number):.{precision}{letter}}" if math.isfinite(number) else _double(number)
    if isinstance(number, float):
        return _double(number) if letter == "d" else None
    return f"{int(number):{letter}}"


def _double(number: float) -> str:
    if math.isfinite(number):
        return golang.float_text(number, "f")
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _string(value: Value) -> str:
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return value
        case bytes():
            return value.decode("utf-8", "replace")
        case int():
            return str(int(value))
        case float():
            return _double(value)
        case list():
            return f"[{', '.join(map(_string, value))}]"
        case Mapping():
            pairs = sorted((_string(key), _string(item)) for key, item in value.items())
            return "{" + ", ".join(f"{key}: {item}" for key, item in pairs) + "}"
        case Timestamp():
            return show_timestamp(Timestamp(value.nanoseconds))
        case Duration():
            return show_duration(value)
        case Type():
            return value.name
    raise _misfit("s", value)


def _misfit(letter: str, value: Value) -> ValueError:
    return ValueError(f"{_FAULTS[letter]}, was given {type_of(value).name}")
