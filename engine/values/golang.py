"""How Go writes values: encoding/json's Marshal, fmt's %v, strconv's FormatFloat, and its number parsers.

A Python ``float`` stands for float64 and an ``int`` for int64.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Literal

from engine.model import Value
from engine.regex import later

_SURROGATES = later("[\ud800-\udfff]")
_INTEGER = later(r"[+-]?[0-9]+")
_DECIMAL = later(
    r"[+-]?(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?"
)
_HEXADECIMAL = later(
    r"[+-]?0[xX](?:(?:_?[0-9a-f])+(?:\.(?:[0-9a-f](?:_?[0-9a-f])*)?)?|\.[0-9a-f](?:_?[0-9a-f])*)[pP][+-]?[0-9](?:_?[0-9])*",
    re.IGNORECASE,
)
_SPECIAL = later(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE)
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_LONGEST = 1_000
"""Characters of a number that is parsed; Go knows no bound, int() refuses 4,300 digits."""

_INT64 = 1 << 63
_BOOLS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}


def float_text(number: float, form: Literal["E", "e", "f", "g"]) -> str:
    """strconv.FormatFloat with the shortest digits that read back: 80 is ``8E+01``, ``8e+01``, ``80``, ``80``."""
    if form in "fg" and number and -1e6 < number < 1e6 and number.is_integer():
        return str(int(number))
    if not math.isfinite(number):
        return "NaN" if number != number else "+Inf" if number > 0 else "-Inf"
    sign, digits, exponent = _digits(number)
    if form == "f" or (form == "g" and -4 <= exponent < 6):
        return sign + _plain(digits, exponent)
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    letter = "E" if form == "E" else "e"
    return f"{sign}{mantissa}{letter}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _digits(number: float) -> tuple[str, str, int]:
    """Sign, shortest significant digits and decimal exponent of the first one; repr() finds Go's digits."""
    mantissa, _, exponent = f"{number!r}".lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    raw = whole + fraction
    digits = raw.lstrip("0")
    first = len(whole) - 1 - (len(raw) - len(digits)) + int(exponent or "0")
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    return (sign, digits.rstrip("0"), first) if digits else (sign, "0", 0)


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    if len(digits) <= exponent + 1:
        return digits + "0" * (exponent + 1 - len(digits))
    return f"{digits[: exponent + 1]}.{digits[exponent + 1 :]}"


def number_text(number: float) -> str:
    """A number as encoding/json writes it: ``80``, ``0.5``, ``1e+21``, ``1e-7``; ValueError for NaN and infinities."""
    if isinstance(number, int):
        return str(number)
    if not math.isfinite(number):
        raise ValueError(f"json: unsupported value: {float_text(number, 'g')}")
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        return float_text(number, "f")
    text = float_text(number, "e")
    return text[:-2] + text[-1] if text[-4:-1] == "e-0" else text


def marshal(value: Value) -> str:
    """The value as encoding/json's Marshal writes it: keys sorted, ``<``, ``>``, ``&`` escaped; ValueError for NaN."""
    parts: list[str] = []
    _marshal(value, parts.append)
    text = "".join(parts)
    for char, escaped in _ESCAPES:
        if char in text:  # outside strings JSON has none of these characters
            text = text.replace(char, escaped)
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


_ESCAPES = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


def _marshal(value: Value, write: Callable[[str], None]) -> None:
    if isinstance(value, str):
        write(encode_basestring(value))
    elif isinstance(value, dict):
        separator = "{"
        for key in sorted(value):
            write(f"{separator}{encode_basestring(key)}:")
            _marshal(value[key], write)
            separator = ","
        write("}" if value else "{}")
    elif isinstance(value, list):
        separator = "["
        for item in value:
            write(separator)
            _marshal(item, write)
            separator = ","
        write("]" if value else "[]")
    else:
        write(_scalar(value, "null", number_text))


def sprint(value: Value) -> str:
    """The value as fmt's %v writes it: ``map[a:1 b:[x y]]``, ``<nil>``, ``1e+06``."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{sprint(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(sprint, value)) + "]"
    return _scalar(value, "<nil>", lambda number: float_text(number, "g"))


def _scalar(value: Value, null: str, of_float: Callable[[float], str]) -> str:
    if value is None:
        return null
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return of_float(value)
    raise TypeError(f"no value of YAML or JSON: {type(value).__name__}")


def quote(text: str) -> str:
    """The text as strconv.Quote writes it."""
    return f'"{"".join(map(_quoted, text))}"'


_QUOTED = {
    "\a": r"\a",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
    '"': r"\"",
    "\\": r"\\",
}


def _quoted(char: str) -> str:
    if char in _QUOTED:
        return _QUOTED[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def indented(value: Value, indent: str = "\n") -> str:
    """The value as encoding/json's MarshalIndent writes it with two blanks a level; ValueError for NaN."""
    inner = f"{indent}  "
    if isinstance(value, dict) and value:
        parts = [f"{marshal(key)}: {indented(value[key], inner)}" for key in sorted(value)]
        return f"{{{inner}{f',{inner}'.join(parts)}{indent}}}"
    if isinstance(value, list) and value:
        return f"[{inner}{f',{inner}'.join(indented(item, inner) for item in value)}{indent}]"
    return marshal(value)


def type_name(value: Value) -> str:
    """The name that fmt's %T gives the value's Go type."""
    if isinstance(value, bool):
        return "bool"
    match value:
        case None:
            return "<nil>"
        case str():
            return "string"
        case float():
            return "float64"
        case int():
            return "int64"
        case dict():
            return "map[string]interface {}"
        case list():
            return "[]interface {}"
    raise TypeError(f"no value of YAML or JSON: {type(value).__name__}")


def trim_space(text: str) -> str:
    """strings.TrimSpace, whose blanks are not quite those of str.strip."""
    return text.strip(_SPACE)


def parse_bool(text: str) -> bool | None:
    """strconv.ParseBool; None where it fails."""
    return _BOOLS.get(text)


def parse_int(text: str) -> int | None:
    """strconv.ParseInt in base 10 and 64 bits; None where it fails."""
    if len(text) > _LONGEST or not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if -_INT64 <= number < _INT64 else None


def parse_float(text: str) -> float | None:
    """strconv.ParseFloat in 64 bits, which knows hexadecimal, underscores and infinities; None where it fails."""
    if len(text) > _LONGEST:
        return None
    if _SPECIAL.fullmatch(text):
        return float(text)
    plain = text.replace("_", "")
    if _DECIMAL.fullmatch(text):
        number = float(plain)
    elif _HEXADECIMAL.fullmatch(text):
        try:
            number = float.fromhex(plain)
        except OverflowError:
            return None
    else:
        return None
    return None if math.isinf(number) else number


def to_int64(number: float) -> int:
    """Go's conversion of a float64: the fraction dropped; what does not fit is the smallest int64, as on amd64."""
    if not -9.3e18 < number < 9.3e18:
        return -_INT64
    whole = int(number)
    return whole if -_INT64 <= whole < _INT64 else -_INT64
