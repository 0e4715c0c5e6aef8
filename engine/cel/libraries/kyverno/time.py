"""Kyverno's functions on time (upstream: libs/time)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from engine.cel.functions import Library, free, function
from engine.cel.libraries.kyverno.native import asked
from engine.cel.libraries.kyverno.surroundings import Surroundings
from engine.cel.types import DURATION, STRING, TIMESTAMP
from engine.cel.values import Duration, Timestamp

_SECOND: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_ONE: Final = 62_135_596_800
"""Seconds from 1 January of year 1, from which Go truncates, to 1970."""


def _truncate(moment: Timestamp, step: Duration) -> Timestamp:
    if step.nanoseconds <= 0:
        return moment
    since = moment.nanoseconds + _YEAR_ONE * _SECOND
    return Timestamp(moment.nanoseconds - since % step.nanoseconds, moment.offset)


def _to_cron(moment: Timestamp) -> str:
    """Minute, hour, day, month and weekday, as the timestamp was written."""
    at = _EPOCH + timedelta(seconds=moment.nanoseconds // _SECOND + moment.offset)
    return f"{at.minute} {at.hour} {at.day} {at.month} {at.isoweekday() % 7}"


_FUNCTIONS: Final = (
    function("time.toCron", free("time_to_cron", (TIMESTAMP,), STRING, _to_cron)),
    function("time.truncate", free("time_truncate", (TIMESTAMP, DURATION), TIMESTAMP, _truncate)),
)


def library(surroundings: Surroundings) -> Library:
    """With whose clock ``time.now()`` is read."""

    def now() -> Timestamp:
        return Timestamp(asked("failed to read the time", surroundings.now))

    functions = (*_FUNCTIONS, function("time.now", free("time_now", (), TIMESTAMP, now)))
    return Library("kyverno.time", functions=functions, asks=True)
