"""CEL's ``<`` and its like (upstream: the Compare methods of cel-go common/types)."""

from __future__ import annotations

from engine.cel.equality import NUMBERS
from engine.cel.refusals import lacking, no_overload
from engine.cel.values import Duration, Timestamp, Value


def compare(left: Value, right: Value, function: str) -> int:
    """Below, at or above 0; NaN is the caller's."""
    kind, other = left.__class__, right.__class__
    if kind in NUMBERS:
        if other not in NUMBERS:
            no_overload()
        if kind is float or other is float:
            left, right = float(left), float(right)
    elif kind is str or kind is bool or kind is bytes or kind is Duration:
        if other is not kind:
            no_overload()
        if kind is Duration:
            left, right = left.nanoseconds, right.nanoseconds
    elif kind is Timestamp:
        if other is not kind:
            no_overload()
        left, right = left.nanoseconds, right.nanoseconds
    else:
        lacking(function, left)
    return int(left > right) - int(left < right)


def less(left: Value, right: Value) -> bool:
    """``left < right``."""
    return left == left and right == right and compare(left, right, "_<_") < 0


def less_equal(left: Value, right: Value) -> bool:
    """``left <= right``."""
    return left == left and right == right and compare(left, right, "_<=_") <= 0


def greater(left: Value, right: Value) -> bool:
    """``left > right``."""
    return left == left and right == right and compare(left, right, "_>_") > 0


def greater_equal(left: Value, right: Value) -> bool:
    """``left >= right``."""
    return left == left and right == right and compare(left, right, "_>=_") >= 0
