"""Calls of functions and of the operators that need both operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.cel import arithmetic as numbers
from engine.cel import ordering
from engine.cel.costs import by_smaller, by_sum, of_list
from engine.cel.dispatch import Finder
from engine.cel.equality import equal, find_key
from engine.cel.errors import EvaluationError
from engine.cel.functions import Overload
from engine.cel.keys import contains, index
from engine.cel.steps import Frame, Step, charge, select_optional
from engine.cel.values import INT_MAX, INT_MIN, Optional, Value

_LONG: Final = 100
"""From this length on comparing is no longer counted as 1."""


def call(overload: Overload, arguments: tuple[Step, ...]) -> Step:
    """A call whose overload is settled."""
    run, cost = overload.implementation, overload.cost
    if cost is not None:
        return _paid_after(run, cost, arguments) if overload.paid_after else _paid(run, cost, arguments)
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


def _paid_after(run: Callable[..., Value], cost: Callable[..., int], arguments: tuple[Step, ...]) -> Step:
    """A call whose cost depends on what it gives."""

    def step(frame: Frame) -> Value:
        values = [argument(frame) for argument in arguments]
        result = run(*values)
        charge(frame, cost(*values, result))
        return result

    return step


def dispatched(find: Finder, arguments: tuple[Step, ...]) -> Step:
    """A call whose overload the values decide."""
    if len(arguments) == 2:
        return _dispatched_pair(find, *arguments)

    def step(frame: Frame) -> Value:
        values = [argument(frame) for argument in arguments]
        return _run(frame, find(*values), values)

    return step


def _run(frame: Frame, overload: Overload, values: Sequence[Value]) -> Value:
    cost = overload.cost
    if cost is not None and not overload.paid_after:
        charge(frame, cost(*values))
    result = overload.implementation(*values)
    if cost is not None and overload.paid_after:
        charge(frame, cost(*values, result))
    return result


def _dispatched_pair(find: Finder, first: Step, second: Step) -> Step:
    decided = find.decided

    def step(frame: Frame) -> Value:
        left, right = first(frame), second(frame)
        overload = decided.get((left.__class__, right.__class__)) or find(left, right)
        if overload.cost is None:
            return overload.implementation(left, right)
        return _run(frame, overload, (left, right))

    return step


# -- equality and order


def equality(left: Step, right: Step, negated: bool) -> Step:
    """``==`` and ``!=`` of whatever comes."""

    def step(frame: Frame) -> bool:
        first, second = left(frame), right(frame)
        if first.__class__ is str:
            if len(first) > _LONG:
                charge(frame, by_smaller(first, second))
            return (second.__class__ is str and first == second) is not negated
        return _equal(frame, first, second) is not negated

    return step


def _equal(frame: Frame, left: Any, right: Any) -> bool:
    """CEL's ``==``, every element that is looked at being counted, also within elements.

    Upstream counts a tenth of the outermost length, whatever the work.
    """
    kind = left.__class__
    compare: Any = _COMPOUND.get(kind)
    if compare is None:
        return equal(left, right)
    if right.__class__ is not kind or len(left) != len(right):
        return False
    charge(frame, 2 * len(left))
    return bool(compare(frame, left, right))


def _equal_lists(frame: Frame, left: list[Value], right: list[Value]) -> bool:
    for one, other in zip(left, right, strict=True):
        if one.__class__ is str:
            if one != other:
                return False
        elif not _equal(frame, one, other):
            return False
    return True


def _equal_maps(frame: Frame, left: dict[Value, Value], right: dict[Value, Value]) -> bool:
    for key, one in left.items():
        is_found, other = (key in right, right.get(key)) if key.__class__ is str else find_key(right, key)
        if not is_found:
            return False
        if one.__class__ is str:
            if one != other:
                return False
        elif not _equal(frame, one, other):
            return False
    return True


_COMPOUND: Final = {list: _equal_lists, dict: _equal_maps}


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
    "_<_": ordering.less,
    "_<=_": ordering.less_equal,
    "_>_": ordering.greater,
    "_>=_": ordering.greater_equal,
}


# -- membership and indices


def membership(element: Step, within: Step) -> Step:
    """``element in within``."""

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
    add = numbers.add

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
    "_-_": numbers.subtract,
    "_*_": numbers.multiply,
    "_/_": numbers.divide,
    "_%_": numbers.modulo,
}


def arithmetic(run: Callable[[Any, Any], Value], left: Step, right: Step) -> Step:
    """``-``, ``*``, ``/``, ``%``."""
    return lambda frame: run(left(frame), right(frame))


def negation(operand: Step) -> Step:
    """``-operand``."""
    negate = numbers.negate
    return lambda frame: negate(operand(frame))
