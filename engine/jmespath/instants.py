"""Points in time as Go's time.Time has them: nanoseconds, any year, and the offset they are written with."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

SECOND: Final = 1_000_000_000
_DAY: Final = 86_400
_YEAR_ONE: Final = 62_135_596_800
"""Seconds from 1 January of year 1 to the Unix epoch; Go truncates times from the former."""
_INT64: Final = 1 << 63


class Civil(Struct, frozen=True):
    """What a calendar and a clock show; ``weekday`` counts from Sunday = 0, ``yearday`` from 1."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    nanosecond: int
    weekday: int
    yearday: int


class Instant(Struct, frozen=True):
    """``nanoseconds`` since the Unix epoch; ``offset`` is in seconds east of UTC; ``zone`` may be empty."""

    nanoseconds: int
    offset: int = 0
    zone: str = ""

    def civil(self) -> Civil:
        """The date and time of day at the instant's own offset."""
        seconds, nanosecond = divmod(self.nanoseconds, SECOND)
        days, rest = divmod(seconds + self.offset, _DAY)
        year, month, day = _date(days)
        hour, rest = divmod(rest, 3600)
        yearday = days - days_before(year, 1, 1) + 1
        return Civil(year, month, day, hour, rest // 60, rest % 60, nanosecond, (days + 4) % 7, yearday)

    def plus(self, nanoseconds: int) -> Instant:
        """The instant so much later."""
        return Instant(self.nanoseconds + nanoseconds, self.offset, self.zone)

    def minus(self, other: Instant) -> int:
        """Nanoseconds from the other to this, as far as an int64 holds them."""
        return max(-_INT64, min(_INT64 - 1, self.nanoseconds - other.nanoseconds))

    def utc(self) -> Instant:
        """The same instant, written in UTC."""
        return Instant(self.nanoseconds, 0, "UTC")

    def truncated(self, nanoseconds: int) -> Instant:
        """The last multiple of a duration since year 1; the instant itself if the duration is not positive."""
        if nanoseconds <= 0:
            return self
        return self.plus(-((self.nanoseconds + _YEAR_ONE * SECOND) % nanoseconds))


def of_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("the clock must give an aware datetime")
    east = offset.days * _DAY + offset.seconds
    date, clock = (moment.year, moment.month, moment.day), (moment.hour, moment.minute, moment.second)
    return Instant(of_civil(date, clock, moment.microsecond * 1000) - east * SECOND, east, moment.tzname() or "")


def of_civil(date: tuple[int, int, int], clock: tuple[int, int, int], nanosecond: int) -> int:
    """Nanoseconds from the Unix epoch to year, month, day and hour, minute, second of UTC."""
    hour, minute, second = clock
    return (days_before(*date) * _DAY + hour * 3600 + minute * 60 + second) * SECOND + nanosecond


def is_leap(year: int) -> bool:
    """Whether a year of the Gregorian calendar has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(month: int, year: int) -> int:
    """Days of a month, which counts from 1."""
    return 28 + is_leap(year) if month == 2 else 30 + (month + month // 8) % 2


def days_before(year: int, month: int, day: int) -> int:
    """Days from the Unix epoch to a date of any year, which is shifted to begin in March: leap days end it."""
    shifted = year - (month <= 2)
    era, of_era = divmod(shifted, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _date(days: int) -> tuple[int, int, int]:
    """The date so many days after the Unix epoch."""
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + year + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1
