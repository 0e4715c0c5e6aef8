"""cel-go's math (ext/math.go). Kyverno adds a ``math.round`` with places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from math import ceil, copysign, floor, isfinite, isinf, isnan, sqrt, trunc
from typing import TYPE_CHECKING, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, Macro, Overload, free, function
from engine.cel.libraries.comparing import compare
from engine.cel.syntax import Ident, ListLiteral, Literal, MapLiteral, ObjectLiteral
from engine.cel.types import BOOL, DOUBLE, DYN, INT, UINT, list_of
from engine.cel.values import UINT_MAX, Uint, Value

if TYPE_CHECKING:
    from engine.cel.expansion import Expander
    from engine.cel.syntax import Expr

_WORD: Final = 1 << 64
_SIGN: Final = 1 << 63
_NUMBERS: Final = (DOUBLE, INT, UINT)


def _whole(round: Callable[[float], int]) -> Callable[[float], float]:
    """A rounding that keeps infinities, NaN and the sign of zero, as Go's does."""

    def rounded(number: float) -> float:
        return copysign(float(round(number)), number) if isfinite(number) else number

    return rounded


def half_away(number: float) -> int:
    """Go's math.Round of a finite number: halves go away from zero."""
    whole = trunc(number)
    return whole + (int(copysign(1, number)) if abs(number - whole) >= 0.5 else 0)


def _sign(number: Value) -> Value:
    if number != number:
        return number
    return number.__class__((number > 0) - (number < 0))


def _abs(number: int) -> int:
    if number == -_SIGN:
        raise EvaluationError("integer overflow")
    return abs(number)


def _sqrt(number: float) -> float:
    return sqrt(number) if number >= 0 else float("nan")


def _wrapped(number: int) -> int:
    """What is left of a number in an int64."""
    return (number + _SIGN) % _WORD - _SIGN


def _shift(name: str, bits: int) -> int:
    if bits < 0:
        raise EvaluationError(f"math.{name}() negative offset: {bits}")
    return min(bits, 64)


def _left(number: int, bits: int) -> int:
    return _wrapped(number << _shift("bitShiftLeft", bits))


def _left_unsigned(number: int, bits: int) -> Uint:
    return Uint((number << _shift("bitShiftLeft", bits)) & UINT_MAX)


def _right(number: int, bits: int) -> int:
    """Zeroes come in from the left, whatever the sign."""
    return _wrapped((number % _WORD) >> _shift("bitShiftRight", bits))


def _right_unsigned(number: int, bits: int) -> Uint:
    return Uint(number >> _shift("bitShiftRight", bits))


def _least(one: Value, other: Value) -> Value:
    return other if _order("math.@min", one, other) > 0 else one


def _greatest(one: Value, other: Value) -> Value:
    return other if _order("math.@max", one, other) < 0 else one


def _order(name: str, one: Value, other: Value) -> int:
    order = compare(one, other)
    if order is None:
        fault = "no such overload" if one == one and other == other else "NaN values cannot be ordered"
        raise EvaluationError(f"{fault}: {name}")
    return order


def _of_list(name: str, pick: Callable[[Value, Value], Value]) -> Callable[[list[Value]], Value]:
    def picked(numbers: list[Value]) -> Value:
        if not numbers:
            raise EvaluationError(f"{name}(list) argument must not be empty")
        try:
            best = reduce(pick, numbers)
        except EvaluationError:
            best = None
        if isinstance(best, bool) or not isinstance(best, (int, float)):
            raise EvaluationError(f"no such overload: {name}")
        return best

    return picked


def _identity(number: Value) -> Value:
    return number


def _listed(numbers: list[Value]) -> int:
    return len(numbers) + 1


def _extremes(name: str, pick: Callable[[Value, Value], Value]) -> list[Overload]:
    of_list = _of_list(name, pick)
    id = name.replace(".", "_")
    one = [free(f"{id}_{type}", (type,), type, _identity) for type in _NUMBERS]
    same = [free(f"{id}_{type}_{type}", (type, type), type, pick) for type in _NUMBERS]
    pairs = ((INT, UINT), (INT, DOUBLE), (DOUBLE, INT), (DOUBLE, UINT), (UINT, INT), (UINT, DOUBLE))
    mixed = [free(f"{id}_{left}_{right}", (left, right), DYN, pick) for left, right in pairs]
    lists = [free(f"{id}_list_{type}", (list_of(type),), type, of_list, _listed) for type in _NUMBERS]
    return [*one, *same, *mixed, *lists]


def _expander(name: str, called: str) -> Callable[[Expander, Expr | None, Sequence[Expr]], Expr | None]:
    """``math.least(...)`` as a call with one, two or a list of arguments."""

    def expand(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr | None:
        if not isinstance(target, Ident) or target.name != "math":
            return None
        if not arguments:
            expander.fail(target, f"{name} requires at least one argument")
        if len(arguments) == 1:
            if not _is_numeric(arguments[0]) and not _is_list(arguments[0]):
                expander.fail(arguments[0], f"{name} invalid single argument value")
            return expander.call(called, arguments[0])
        for argument in arguments:
            if not _is_numeric(argument):
                expander.fail(argument, f"{name} simple literal arguments must be numeric")
        if len(arguments) == 2:
            return expander.call(called, *arguments)
        return expander.call(called, expander.make(ListLiteral, tuple(arguments)))

    return expand


def _is_numeric(argument: Expr) -> bool:
    """Whether it may be a number; what is computed may."""
    if isinstance(argument, Literal):
        return isinstance(argument.value, (int, float)) and not isinstance(argument.value, bool)
    return not isinstance(argument, (ListLiteral, MapLiteral, ObjectLiteral))


def _is_list(argument: Expr) -> bool:
    return isinstance(argument, ListLiteral) and bool(argument.elements) and all(map(_is_numeric, argument.elements))


MATH: Final = Library(
    "cel.lib.ext.math",
    functions=(
        function("math.@min", *_extremes("math.@min", _least)),
        function("math.@max", *_extremes("math.@max", _greatest)),
        function("math.ceil", free("math_ceil_double", (DOUBLE,), DOUBLE, _whole(ceil))),
        function("math.floor", free("math_floor_double", (DOUBLE,), DOUBLE, _whole(floor))),
        function("math.round", free("math_round_double", (DOUBLE,), DOUBLE, _whole(half_away))),
        function("math.trunc", free("math_trunc_double", (DOUBLE,), DOUBLE, _whole(trunc))),
        function("math.isInf", free("math_isInf_double", (DOUBLE,), BOOL, isinf)),
        function("math.isNaN", free("math_isNaN_double", (DOUBLE,), BOOL, isnan)),
        function("math.isFinite", free("math_isFinite_double", (DOUBLE,), BOOL, isfinite)),
        function(
            "math.abs",
            free("math_abs_double", (DOUBLE,), DOUBLE, abs),
            free("math_abs_int", (INT,), INT, _abs),
            free("math_abs_uint", (UINT,), UINT, _identity),
        ),
        function("math.sign", *(free(f"math_sign_{type}", (type,), type, _sign) for type in _NUMBERS)),
        function("math.sqrt", *(free(f"math_sqrt_{type}", (type,), DOUBLE, _sqrt) for type in _NUMBERS)),
        function(
            "math.bitAnd",
            free("math_bitAnd_int_int", (INT, INT), INT, int.__and__),
            free("math_bitAnd_uint_uint", (UINT, UINT), UINT, lambda one, other: Uint(one & other)),
        ),
        function(
            "math.bitOr",
            free("math_bitOr_int_int", (INT, INT), INT, int.__or__),
            free("math_bitOr_uint_uint", (UINT, UINT), UINT, lambda one, other: Uint(one | other)),
        ),
        function(
            "math.bitXor",
            free("math_bitXor_int_int", (INT, INT), INT, int.__xor__),
            free("math_bitXor_uint_uint", (UINT, UINT), UINT, lambda one, other: Uint(one ^ other)),
        ),
        function(
            "math.bitNot",
            free("math_bitNot_int_int", (INT,), INT, int.__invert__),
            free("math_bitNot_uint_uint", (UINT,), UINT, lambda number: Uint(number ^ UINT_MAX)),
        ),
        function(
            "math.bitShiftLeft",
            free("math_bitShiftLeft_int_int", (INT, INT), INT, _left),
            free("math_bitShiftLeft_uint_int", (UINT, INT), UINT, _left_unsigned),
        ),
        function(
            "math.bitShiftRight",
            free("math_bitShiftRight_int_int", (INT, INT), INT, _right),
            free("math_bitShiftRight_uint_int", (UINT, INT), UINT, _right_unsigned),
        ),
    ),
    macros=(
        Macro("least", None, True, _expander("math.least()", "math.@min")),
        Macro("greatest", None, True, _expander("math.greatest()", "math.@max")),
    ),
)
