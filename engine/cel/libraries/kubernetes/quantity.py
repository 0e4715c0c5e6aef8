"""Kubernetes' quantities (upstream: library/quantity.go)."""

from __future__ import annotations

from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, free, function, member
from engine.cel.libraries.costs import of_first
from engine.cel.types import BOOL, DOUBLE, INT, STRING, Type, object_type
from engine.cel.values import Opaque
from engine.values.quantity import Format, Quantity, of_int, parse, try_parse

QUANTITY_TYPE: Final = object_type("kubernetes.Quantity")
_WIDEST: Final = 2_000
"""Digits that two quantities may lie apart to be added; upstream writes out as many zeroes as it takes."""


class QuantityValue(Opaque):
    """A quantity; ``==`` compares amounts."""

    __slots__ = ("amount",)
    cel_type: ClassVar[Type] = QUANTITY_TYPE

    def __init__(self, amount: Quantity) -> None:
        self.amount = amount

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QuantityValue) and self.amount.compare(other.amount) == 0

    def __hash__(self) -> int:
        return hash(self.amount.approximate())

    def __str__(self) -> str:
        return str(self.amount)


def _quantity(text: str) -> QuantityValue:
    try:
        return QuantityValue(parse(text))
    except ValueError as error:
        raise EvaluationError(str(error)) from None


def _is_quantity(text: str) -> bool:
    return try_parse(text) is not None


def _sign(of: QuantityValue) -> int:
    return (of.amount.unscaled > 0) - (of.amount.unscaled < 0)


def _is_integer(of: QuantityValue) -> bool:
    return of.amount.as_int64() is not None


def _as_integer(of: QuantityValue) -> int:
    number = of.amount.as_int64()
    if number is None:
        raise EvaluationError("cannot convert value to integer")
    return number


def _as_float(of: QuantityValue) -> float:
    return of.amount.approximate()


def _compare(one: QuantityValue, other: QuantityValue) -> int:
    return one.amount.compare(other.amount)


def _is_greater(one: QuantityValue, other: QuantityValue) -> bool:
    return _compare(one, other) > 0


def _is_less(one: QuantityValue, other: QuantityValue) -> bool:
    return _compare(one, other) < 0


def _add(one: QuantityValue, other: QuantityValue) -> QuantityValue:
    _check_near(one.amount, other.amount)
    return QuantityValue(one.amount.add(other.amount))


def _add_int(one: QuantityValue, number: int) -> QuantityValue:
    return _add(one, _of_int(number))


def _sub(one: QuantityValue, other: QuantityValue) -> QuantityValue:
    _check_near(one.amount, other.amount)
    return QuantityValue(one.amount.sub(other.amount))


def _sub_int(one: QuantityValue, number: int) -> QuantityValue:
    return _sub(one, _of_int(number))


def _of_int(number: int) -> QuantityValue:
    return QuantityValue(of_int(number, Format.DECIMAL_EXPONENT))


def _check_near(one: Quantity, other: Quantity) -> None:
    if abs(one.scale - other.scale) > _WIDEST:
        raise EvaluationError(f"quantities more than {_WIDEST} digits apart are not added")


QUANTITY: Final = Library(
    "kubernetes.quantity",
    functions=(
        function("quantity", free("string_to_quantity", (STRING,), QUANTITY_TYPE, _quantity, of_first())),
        function("isQuantity", free("is_quantity_string", (STRING,), BOOL, _is_quantity, of_first())),
        function("sign", free("quantity_sign", (QUANTITY_TYPE,), INT, _sign)),
        function(
            "isGreaterThan", member("quantity_is_greater_than", (QUANTITY_TYPE, QUANTITY_TYPE), BOOL, _is_greater)
        ),
        function("isLessThan", member("quantity_is_less_than", (QUANTITY_TYPE, QUANTITY_TYPE), BOOL, _is_less)),
        function("compareTo", member("quantity_compare_to", (QUANTITY_TYPE, QUANTITY_TYPE), INT, _compare)),
        function("asApproximateFloat", member("quantity_get_float", (QUANTITY_TYPE,), DOUBLE, _as_float)),
        function("asInteger", member("quantity_get_int", (QUANTITY_TYPE,), INT, _as_integer)),
        function("isInteger", member("quantity_is_integer", (QUANTITY_TYPE,), BOOL, _is_integer)),
        function(
            "add",
            member("quantity_add", (QUANTITY_TYPE, QUANTITY_TYPE), QUANTITY_TYPE, _add),
            member("quantity_add_int", (QUANTITY_TYPE, INT), QUANTITY_TYPE, _add_int),
        ),
        function(
            "sub",
            member("quantity_sub", (QUANTITY_TYPE, QUANTITY_TYPE), QUANTITY_TYPE, _sub),
            member("quantity_sub_int", (QUANTITY_TYPE, INT), QUANTITY_TYPE, _sub_int),
        ),
    ),
)
