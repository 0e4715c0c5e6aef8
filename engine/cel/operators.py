"""What CEL's operators do to values whose types are only known when they come (upstream: cel-go common/types).

Each function raises EvaluationError in cel-go's words. Python's own rules differ where this module is careful: ``True``
is no number, ``1 == 1.0`` but ``[1] != [True]``, nothing equals NaN, and integers end at 64 bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from engine.cel.errors import EvaluationError
from engine.cel.types import Type
from engine.cel.values import (
    INT_MAX,
    INT_MIN,
    Duration,
    ObjectValue,
    Opaque,
    Optional,
    Timestamp,
    Uint,
    Value,
    checked_int,
    checked_uint,
    type_of,
)

NUMBERS: Final = frozenset({int, float, Uint})
_NANOSECONDS: Final = 1_000_000_000
_EARLIEST: Final = -62135596800 * _NANOSECONDS
_LATEST: Final = 253402300800 * _NANOSECONDS - 1


def no_overload() -> NoReturn:
    """What an operator answers to a right operand that it has no use for."""
    raise EvaluationError("no such overload")


def lacking(function: str, left: Value) -> NoReturn:
    """What an operator answers whose left operand does not know it at all (upstream: interpretable.go, evalBinary)."""
    if left.__class__ in _RECEIVERS:
        no_overload()
    raise EvaluationError(f"no such overload: {function}")


_RECEIVERS: Final = frozenset({str, Duration, Timestamp})
"""Types that upstream asks for methods of the operator's name first, which have other words for no."""


# -- equality


def equal(left: Value, right: Value) -> bool:
    """CEL's ``==``, which never fails: values of different types are not equal."""
    kind = left.__class__
    if kind is str or kind is bool or left is None or kind is bytes:
        return bool(right.__class__ is kind and left == right)
    if kind in NUMBERS:
        return right.__class__ in NUMBERS and equal_numbers(left, right)
    if kind is list:
        return isinstance(right, list) and len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping):
        return isinstance(right, Mapping) and _equal_maps(left, right)
    return _equal_others(left, right)


def equal_numbers(left: Any, right: Any) -> bool:
    """Numbers of any two types; an integer meets a double as a double, as in Go."""
    if left.__class__ is float or right.__class__ is float:
        return float(left) == float(right)
    return bool(left == right)


def _equal_maps(left: Mapping[Any, Any], right: Mapping[Any, Any]) -> bool:
    if len(left) != len(right):
        return False
    for key, value in left.items():
        is_found, other = find_key(right, key)
        if not is_found or not equal(value, other):
            return False
    return True


def _equal_others(left: Value, right: Value) -> bool:
    if isinstance(left, Optional):
        if not isinstance(right, Optional) or left.present is not right.present:
            return False
        return not left.present or equal(left.value, right.value)
    if isinstance(left, Type):
        return isinstance(right, Type) and left.name == right.name
    if isinstance(left, ObjectValue):
        same = isinstance(right, ObjectValue) and left.type_name == right.type_name
        return same and _equal_maps(left.fields, right.fields)
    return left.__class__ is right.__class__ and bool(left == right)


def contains(element: Value, within: Value) -> bool:
    """``element in within``."""
    if within.__class__ is list:
        if element.__class__ is str:
            return element in within
        return any(equal(element, one) for one in within)
    if isinstance(within, Mapping):
        return find_key(within, element)[0]
    no_overload()


# -- keys and indices

_ABSENT: Final = object()


def find_key(of: Mapping[Any, Any], key: Value) -> tuple[bool, Value]:
    """Whether the map has the key, and its value; keys of other types are merely absent."""
    kind = key.__class__
    try:
        found = of[key]
    except (KeyError, TypeError):  # no list or map can be a key
        return False, None
    if kind is not str and key in (0, 1):  # Python's True is its 1, CEL's is not
        for stored in of:
            if stored == key and (stored.__class__ is bool) is (kind is bool):
                return True, found
        return False, None
    return True, found


_GO_NAMES: Final[dict[type, str]] = {
    bool: "types.Bool",
    int: "types.Int",
    Uint: "types.Uint",
    float: "types.Double",
    str: "types.String",
    bytes: "types.Bytes",
    type(None): "types.Null",
    list: "*types.baseList",
    dict: "*types.baseMap",
    Optional: "*types.Optional",
    Type: "*types.Type",
}


def go_name(value: Value) -> str:
    """The Go type of a value, which some of upstream's errors show."""
    return _GO_NAMES.get(value.__class__, f"types.{value.__class__.__name__}")


def _check_index(key: Value) -> None:
    kind = key.__class__
    if kind is not str and kind not in NUMBERS and kind is not bool:
        raise EvaluationError(f"invalid qualifier type: {go_name(key)}")


def index(of: Value, key: Value) -> Value:
    """``of[key]``."""
    _check_index(key)
    if of.__class__ is list:
        position = _position(key)
        if 0 <= position < len(of):
            return of[position]
        raise EvaluationError(f"index out of bounds: {shown(key)}")
    is_found, found = find_index(of, key)
    if is_found:
        return found
    raise EvaluationError(f"no such key: {shown(key)}")


def find_index(of: Value, key: Value) -> tuple[bool, Value]:
    """Whether ``of[key]`` is there, and what; what cannot be indexed has nothing there."""
    _check_index(key)
    if of.__class__ is list:
        position = _position(key)
        return (True, of[position]) if 0 <= position < len(of) else (False, None)
    if isinstance(of, Mapping):
        return find_key(of, key)
    if key.__class__ is str:
        if isinstance(of, ObjectValue):
            return key in of.fields, of.fields.get(key)
        if isinstance(of, Opaque):
            return (True, of.get_field(key)) if of.has_field(key) else (False, None)
    return False, None


def _position(key: Value) -> int:
    kind = key.__class__
    if kind is int or kind is Uint:
        return int(key)
    if kind is float:
        if key == key and abs(key) < INT_MAX and key == int(key):
            return int(key)
        raise EvaluationError(f"unsupported index value {shown(key)} in list")
    raise EvaluationError(f"unsupported index type '{type_of(key).name}' in list")


def select(of: Value, field: str) -> Value:
    """``of.field``."""
    if isinstance(of, Opaque):
        return of.get_field(field)
    return index(of, field)


def shown(key: Value) -> str:
    """A key in an error's text, as Go's %v."""
    if key.__class__ is bool:
        return "true" if key else "false"
    if key is None:
        return "null"
    if key.__class__ is float:
        from engine.cel.numerals import shortest

        return shortest(key, 21)
    return str(key)


# -- order


def compare(left: Value, right: Value, function: str) -> int:
    """Below, at or above 0; None's place is taken by an error. NaN is the caller's."""
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


# -- arithmetic


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
    from math import copysign, inf, nan

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
