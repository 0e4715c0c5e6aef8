"""What operators become: steps for those of the language, chosen by what their operands are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from engine.cel import calls, logic, steps
from engine.cel.costs import LIST
from engine.cel.steps import Step
from engine.cel.syntax import Expr, ListLiteral, Literal
from engine.cel.types import Kind

if TYPE_CHECKING:
    from engine.cel.evaluation import Planner


def _logical(planner: Planner, name: str, arguments: tuple[Expr, ...]) -> Step:
    terms = [planner.plan(arguments[0]), *map(planner.branch, arguments[1:])]
    return logic.all_of(tuple(terms), decisive=name == "_||_")


def _ternary(planner: Planner, _: str, arguments: tuple[Expr, ...]) -> Step:
    test, yes, no = arguments
    return logic.ternary(planner.plan(test), planner.branch(yes), planner.branch(no))


def _not(planner: Planner, _: str, arguments: tuple[Expr, ...]) -> Step:
    planner.cost += 1
    return logic.negation(planner.plan(arguments[0]))


def _equality(planner: Planner, name: str, arguments: tuple[Expr, ...]) -> Step:
    planner.cost += 1
    negated = name == "_!=_"
    for operand, fixed in (arguments, arguments[::-1]):
        if isinstance(fixed, Literal) and fixed.value.__class__ is str:
            return calls.equality_with(planner.plan(operand), fixed.value, negated)
    left, right = (planner.plan(argument) for argument in arguments)
    return calls.equality(left, right, negated)


def _order(planner: Planner, name: str, arguments: tuple[Expr, ...]) -> Step:
    planner.cost += 1
    left, right = (planner.plan(argument) for argument in arguments)
    return calls.order(calls.ORDERS[name], left, right)


def _in(planner: Planner, _: str, arguments: tuple[Expr, ...]) -> Step:
    element, within = arguments
    planner.cost += 1
    if isinstance(within, ListLiteral) and not within.optional:
        fixed = [one.value for one in within.elements if isinstance(one, Literal)]
        if len(fixed) == len(within.elements) and all(value.__class__ is str for value in fixed):
            planner.cost += LIST + len(fixed)
            return calls.membership_of(planner.plan(element), fixed)
    return calls.membership(planner.plan(element), planner.plan(within))


def _index(planner: Planner, name: str, arguments: tuple[Expr, ...]) -> Step:
    planner.cost += 1
    operand, key = arguments
    if name == "_[?_]":
        return calls.at_optional(planner.plan(operand), planner.plan(key))
    if isinstance(key, Literal) and key.value.__class__ is str:
        return steps.selection(planner.plan(operand), (key.value,))
    return calls.at(planner.plan(operand), planner.plan(key))


def _addition(planner: Planner, _: str, arguments: tuple[Expr, ...]) -> Step:
    planner.cost += 1
    left, right = (planner.plan(argument) for argument in arguments)
    if all(planner.kind(argument) is Kind.INT for argument in arguments):
        return calls.integer_addition(left, right)
    return calls.addition(left, right)


def _arithmetic(planner: Planner, name: str, arguments: tuple[Expr, ...]) -> Step:
    planner.cost += 1
    left, right = (planner.plan(argument) for argument in arguments)
    return calls.arithmetic(calls.ARITHMETIC[name], left, right)


def _negate(planner: Planner, _: str, arguments: tuple[Expr, ...]) -> Step:
    planner.cost += 1
    return calls.negation(planner.plan(arguments[0]))


OPERATORS: Final[dict[str, Callable[[Planner, str, tuple[Expr, ...]], Step]]] = {
    "_&&_": _logical,
    "_||_": _logical,
    "_?_:_": _ternary,
    "!_": _not,
    "_==_": _equality,
    "_!=_": _equality,
    **dict.fromkeys(calls.ORDERS, _order),
    "@in": _in,
    "_[_]": _index,
    "_[?_]": _index,
    "_+_": _addition,
    **dict.fromkeys(calls.ARITHMETIC, _arithmetic),
    "-_": _negate,
}
"""By the name of their function: what plans a call, given its arguments."""
