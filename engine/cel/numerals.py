"""Numbers as Go writes and reads them."""

from __future__ import annotations

import re

from engine.regex import later

_GROUPS = r"[0-9]+(?:_[0-9]+)*"
_DOUBLE = later(
    rf"[+-]?(?:(?:{_GROUPS}(?:\.(?:{_GROUPS})?)?|\.{_GROUPS})(?:[eE][+-]?[0-9]+)?|inf(?:inity)?|nan)", re.IGNORECASE
)
_HEXADECIMAL = later(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+")
_DECIMAL = later(r"[+-]?[0-9]+")


def shortest(number: float, exponent_from: int = 6) -> str:
    """Go's %g: the fewest digits that come back as the number, with an exponent below 1e-4 and from 1e6 (%v: 1e21)."""
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "+Inf" if number > 0 else "-Inf"
    sign = "-" if str(number).startswith("-") else ""
    digits, exponent = _digits(abs(number))
    if exponent < -4 or exponent >= exponent_from:
        mantissa = digits[0] + (f".{digits[1:]}" if digits[1:] else "")
        return f"{sign}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return sign + _plain(digits, exponent)


def plain(number: float) -> str:
    """Go's FormatFloat(number, 'f', -1): never an exponent."""
    sign = "-" if number < 0 else ""
    return sign + _plain(*_digits(abs(number)))


def _digits(number: float) -> tuple[str, int]:
    """The shortest digits without zeros at the end, and the power of ten of the first."""
    if not number:
        return "0", 0
    mantissa, _, exponent = f"{number!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    first = len(whole.lstrip("0")) - 1 if whole.strip("0") else -1 - (len(fraction) - len(fraction.lstrip("0")))
    return digits.rstrip("0") or "0", first + int(exponent or 0)


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    if len(digits) <= exponent + 1:
        return digits + "0" * (exponent + 1 - len(digits))
    return f"{digits[: exponent + 1]}.{digits[exponent + 1 :]}"


def read_integer(text: str) -> int | None:
    """Go's ParseInt(text, 10, ...) before its limits; None for what is none."""
    return int(text) if len(text) < 100 and _DECIMAL.fullmatch(text) else None


def read_double(text: str) -> float | None:
    """Go's ParseFloat; None for what is none or out of range."""
    if _HEXADECIMAL.fullmatch(text):
        try:
            return float.fromhex(text)
        except OverflowError:
            return None
    if not _DOUBLE.fullmatch(text):
        return None
    number = float(text)
    return None if number in (float("inf"), float("-inf")) and "n" not in text.lower() else number
