"""Go's time.Duration: whole nanoseconds in an int64, parsed and written as Go's time package does."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.regex import later
from engine.values import golang

SECOND = 1_000_000_000

_MINUTE = 60 * SECOND
_HOUR = 60 * _MINUTE
_LIMIT = 1 << 63
_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5, micro sign
    "μs": 1_000,  # U+03BC, Greek letter mu
    "ms": 1_000_000,
    "s": SECOND,
    "m": _MINUTE,
    "h": _HOUR,
}
_PART = later(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)")
_LONGEST = 1_000
"""Characters; Go knows no bound, but no sensible duration is longer and int() refuses 4,300 digits."""


def parse(text: str) -> int:
    """Nanoseconds of a text such as ``1h30m`` or ``-1.5s``; ValueError where Go's ParseDuration fails."""
    nanoseconds = try_parse(text)
    if nanoseconds is None:
        raise ValueError(f"time: {_fault(text)}duration {quoted(text)}")
    return nanoseconds


def quoted(text: str) -> str:
    """A text as the time package quotes it in its errors."""
    shown = "".join(
        "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "replace"))
        if char >= "\x80" or char < " "
        else "\\" + char
        if char in '"\\'
        else char
        for char in text
    )
    return f'"{shown}"'


def _fault(text: str) -> str:
    """What Go says of a text that is no duration: the first unit that it does not know decides, or is missing."""
    rest = text[1:] if text[:1] in ("-", "+") else text
    at = 0
    while at < len(rest) <= _LONGEST and (part := _PART.match(rest, at)):
        whole, fraction, name = part.groups()
        if not (whole or fraction) or int(whole or "0") > _LIMIT:
            break
        if name not in _UNITS:
            return f"unknown unit {quoted(name)} in " if name else "missing unit in "
        if _amount(part) is None:
            break
        at = part.end()
    return "invalid "


def try_parse(text: str) -> int | None:
    """Nanoseconds, or None where Go's ParseDuration fails."""
    return _parse(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> int | None:
    negative = text[:1] == "-"
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    total, at = 0, 0
    while at < len(rest):
        part = _PART.match(rest, at)
        amount = _amount(part) if part else None
        if part is None or amount is None or amount > _LIMIT:
            return None
        total = (total + amount) % (1 << 64)  # Go adds in uint64 and looks at the sum afterwards
        if total > _LIMIT:
            return None
        at = part.end()
    if not rest or (total == _LIMIT and not negative):
        return None
    return -total if negative else total


def _amount(part: re.Match[str]) -> int | None:
    whole, fraction, name = part.group(1), part.group(2), part.group(3)
    unit = _UNITS.get(name)
    if unit is None or not (whole or fraction):
        return None
    count = int(whole or "0")
    if count > _LIMIT // unit:
        return None
    return count * unit + (_fraction(fraction, unit) if fraction else 0)


def _fraction(digits: str, unit: int) -> int:
    # time.leadingFraction stops reading digits at the int64 bound, and time.ParseDuration multiplies in float64.
    value, scale = 0, 1.0
    for digit in digits:
        if value > (_LIMIT - 1) // 10 or value * 10 + int(digit) > _LIMIT:
            break
        value = value * 10 + int(digit)
        scale *= 10
    return int(float(value) * (float(unit) / scale))


def seconds(nanoseconds: int) -> float:
    """Seconds in float64, rounded as Go's Duration.Seconds rounds."""
    whole, rest = divmod(abs(nanoseconds), SECOND)
    result = float(whole) + float(rest) / 1e9
    return -result if nanoseconds < 0 else result


def of_seconds(number: float) -> int:
    """Nanoseconds of whole seconds, the fraction dropped, wrapping around like Go's int64 multiplication."""
    whole = number if isinstance(number, int) else golang.to_int64(number)
    return (whole * SECOND + _LIMIT) % (1 << 64) - _LIMIT


def format(nanoseconds: int) -> str:
    """The text of Go's Duration.String: ``1h30m0s``, ``1.5s``, ``150ms``, ``0s``."""
    sign = "-" if nanoseconds < 0 else ""
    rest = abs(nanoseconds)
    if rest < SECOND:
        return sign + _short(rest)
    whole, fraction = divmod(rest, SECOND)
    minutes, whole = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    tail = _decimal(whole, fraction, 9) + "s"
    if hours:
        return f"{sign}{hours}h{minutes}m{tail}"
    return f"{sign}{minutes}m{tail}" if minutes else sign + tail


def _short(nanoseconds: int) -> str:
    if nanoseconds == 0:
        return "0s"
    if nanoseconds < 1_000:
        return f"{nanoseconds}ns"
    if nanoseconds < 1_000_000:
        return _decimal(*divmod(nanoseconds, 1_000), 3) + "µs"
    return _decimal(*divmod(nanoseconds, 1_000_000), 6) + "ms"


def _decimal(whole: int, fraction: int, places: int) -> str:
    digits = f"{fraction:0{places}d}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)
