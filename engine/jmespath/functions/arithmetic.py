"""Kyverno's arithmetic on numbers, quantities and durations (pkg/engine/jmespath/arithmetic.go).

A quantity is tried before a duration, so that ``1m`` is a thousandth.
"""

from __future__ import annotations

import math
from functools import partial, reduce
from typing import NoReturn, TypeAlias

from msgspec import Struct

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation
from engine.jmespath.signatures import Table, function
from engine.model import Value
from engine.values import duration, golang, quantity
from engine.values.quantity import Quantity

TABLE: Table = {}
_function = partial(function, TABLE)


class _Duration(Struct, frozen=True):
    nanoseconds: int


_Operand: TypeAlias = float | Quantity | _Duration


def _operand(value: Value, name: str) -> _Operand:
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        found = quantity.try_parse(value)
        if found is not None:
            return found
        nanoseconds = duration.try_parse(value)
        if nanoseconds is not None:
            return _Duration(nanoseconds)
    _fail(name, "invalid operand")


def _fail(name: str, message: str) -> NoReturn:
    raise QueryError(f"JMESPath function '{name}': {message}")


def _whole(number: float, name: str) -> int:
    """A number as int64, which must not change it."""
    if not math.isfinite(number) or number != math.trunc(number) or not -(2.0**63) <= number < 2.0**63:
        _fail(name, "Non-integer argument(s) passed for modulo")
    return int(number)


def _duration_text(seconds: float) -> str:
    return duration.format(golang.to_int64(seconds * 1e9))


def _added(left: Value, right: Value, name: str) -> Value:
    match _operand(left, name), _operand(right, name):
        case float() as one, float() as other:
            return one + other
        case Quantity() as one, Quantity() as other:
            return str(one.add(other))
        case _Duration(one), _Duration(other):
            return duration.format(_wrapped(one + other))
    _fail(name, "Types mismatch")


def _wrapped(nanoseconds: int) -> int:
    """What int64 keeps of a sum."""
    return (nanoseconds + (1 << 63)) % (1 << 64) - (1 << 63)


@_function("add", "any", "any", result="any")
def add(_evaluation: Evaluation, left: Value, right: Value) -> Value:
    """adds two numbers, two quantities or two durations"""
    return _added(left, right, "add")


@_function("sum", "array", result="any")
def sum_(_evaluation: Evaluation, items: list[Value]) -> Value:
    """adds up an array of numbers, of quantities or of durations"""
    if not items:
        _fail("sum", "at least one element in the array is required")
    return reduce(lambda left, right: _added(left, right, "sum"), items)


@_function("subtract", "any", "any", result="any")
def subtract(_evaluation: Evaluation, left: Value, right: Value) -> Value:
    """subtracts two numbers, two quantities or two durations"""
    match _operand(left, "subtract"), _operand(right, "subtract"):
        case float() as one, float() as other:
            return one - other
        case Quantity() as one, Quantity() as other:
            return str(one.sub(other))
        case _Duration(one), _Duration(other):
            return duration.format(_wrapped(one - other))
    _fail("subtract", "Types mismatch")


@_function("multiply", "any", "any", result="any")
def multiply(_evaluation: Evaluation, left: Value, right: Value) -> Value:
    """multiplies two numbers, or a quantity or duration with a number"""
    match _operand(left, "multiply"), _operand(right, "multiply"):
        case float() as one, float() as other:
            return one * other
        case (Quantity() as amount, float() as factor) | (float() as factor, Quantity() as amount):
            return str(amount.mul(_scale(factor)))
        case (_Duration(nanoseconds), float() as factor) | (float() as factor, _Duration(nanoseconds)):
            return _duration_text(duration.seconds(nanoseconds) * factor)
    _fail("multiply", "Types mismatch")


def _scale(number: float) -> Quantity:
    """A number as the quantity that its shortest text is; 1e-07 and the like are none."""
    try:
        return quantity.parse(golang.float_text(number, "g"))
    except ValueError as error:
        raise QueryError(str(error)) from error


@_function("divide", "any", "any", result="any")
def divide(_evaluation: Evaluation, left: Value, right: Value) -> Value:
    """divides two of a kind to a number, or a quantity or duration by a number"""
    dividend, divisor = _operand(left, "divide"), _operand(right, "divide")
    match dividend, divisor:
        case (float() | Quantity(), float()) | (Quantity(), Quantity()) | (_Duration(), float() | _Duration()):
            return _divided(dividend, divisor)
    _fail("divide", "Types mismatch")


def _divided(dividend: _Operand, divisor: _Operand) -> Value:
    if _is_zero(divisor):
        _fail("divide", "Zero divisor passed")
    match dividend, divisor:
        case float() as one, float() as other:
            return one / other
        case Quantity() as one, Quantity() as other:
            return one.approximate() / other.approximate()
        case Quantity() as amount, float() as number:
            return str(amount.div(_scale(number)))
        case _Duration(one), _Duration(other):
            return duration.seconds(one) / duration.seconds(other)
        case _Duration(one), float() as number:
            return _duration_text(duration.seconds(one) / number)
    raise AssertionError("divide() lets no other types through")


def _is_zero(operand: _Operand) -> bool:
    match operand:
        case _Duration(nanoseconds):
            return nanoseconds == 0
    return (operand.approximate() if isinstance(operand, Quantity) else operand) == 0


@_function("modulo", "any", "any", result="any")
def modulo(_evaluation: Evaluation, left: Value, right: Value) -> Value:
    """gives the remainder of two whole numbers, two quantities or two durations"""
    match _operand(left, "modulo"), _operand(right, "modulo"):
        case float() as one, float() as other:
            return float(_remainder(_whole(one, "modulo"), _whole(other, "modulo")))
        case Quantity() as one, Quantity() as other:
            rest = _remainder(_whole(one.approximate(), "modulo"), _whole(other.approximate(), "modulo"))
            return str(quantity.of_int(rest, one.format))
        case _Duration(one), _Duration(other):
            return duration.format(_remainder(one, other))
    _fail("modulo", "Types mismatch")


def _remainder(one: int, other: int) -> int:
    """Go's ``%``: the sign is the dividend's."""
    if other == 0:
        _fail("modulo", "Zero divisor passed")
    rest = abs(one) % abs(other)
    return -rest if one < 0 else rest


@_function("round", "number", "number", result="number")
def round_(_evaluation: Evaluation, number: float, places: float) -> float:
    """rounds half away from zero to so many decimal places"""
    if not math.isfinite(places) or places != math.trunc(places):
        _fail("round", "Non-integer argument(s) passed for round off")
    if places < 0:
        # The reference formats this text without its two numbers.
        _fail("round", "%!d(MISSING) argument is out of bounds (%!d(MISSING))")
    shift = 10.0**places if places <= 308 else math.inf
    scaled = number * shift
    if not math.isfinite(scaled):
        return scaled / shift
    whole = math.trunc(scaled)
    if abs(scaled - whole) >= 0.5:
        whole += 1 if scaled > 0 else -1
    return whole / shift
