"""Calls of functions and of the operators that need both operands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.cel import operators
from engine.cel.costs import by_smaller, by_sum, of_list
from engine.cel.dispatch import Find
from engine.cel.errors import EvaluationError
from engine.cel.functions import Overload
from engine.cel.steps import Frame, Step, charge, select_optional
from engine.cel.types import Kind
from engine.cel.values import INT_MAX, INT_MIN, Optional, Value

_LONG: Final = 100
"""From this length on comparing is no longer counted as 1."""
_SIZED: Final = (str, list, bytes, Mapping)


def call(overload: Overload, arguments: tuple[Step, ...]) -> Step:
    """A call whose overload is settled."""
    run, cost = overload.implementation, overload.cost
    if cost is not None:
        return _paid(run, cost, arguments)
    match arguments:
        case ():
            return lambda _: run()
        case (only,):
            return lambda frame: run(only(frame))
        case (first, second):
            return lambda frame: run(first(frame), second(frame))
    return lambda frame: run(*[argument(frame) for argument in arguments])


def _paid(run: Callable[..., Value], cost: Callable[..., int], arguments: tuple[Step, ...]) -> Step:
    if len(arguments) == 2:
        first, second = arguments

        def pair(frame: Frame) -> Value:
            left, right = first(frame), second(frame)
            charge(frame, cost(left, right))
            return run(left, right)

        return pair

    def step(frame: Frame) -> Value:
        values = [argument(frame) for argument in arguments]
        charge(frame, cost(*values))
        return run(*values)

    return step


def dispatched(find: Find, arguments: tuple[Step, ...]) -> Step:
    """A call whose overload the values decide."""

    def step(frame: Frame) -> Value:
        values = [argument(frame) for argument in arguments]
        overload = find(*values)
        if overload.cost is not None:
            charge(frame, overload.cost(*values))
        return overload.implementation(*values)

    return step


# -- equality and order


def equality(left: Step, right: Step, negated: bool) -> Step:
    """``==`` and ``!=`` of whatever comes."""
    equal = operators.equal

    def step(frame: Frame) -> bool:
        first, second = left(frame), right(frame)
        if first.__class__ is str and second.__class__ is str:
            if len(first) > _LONG:
                charge(frame, by_smaller(first, second))
            return (first == second) is not negated
        if isinstance(first, _SIZED):
            charge(frame, by_smaller(first, second))
        return equal(first, second) is not negated

    return step


def equality_with(operand: Step, fixed: str, negated: bool) -> Step:
    """``==`` and ``!=`` of something and a text that is known."""
    if negated:
        return lambda frame: operand(frame) != fixed
    return lambda frame: operand(frame) == fixed


def order(compare: Callable[[Any, Any], bool], left: Step, right: Step) -> Step:
    """``<``, ``<=``, ``>``, ``>=`` of whatever comes."""

    def step(frame: Frame) -> bool:
        first, second = left(frame), right(frame)
        if first.__class__ is str and len(first) > _LONG:
            charge(frame, by_smaller(first, second))
        return compare(first, second)

    return step


ORDERS: Final = {
    "_<_": operators.less,
    "_<=_": operators.less_equal,
    "_>_": operators.greater,
    "_>=_": operators.greater_equal,
}


# -- membership and indices


def membership(element: Step, within: Step) -> Step:
    """``element in within``."""
    contains = operators.contains

    def step(frame: Frame) -> bool:
        value, container = element(frame), within(frame)
        if container.__class__ is list:
            charge(frame, len(container))
        return contains(value, container)

    return step


def membership_of(element: Step, fixed: list[str]) -> Step:
    """``element in ['a', 'b']``."""
    known = frozenset(fixed)

    def step(frame: Frame) -> bool:
        value = element(frame)
        return value.__class__ is str and value in known

    return step


def at(operand: Step, key: Step) -> Step:
    """``operand[key]``; of an optional, an optional."""
    index = operators.index

    def step(frame: Frame) -> Value:
        value, wanted = operand(frame), key(frame)
        if value.__class__ is dict and wanted.__class__ is str and wanted in value:
            return value[wanted]
        if isinstance(value, Optional):
            return select_optional(value, wanted)
        return index(value, wanted)

    return step


def at_optional(operand: Step, key: Step) -> Step:
    """``operand[?key]``."""
    return lambda frame: select_optional(operand(frame), key(frame))


# -- arithmetic


def addition(left: Step, right: Step) -> Step:
    """``+`` of whatever comes; what is copied is counted."""
    add = operators.add

    def step(frame: Frame) -> Value:
        first, second = left(frame), right(frame)
        kind = first.__class__
        if kind is str or kind is bytes:
            charge(frame, by_sum(first, second))
        elif kind is list and second.__class__ is list:
            charge(frame, of_list(first, second))
        return add(first, second)

    return step


def integer_addition(left: Step, right: Step) -> Step:
    """``+`` of what the checker found to be integers."""

    def step(frame: Frame) -> int:
        total: int = left(frame) + right(frame)
        if INT_MIN <= total <= INT_MAX:
            return total
        raise EvaluationError("integer overflow")

    return step


ARITHMETIC: Final = {
    "_-_": operators.subtract,
    "_*_": operators.multiply,
    "_/_": operators.divide,
    "_%_": operators.modulo,
}
COMPARABLE: Final = frozenset({Kind.INT, Kind.BOOL})
"""Types whose values Python compares as CEL does."""


def arithmetic(run: Callable[[Any, Any], Value], left: Step, right: Step) -> Step:
    """``-``, ``*``, ``/``, ``%``."""
    return lambda frame: run(left(frame), right(frame))


def negation(operand: Step) -> Step:
    """``-operand``."""
    negate = operators.negate
    return lambda frame: negate(operand(frame))
