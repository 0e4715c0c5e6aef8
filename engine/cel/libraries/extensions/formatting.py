"""``"...".format([...])`` of cel-go's strings up to version 3 (ext/formatting.go), in its locale en_US."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from engine.cel.errors import EvaluationError
from engine.cel.libraries.costs import check_text
from engine.cel.moments import show_duration, show_timestamp
from engine.cel.types import Type
from engine.cel.values import Duration, Timestamp, Value, type_of
from engine.values import golang

_PRECISION: Final = 6
_MOST_DIGITS: Final = 1_100
"""Digits that a precision may ask for: more are zeroes in any double."""
_SUPERSCRIPT: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_NUMBERS_IN_WORDS: Final = ("NaN", "Infinity", "-Infinity")

Clause = Callable[[Value], str]
Fill = Callable[[str, int | None, int], str]
"""A clause's letter, its precision and the place of its argument to the text that stands for it."""


def format(text: str, arguments: list[Value]) -> str:
    """The text with its clauses (``%s``, ``%.2f``) replaced by the arguments in turn."""

    def fill(letter: str, precision: int | None, place: int) -> str:
        return _clause(letter, precision)(arguments[place])

    return filled(text, len(arguments), fill)[0]


def filled(text: str, given: int, fill: Fill, most_precision: int = 0) -> tuple[str, int]:
    """The text with its clauses filled, and how many there are; raises EvaluationError if more than given.

    ``most_precision`` bounds what a clause may ask for, unless it is 0.
    """
    built: list[str] = []
    at = taken = length = 0
    while (found := text.find("%", at)) >= 0:
        built.append(text[at:found])
        at = found + 1
        if text.startswith("%", at):
            piece = "%"
            at += 1
        else:
            if taken >= given:
                raise EvaluationError(f"index {taken} out of range")
            at, piece = _formatted(text, at, taken, fill, most_precision)
            taken += 1
        length += len(piece)
        check_text(length)
        built.append(piece)
    built.append(text[at:])
    return "".join(built), taken


def _formatted(text: str, at: int, place: int, fill: Fill, most_precision: int) -> tuple[int, str]:
    """What stands for the clause at a position, and the position after it."""
    if at >= len(text):
        raise EvaluationError("unexpected end of string")
    try:
        at, precision = _precision(text, at, most_precision)
        _check_letter(text[at])
    except ValueError as error:
        raise EvaluationError(f"could not parse formatting clause: {error}") from None
    try:
        return at + 1, fill(text[at], precision, place)
    except ValueError as error:
        raise EvaluationError(f"error during formatting: {error}") from None


def _precision(text: str, at: int, most: int) -> tuple[int, int | None]:
    if text[at] != ".":
        return at, None
    end = at + 1
    while end < len(text) and "0" <= text[end] <= "9":
        end += 1
    if end == len(text):
        raise ValueError("error while parsing precision: could not find end of precision specifier")
    digits = text[at + 1 : end]
    number = golang.parse_int(digits)
    if number is None:
        fault = "value out of range" if digits else "invalid syntax"
        raise ValueError(
            "error while parsing precision: error while converting precision to integer: "
            f'strconv.Atoi: parsing "{digits}": {fault}'
        )
    if 0 < most < number:
        raise ValueError(f"error while parsing precision: precision {number} exceeds maximum allowed precision {most}")
    return end, number


def _check_letter(letter: str) -> None:
    if letter not in LETTERS:
        shown = chr(letter.encode("utf-8", "surrogatepass")[0])  # upstream reads a byte
        raise ValueError(f'unrecognized formatting clause "{shown}"')


def _clause(letter: str, precision: int | None) -> Clause:
    match letter:
        case "f":
            return lambda value: _fixed(_number(value, letter), precision)
        case "e":
            return lambda value: _scientific(_number(value, letter), precision)
    return _PLAIN[letter]


LETTERS: Final = {
    "s": "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
    "and timestamps",
    "d": "decimal clause can only be used on integers",
    "f": "fixed-point clause can only be used on doubles",
    "e": "scientific clause can only be used on doubles",
    "b": "only integers and bools can be formatted as binary",
    "x": "only integers, byte buffers, and strings can be formatted as hex",
    "X": "only integers, byte buffers, and strings can be formatted as hex",
    "o": "octal clause can only be used on integers",
}
"""What is said to values that a clause is not for."""


def misfit(letter: str, type_name: str) -> ValueError:
    """The fault of giving a clause a value of a type."""
    return ValueError(f"{LETTERS[letter]}, was given {type_name}")


def string(value: Value) -> str:
    """What ``%s`` makes of a value; ValueError for those of others' types."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, Mapping):
        return _map(value)
    text = _scalar(value)
    if text is None:
        raise misfit("s", type_of(value).name)
    return text


def _scalar(value: Value) -> str | None:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    match value:
        case float():
            return golang.float_text(value, "g")
        case bytes():
            return _utf8(value)
        case Timestamp():
            return show_timestamp(value)
        case Duration():
            return show_duration(value)
        case Type():
            return value.name
    return None


def _utf8(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        fault = "invalid UTF-8 in bytes, cannot convert to string"
        raise ValueError(f'could not convert argument "{fault}" to string') from None


def _literal(value: Value) -> str:
    """A value inside a list or map, as CEL would write it."""
    match value:
        case str():
            return golang.quote(value)
        case bytes():
            return "b" + golang.quote(_utf8(value))
        case float():
            return f"{value:.6f}" if math.isfinite(value) else golang.quote(golang.float_text(value, "g"))
        case Timestamp():
            return f"timestamp({golang.quote(show_timestamp(value))})"
        case Duration():
            return f"duration({golang.quote(show_duration(value))})"
        case list():
            return _list(value)
        case Mapping():
            return _map(value)
    text = _scalar(value)
    if text is None:
        raise ValueError(f"no formatting function for {type_of(value).name}")
    return text


def _list(values: list[Value]) -> str:
    return f"[{', '.join(map(_literal, values))}]"


def _map(values: Mapping[Value, Value]) -> str:
    pairs: list[tuple[str, str]] = []
    for key, value in values.items():
        if not isinstance(key, (str, int)):
            raise ValueError(f"no formatting function for map key of type {type_of(key).name}")
        pairs.append((_literal(key), _literal(value)))
    pairs.sort(key=lambda pair: pair[0].encode("utf-8", "surrogatepass"))
    return "{" + ", ".join(f"{key}:{value}" for key, value in pairs) + "}"


def _decimal(value: Value) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    raise misfit("d", type_of(value).name)


def _number(value: Value, letter: str) -> float:
    if isinstance(value, float):
        return value
    if isinstance(value, str) and value in _NUMBERS_IN_WORDS:
        return float(value)
    raise misfit(letter, type_of(value).name)


def _fixed(number: float, precision: int | None) -> str:
    """With thousands apart, as golang.org/x/text/message prints for en_US."""
    if not math.isfinite(number):
        return _infinite(number)
    places = _PRECISION if precision is None else precision
    check_text(places)
    shown = f"{number:,.{min(places, _MOST_DIGITS)}f}"
    text = shown + "0" * (places - _MOST_DIGITS)
    return text.removeprefix("-") if not text.strip("-0.,") else text


def _scientific(number: float, precision: int | None) -> str:
    """Always six digits: upstream takes the precision for the least width."""
    width = _PRECISION if precision is None else precision
    check_text(width)
    if not math.isfinite(number):
        return _infinite(number).rjust(width)
    mantissa, _, exponent = f"{number:.6e}".partition("e")
    shown = mantissa if number else mantissa.removeprefix("-")
    return f"{shown}×10{exponent.removeprefix('+').translate(_SUPERSCRIPT)}".rjust(width)


def _infinite(number: float) -> str:
    return "NaN" if math.isnan(number) else "∞" if number > 0 else "-∞"


def _binary(value: Value) -> str:
    if isinstance(value, int):
        return f"{int(value):b}"
    raise misfit("b", type_of(value).name)


def _hexadecimal(value: Value) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{int(value):x}"
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").hex()
    if isinstance(value, bytes):
        return value.hex()
    raise misfit("x", type_of(value).name)


def _octal(value: Value) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{int(value):o}"
    raise misfit("o", type_of(value).name)


_PLAIN: Final[dict[str, Clause]] = {
    "s": string,
    "d": _decimal,
    "b": _binary,
    "x": _hexadecimal,
    "X": lambda value: _hexadecimal(value).upper(),
    "o": _octal,
}
