"""Reading both sides of a condition as durations (upstream: parseDuration in .../operator/operator.go)."""

from __future__ import annotations

from engine.model import Value
from engine.values import duration


def pair(key: Value, value: Value) -> tuple[int, int] | None:
    """Both sides in nanoseconds: one a duration text other than "0", the other one too or a number of seconds."""
    mine, theirs = _text(key), _text(value)
    if mine is None and theirs is None:
        return None
    mine = _number(key) if mine is None else mine
    theirs = _number(value) if theirs is None else theirs
    return None if mine is None or theirs is None else (mine, theirs)


def of_value(value: Value) -> int | None:
    """A duration text or a number of seconds, in nanoseconds."""
    return duration.try_parse(value) if isinstance(value, str) else _number(value)


def _text(value: Value) -> int | None:
    return duration.try_parse(value) if isinstance(value, str) and value != "0" else None


def _number(value: Value) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return duration.of_seconds(value)
