"""Timestamps and durations: reading, writing, calendar fields and time zones (upstream: timestamp.go, duration.go)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from engine.cel.arithmetic import timestamp
from engine.cel.errors import EvaluationError
from engine.cel.numerals import plain
from engine.cel.values import INT_MAX, INT_MIN, Duration, Timestamp
from engine.regex import later

_SECOND: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = later(
    r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)"
    r"(?:\.([0-9]+))?([Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)
_PART = later(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_UNITS: Final = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": _SECOND}
_UNITS_ALL: Final = {**_UNITS, "m": 60 * _SECOND, "h": 3600 * _SECOND}


def read_timestamp(text: str) -> Timestamp:
    """``timestamp(text)``: strictly RFC 3339."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise EvaluationError(f"invalid RFC 3339 timestamp {quoted(text)}")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if not year:
        raise EvaluationError("timestamp overflow")
    if text[10] == "t" or text[-1] == "z" or second == 60:
        _no_conversion()
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        _no_conversion()
    fraction = int((match[7] or "0")[:9].ljust(9, "0"))
    offset = 0
    if match[9]:
        offset = (int(match[10]) * 60 + int(match[11])) * (-60 if match[9] == "-" else 60)
    since = moment - _EPOCH
    return timestamp(((since.days * 86400 + since.seconds) - offset) * _SECOND + fraction, offset)


def _no_conversion() -> None:
    raise EvaluationError("type conversion error from 'string' to 'google.protobuf.Timestamp'")


def quoted(text: str) -> str:
    """As Go's %q, for what is printable."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def show_timestamp(of: Timestamp) -> str:
    """``string(timestamp)``: RFC 3339 with no more digits than needed, in the zone it was written in."""
    seconds, fraction = divmod(of.nanoseconds, _SECOND)
    moment = _EPOCH + timedelta(seconds=seconds + of.offset)
    digits = f".{fraction:09d}".rstrip("0") if fraction else ""
    hours, minutes = divmod(abs(of.offset) // 60, 60)
    zone = f"{'-' if of.offset < 0 else '+'}{hours:02d}:{minutes:02d}" if of.offset else "Z"
    return f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}T{moment:%H:%M:%S}{digits}{zone}"


def read_duration(text: str) -> Duration | None:
    """Go's ParseDuration; None for what is none."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return Duration(0)
    total, at = 0, 0
    while at < len(rest):
        match = _PART.match(rest, at)
        if match is None or not (match[1] or match[2]) or len(match[0]) > 60:
            return None
        unit = _UNITS_ALL[match[3]]
        total += int(match[1] or 0) * unit + _fraction(match[2] or "", unit)
        if total > INT_MAX + 1:
            return None
        at = match.end()
    total *= sign
    return Duration(total) if rest and INT_MIN <= total <= INT_MAX else None


def _fraction(digits: str, unit: int) -> int:
    return int(digits) * unit // 10 ** len(digits) if digits else 0


def show_duration(of: Duration) -> str:
    """``string(duration)``: seconds, as a double's digits."""
    whole, rest = divmod(abs(of.nanoseconds), _SECOND)
    seconds = whole + rest / 1e9
    return f"{plain(-seconds if of.nanoseconds < 0 else seconds)}s"


def local(of: Timestamp, zone: str | None) -> datetime:
    """The timestamp's calendar fields in a zone (``Europe/Paris``, ``+02:00``), None meaning UTC."""
    moment = _EPOCH + timedelta(seconds=of.nanoseconds // _SECOND)
    if zone is None:
        return moment
    try:
        return moment + _offset(zone) if ":" in zone else moment.astimezone(_zone(zone))
    except OverflowError:
        raise EvaluationError("timestamp overflow") from None


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    if name in ("", "UTC", "Local"):
        return UTC
    if ".." in name.split("/") or name[0] in "/\\":
        raise EvaluationError("time: invalid location name")
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise EvaluationError(f"unknown time zone {name}") from None


_NUMBER = later(r"[+-]?[0-9]{1,18}")


def _offset(text: str) -> timedelta:
    hours, _, minutes = text.partition(":")
    for part in (hours, minutes):
        if not _NUMBER.fullmatch(part):
            raise EvaluationError(f"strconv.Atoi: parsing {quoted(part)}: invalid syntax")
    signed = -int(minutes) if text.startswith("-") else int(minutes)
    return timedelta(hours=int(hours), minutes=signed)
