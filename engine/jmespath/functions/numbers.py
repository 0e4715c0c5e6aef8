"""JMESPath's functions on numbers (functions.go of Kyverno's fork). Only float64 counts as a number."""

from __future__ import annotations

import math
from functools import partial

from engine.jmespath.evaluation import Evaluation
from engine.jmespath.signatures import Table, function

TABLE: Table = {}
_function = partial(function, TABLE)


@_function("abs", "number", result="number")
def abs_(_evaluation: Evaluation, number: float) -> float:
    """gives the absolute value"""
    return abs(number)


@_function("ceil", "number", result="number")
def ceil(_evaluation: Evaluation, number: float) -> float:
    """rounds up to a whole number"""
    return float(math.ceil(number)) if math.isfinite(number) else number


@_function("floor", "number", result="number")
def floor(_evaluation: Evaluation, number: float) -> float:
    """rounds down to a whole number"""
    return float(math.floor(number)) if math.isfinite(number) else number


@_function("avg", "array[number]", result="number")
def avg(_evaluation: Evaluation, numbers: list[float]) -> float:
    """gives the mean of an array of numbers; not a number for an empty one"""
    total = 0.0
    for number in numbers:
        total += number
    return total / len(numbers) if numbers else math.nan
