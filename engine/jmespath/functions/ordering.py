"""JMESPath's functions that compare elements (functions.go of Kyverno's fork)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation, ExpRef, Missing
from engine.jmespath.signatures import Table, function
from engine.model import Value

TABLE: Table = {}
_function = partial(function, TABLE)

_Better: TypeAlias = Callable[[Any, Any], bool]


@_function("max", "array[number]|array[string]", result="number|string")
def max_(_evaluation: Evaluation, items: list[Any]) -> Value:
    """gives the greatest number or string of an array; null for an empty one"""
    return max(items, default=None)


@_function("min", "array[number]|array[string]", result="number|string")
def min_(_evaluation: Evaluation, items: list[Any]) -> Value:
    """gives the least number or string of an array; null for an empty one"""
    return min(items, default=None)


@_function("sort", "array[string]|array[number]", result="array")
def sort(_evaluation: Evaluation, items: list[Any]) -> list[Value]:
    """sorts an array of numbers or strings"""
    return sorted(items)


@_function("max_by", "array", "expref", result="any")
def max_by(evaluation: Evaluation, items: list[Value], expression: ExpRef) -> Value:
    """gives the element with the greatest answer to an expression"""
    return _best(evaluation, items, expression, operator.gt)


@_function("min_by", "array", "expref", result="any")
def min_by(evaluation: Evaluation, items: list[Value], expression: ExpRef) -> Value:
    """gives the element with the least answer to an expression"""
    return _best(evaluation, items, expression, operator.lt)


def _best(evaluation: Evaluation, items: list[Value], expression: ExpRef, better: _Better) -> Value:
    if len(items) < 2:
        return items[0] if items else None
    best = items[0]
    record = expression.step(best, evaluation)
    kind = _comparable(record)
    for item in items[1:]:
        answer = expression.step(item, evaluation)
        if not isinstance(answer, kind):
            raise QueryError(f"invalid type, must be {'number' if kind is float else 'string'}")
        if better(answer, record):
            best, record = item, answer
    return best


def _comparable(answer: Value) -> type:
    if isinstance(answer, (float, str)):
        return type(answer)
    raise QueryError("invalid type, must be number of string")


@_function("sort_by", "array", "expref", result="array")
def sort_by(evaluation: Evaluation, items: list[Value], expression: ExpRef) -> list[Value]:
    """sorts an array by the answers to an expression"""
    if len(items) < 2:
        return items
    answers = [expression.step(item, evaluation) for item in items]
    kind = _comparable(None if isinstance(answers[0], Missing) else answers[0])
    if not all(isinstance(answer, kind) for answer in answers):
        raise QueryError("error in sort_by comparison")
    order = sorted(range(len(items)), key=answers.__getitem__)
    return [items[position] for position in order]
