"""Fields of timestamps and durations (upstream: cel-go common/stdlib/standard.go)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from engine.cel.functions import Function, Implementation, function, member
from engine.cel.moments import local
from engine.cel.types import DURATION, INT, STRING, TIMESTAMP
from engine.cel.values import Duration, Timestamp


def _field(read: Callable[[datetime], int]) -> Implementation:
    def run(of: Timestamp, zone: str | None = None) -> int:
        return read(local(of, zone))

    return run


def _milliseconds(of: Timestamp, zone: str | None = None) -> int:
    if zone is not None:
        local(of, zone)
    return of.nanoseconds % 1_000_000_000 // 1_000_000


def _getter(name: str, word: str, run: Implementation, unit: int | None = None) -> Function:
    """A calendar field of a timestamp, with or without a zone; with a unit, also a duration in it."""
    overloads = [
        member(f"timestamp_to_{word}", (TIMESTAMP,), INT, run),
        member(f"timestamp_to_{word}_with_tz", (TIMESTAMP, STRING), INT, run),
    ]
    if unit is not None:
        overloads.append(member(f"duration_to_{word}", (DURATION,), INT, _in_units(unit)))
    return function(name, *overloads)


def _in_units(unit: int) -> Implementation:
    def run(of: Duration) -> int:
        whole = abs(of.nanoseconds) // unit
        return -whole if of.nanoseconds < 0 else whole

    return run


TIMES: Final = (
    _getter("getFullYear", "year", _field(lambda at: at.year)),
    _getter("getMonth", "month", _field(lambda at: at.month - 1)),
    _getter("getDayOfYear", "day_of_year", _field(lambda at: at.timetuple().tm_yday - 1)),
    _getter("getDayOfMonth", "day_of_month", _field(lambda at: at.day - 1)),
    _getter("getDate", "day_of_month_1_based", _field(lambda at: at.day)),
    _getter("getDayOfWeek", "day_of_week", _field(lambda at: (at.weekday() + 1) % 7)),
    _getter("getHours", "hours", _field(lambda at: at.hour), 3600 * 10**9),
    _getter("getMinutes", "minutes", _field(lambda at: at.minute), 60 * 10**9),
    _getter("getSeconds", "seconds", _field(lambda at: at.second), 10**9),
    _getter("getMilliseconds", "milliseconds", _milliseconds, 10**6),
)
