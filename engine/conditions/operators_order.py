"""Greater and less, for anything that can be ordered (upstream: numeric.go and duration.go in .../operator)."""

from __future__ import annotations

import operator as order
from collections.abc import Callable
from typing import Any

from engine.conditions.operators_duration import of_value, pair
from engine.model import Value
from engine.values import duration, golang, quantity, version

Order = Callable[[Any, Any], bool]
Compare = Callable[[Value, Value], bool]

_ORDERS: dict[str, Order] = {
    "GreaterThanOrEquals": order.ge,
    "GreaterThan": order.gt,
    "LessThanOrEquals": order.le,
    "LessThan": order.lt,
}


def compares(name: str) -> Compare:
    """The operator of exactly this name; another case orders nothing."""
    holds = _ORDERS.get(name)
    if holds is None:
        return _never
    return lambda key, value: _compare(key, value, holds)


def compares_durations(name: str) -> Compare:
    """The deprecated operators on durations, where numbers are seconds."""
    holds = _ORDERS.get(name.removeprefix("Duration"))
    if holds is None:
        return _never

    def compare(key: Value, value: Value) -> bool:
        mine, theirs = of_value(key), of_value(value)
        return mine is not None and theirs is not None and holds(mine, theirs)

    return compare


def _never(key: Value, value: Value) -> bool:
    return False


def _compare(key: Value, value: Value, holds: Order) -> bool:
    if isinstance(key, str):
        return _compare_text(key, value, holds)
    if isinstance(key, bool) or not isinstance(key, (int, float)):
        return False
    return _compare_number(key, value, holds)


def _compare_number(key: float, value: Value, holds: Order) -> bool:
    if isinstance(value, str):
        durations = pair(key, value)
        if durations is not None:
            return holds(duration.seconds(durations[0]), duration.seconds(durations[1]))
        number = golang.parse_float(value)
        return number is not None and holds(float(key), number)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return holds(float(key), float(value))


def _compare_text(key: str, value: Value, holds: Order) -> bool:
    """Durations, quantities, numbers, versions: the first that the key, or for the first two both, can be read as."""
    durations = pair(key, value)
    if durations is not None:
        return holds(duration.seconds(durations[0]), duration.seconds(durations[1]))
    size = quantity.try_parse(key)
    if size is not None and isinstance(value, str) and (other := quantity.try_parse(value)) is not None:
        return holds(size.compare(other), 0)
    number = golang.parse_float(key)
    if number is not None:
        return _compare_number(number, value, holds)
    mine = version.try_parse(key)
    theirs = version.try_parse(value) if mine is not None and isinstance(value, str) else None
    return theirs is not None and holds(mine, theirs)
