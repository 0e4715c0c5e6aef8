"""CEL's arithmetic: 64 bits, overflow an error, times and durations among the numbers (upstream: overflow.go)."""

from __future__ import annotations

from math import copysign, inf, nan
from typing import Final

from engine.cel.equality import NUMBERS
from engine.cel.errors import EvaluationError
from engine.cel.refusals import lacking, no_overload
from engine.cel.values import INT_MIN, Duration, Timestamp, Uint, Value, checked_int, checked_uint

_NANOSECONDS: Final = 1_000_000_000
_EARLIEST: Final = -62135596800 * _NANOSECONDS
_LATEST: Final = 253402300800 * _NANOSECONDS - 1


def add(left: Value, right: Value) -> Value:
    """``left + right``."""
    kind = left.__class__
    if kind is right.__class__:
        if kind is int:
            return checked_int(left + right)
        if kind is str or kind is float or kind is list or kind is bytes:
            return left + right
        if kind is Uint:
            return checked_uint(int(left) + int(right))
    return _add_times(left, right)


def _add_times(left: Value, right: Value) -> Value:
    kind, other = left.__class__, right.__class__
    if kind is Duration and other is Duration:
        return _duration(left.nanoseconds + right.nanoseconds)
    if kind is Duration and other is Timestamp:
        return timestamp(right.nanoseconds + left.nanoseconds, right.offset)
    if kind is Timestamp and other is Duration:
        return timestamp(left.nanoseconds + right.nanoseconds, left.offset)
    if kind in _ADDERS:
        no_overload()
    lacking("_+_", left)


_ADDERS: Final = frozenset({*NUMBERS, str, bytes, list, Duration, Timestamp})


def timestamp(nanoseconds: int, offset: int = 0) -> Timestamp:
    """A timestamp within its years, or cel-go's overflow error."""
    if _EARLIEST <= nanoseconds <= _LATEST:
        return Timestamp(nanoseconds, offset)
    raise EvaluationError("timestamp overflow")


def _duration(nanoseconds: int) -> Duration:
    return Duration(checked_int(nanoseconds))


def subtract(left: Value, right: Value) -> Value:
    """``left - right``."""
    kind, other = left.__class__, right.__class__
    if kind is other:
        if kind is int:
            return checked_int(left - right)
        if kind is float:
            return left - right
        if kind is Uint:
            return checked_uint(int(left) - int(right))
        if kind is Duration or kind is Timestamp:
            return _duration(left.nanoseconds - right.nanoseconds)
    if kind is Timestamp and other is Duration:
        checked_int(-right.nanoseconds)
        return timestamp(left.nanoseconds - right.nanoseconds, left.offset)
    if kind in NUMBERS or kind is Duration or kind is Timestamp:
        no_overload()
    lacking("_-_", left)


def multiply(left: Value, right: Value) -> Value:
    """``left * right``."""
    kind = left.__class__
    if kind is right.__class__:
        if kind is int:
            return checked_int(left * right)
        if kind is float:
            return left * right
        if kind is Uint:
            return checked_uint(int(left) * int(right))
    if kind in NUMBERS:
        no_overload()
    lacking("_*_", left)


def divide(left: Value, right: Value) -> Value:
    """``left / right``; integers are cut toward zero, doubles may answer infinity or NaN."""
    kind = left.__class__
    if kind is right.__class__:
        if kind is float:
            return left / right if right else _by_zero(left, right)
        if kind is int or kind is Uint:
            if not right:
                raise EvaluationError("division by zero")
            quotient = abs(int(left)) // abs(int(right))
            if kind is Uint:
                return Uint(quotient)
            return checked_int(quotient if (left < 0) is (right < 0) else -quotient)
    if kind in NUMBERS:
        no_overload()
    lacking("_/_", left)


def _by_zero(left: float, right: float) -> float:
    return nan if not left or left != left else copysign(inf, left) * copysign(1.0, right)


def modulo(left: Value, right: Value) -> Value:
    """``left % right``, which has the sign of the left one."""
    kind = left.__class__
    if kind is right.__class__ and (kind is int or kind is Uint):
        if not right:
            raise EvaluationError("modulus by zero")
        rest = abs(int(left)) % abs(int(right))
        if kind is Uint:
            return Uint(rest)
        if left == INT_MIN and right == -1:
            raise EvaluationError("integer overflow")
        return -rest if left < 0 else rest
    if kind is int or kind is Uint:
        no_overload()
    lacking("_%_", left)


def negate(value: Value) -> Value:
    """``-value``."""
    kind = value.__class__
    if kind is int:
        return checked_int(-value)
    if kind is float:
        return -value
    if kind is Duration:
        return _duration(-value.nanoseconds)
    if kind is bool:
        no_overload()
    lacking("-_", value)
