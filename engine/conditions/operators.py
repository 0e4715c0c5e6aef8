"""The operators of conditions by name (upstream: pkg/engine/variables/operator/operator.go).

Names are found whatever their case; those that order values then compare nothing unless written exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.conditions.operators_equal import equals, equals_to, not_equals, not_equals_to
from engine.conditions.operators_in import is_member, member_of
from engine.conditions.operators_order import compares, compares_durations
from engine.model import Value

Compare: TypeAlias = Callable[[Value, Value], bool]
"""Key and value of a condition; whether it holds. Raises PolicyError where upstream panics."""

Test: TypeAlias = Callable[[Value], bool]
"""The same for a value that is known beforehand."""

NAMES = (
    "Equal",
    "Equals",
    "NotEqual",
    "NotEquals",
    "In",
    "AnyIn",
    "AllIn",
    "NotIn",
    "AnyNotIn",
    "AllNotIn",
    "GreaterThanOrEquals",
    "GreaterThan",
    "LessThanOrEquals",
    "LessThan",
    "DurationGreaterThanOrEquals",
    "DurationGreaterThan",
    "DurationLessThanOrEquals",
    "DurationLessThan",
)
"""All names as a policy should write them."""

_NAMES = {name.lower(): name for name in NAMES}
_SETS = {"In", "AnyIn", "AllIn", "NotIn", "AnyNotIn", "AllNotIn"}


def operator(name: str) -> Compare | None:
    """The operator as a predicate over key and value; None for an unknown name."""
    known = _NAMES.get(name.lower())
    match known:
        case None:
            return None
        case "Equal" | "Equals":
            return equals
        case "NotEqual" | "NotEquals":
            return not_equals
        case _ if known in _SETS:
            return lambda key, value: is_member(known, key, value)
        case _ if known.startswith("Duration"):
            return compares_durations(name)
    return compares(name)


def specialise(name: str, value: Value) -> Test | None:
    """The operator for a constant value as a predicate over keys; None for an unknown name."""
    known = _NAMES.get(name.lower())
    match known:
        case None:
            return None
        case "Equal" | "Equals":
            return equals_to(value)
        case "NotEqual" | "NotEquals":
            return not_equals_to(value)
        case _ if known in _SETS:
            return member_of(known, value)
    compare = compares_durations(name) if known.startswith("Duration") else compares(name)
    return lambda key: compare(key, value)
