"""Kyverno's functions on times (pkg/engine/jmespath/time.go): RFC 3339 unless a Go layout is given."""

from __future__ import annotations

from functools import partial

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation
from engine.jmespath.instants import SECOND, Instant, of_datetime
from engine.jmespath.layouts import RFC3339, format_time
from engine.jmespath.signatures import Table, function
from engine.jmespath.time_parsing import parse_time
from engine.values import duration, golang

TABLE: Table = {}
_function = partial(function, TABLE)


def _time(text: str) -> Instant:
    return parse_time(RFC3339, text)


def _text(instant: Instant) -> str:
    return format_time(instant, RFC3339)


def _duration(text: str) -> int:
    try:
        return duration.parse(text)
    except ValueError as error:
        raise QueryError(str(error)) from error


@_function("time_since", "string", "string", "string", result="string")
def time_since(evaluation: Evaluation, layout: str, start: str, end: str) -> str:
    """gives the duration from a time to another, or to now where the other is empty"""
    layout = layout or RFC3339
    begun = parse_time(layout, start)
    ended = parse_time(layout, end) if end else of_datetime(evaluation.runtime.clock())
    return duration.format(ended.minus(begun))


@_function("time_now", result="string")
def time_now(evaluation: Evaluation) -> str:
    """gives the current time at the local offset"""
    return _text(of_datetime(evaluation.runtime.clock()))


@_function("time_now_utc", result="string")
def time_now_utc(evaluation: Evaluation) -> str:
    """gives the current time in UTC"""
    return _text(of_datetime(evaluation.runtime.clock()).utc())


@_function("time_to_cron", "string", result="string")
def time_to_cron(_evaluation: Evaluation, time: str) -> str:
    """makes a cron expression of a time"""
    civil = _time(time).civil()
    return f"{civil.minute} {civil.hour} {civil.day} {civil.month} {civil.weekday}"


@_function("time_add", "string", "string", result="string")
def time_add(_evaluation: Evaluation, time: str, amount: str) -> str:
    """adds a duration to a time"""
    return _text(_time(time).plus(_duration(amount)))


@_function("time_parse", "string", "string", result="string")
def time_parse(_evaluation: Evaluation, layout: str, time: str) -> str:
    """reads a time in a layout; in seconds since 1970 where the layout is a number"""
    if golang.parse_int(layout) is None:
        return _text(parse_time(layout, time))
    seconds = golang.parse_int(time)
    if seconds is None:
        fault = "value out of range" if time.lstrip("+-").isdecimal() and time.isascii() else "invalid syntax"
        raise QueryError(f'strconv.ParseInt: parsing "{time}": {fault}')
    return _text(Instant(seconds * SECOND))


@_function("time_utc", "string", result="string")
def time_utc(_evaluation: Evaluation, time: str) -> str:
    """gives a time in UTC"""
    return _text(_time(time).utc())


@_function("time_diff", "string", "string", result="string")
def time_diff(_evaluation: Evaluation, start: str, end: str) -> str:
    """gives the duration from the first time to the second"""
    begun = _time(start)
    return duration.format(_time(end).minus(begun))


@_function("time_before", "string", "string", result="bool")
def time_before(_evaluation: Evaluation, time: str, other: str) -> bool:
    """tells whether a time is before another"""
    return _time(time).nanoseconds < _time(other).nanoseconds


@_function("time_after", "string", "string", result="bool")
def time_after(_evaluation: Evaluation, time: str, other: str) -> bool:
    """tells whether a time is after another"""
    return _time(time).nanoseconds > _time(other).nanoseconds


@_function("time_between", "string", "string", "string", result="bool")
def time_between(_evaluation: Evaluation, time: str, start: str, end: str) -> bool:
    """tells whether a time is after the second and before the third"""
    moment = _time(time).nanoseconds
    begun, ended = _time(start).nanoseconds, _time(end).nanoseconds
    return begun < moment < ended


@_function("time_truncate", "string", "string", result="string")
def time_truncate(_evaluation: Evaluation, time: str, step: str) -> str:
    """rounds a time down to a multiple of a duration"""
    return _text(_time(time).truncated(_duration(step)))
