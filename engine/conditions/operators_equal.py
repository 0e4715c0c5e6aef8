"""Equals and NotEquals (upstream: equal.go and notequal.go in pkg/engine/variables/operator)."""

from __future__ import annotations

from collections.abc import Callable

from engine.conditions.operators_duration import pair
from engine.model import Value
from engine.values import duration, golang, quantity, wildcard


def equals(key: Value, value: Value) -> bool:
    """Whether the key equals the value, by the type of the key; no key equals nothing."""
    if isinstance(key, str):
        return _text_equals(key, value)
    if isinstance(key, bool):
        return key is value
    if isinstance(key, float):
        return _float_equals(key, value)
    if isinstance(key, int):
        return _int_equals(key, value)
    return key is not None and deep_equal(key, value)


def not_equals(key: Value, value: Value) -> bool:
    """The opposite of equals, except that a missing key is not unequal either."""
    return key is not None and not equals(key, value)


def equals_to(value: Value) -> Callable[[Value], bool]:
    """Equality with a constant."""
    if not isinstance(value, str):
        return lambda key: equals(key, value)
    text_equals = _text_equals_to(value)
    return lambda key: text_equals(key) if isinstance(key, str) else equals(key, value)


def not_equals_to(value: Value) -> Callable[[Value], bool]:
    """Inequality with a constant."""
    test = equals_to(value)
    return lambda key: key is not None and not test(key)


def _text_equals_to(value: str) -> Callable[[str], bool]:
    """Duration, then quantity, then wildcard; once the key is a quantity, the value has to be one."""
    span = duration.try_parse(value) if value != "0" else None
    amount = quantity.try_parse(value)
    matches = wildcard.compile(value)

    def test(key: str) -> bool:
        if span is not None and key != "0" and (mine := duration.try_parse(key)) is not None:
            return duration.seconds(mine) == duration.seconds(span)
        size = quantity.try_parse(key)
        if size is not None:
            return amount is not None and size.compare(amount) == 0
        return matches(key)

    return test


def _text_equals(key: str, value: Value) -> bool:
    if isinstance(value, str):
        return _text_equals_to(value)(key)
    durations = pair(key, value)  # only a number can still be meant, in seconds
    return durations is not None and duration.seconds(durations[0]) == duration.seconds(durations[1])


def _float_equals(key: float, value: Value) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, float):
        return key == value
    if isinstance(value, int):
        return key.is_integer() and golang.to_int64(key) == value
    return isinstance(value, str) and golang.parse_float(value) == key


def _int_equals(key: int, value: Value) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return key == value
    if isinstance(value, float):
        return value.is_integer() and golang.to_int64(value) == key
    return isinstance(value, str) and golang.parse_int(value) == key


def deep_equal(one: Value, other: Value) -> bool:
    """Go's reflect.DeepEqual: an int64 never equals a float64."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(deep_equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(deep_equal, one, other))
    return bool(one == other)
