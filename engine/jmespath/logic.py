"""Steps that decide and build: comparisons, ``||``, ``&&``, ``!``, ``|``, literals and multi-selects."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Final

from engine.jmespath.evaluation import Evaluation, Missing, Step, check_nodes, deep_equal, is_false
from engine.model import Value

_ORDER: Final[dict[str, Callable[[float, float], bool]]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def literal(constant: Value) -> Step:
    """A constant, the same object on every evaluation."""
    return lambda _value, _evaluation: constant


def order(name: str, left: Step, right: Step) -> Step:
    """``<`` and the like: null unless both sides are float64."""
    compare = _ORDER[name]

    def decide(value: Value, evaluation: Evaluation) -> Value:
        one, other = left(value, evaluation), right(value, evaluation)
        if type(one) is float and type(other) is float:
            return compare(one, other)
        return None

    return decide


def equality(left: Step, right: Step, negated: bool) -> Step:
    """``==`` and ``!=``."""

    def decide(value: Value, evaluation: Evaluation) -> bool:
        one, other = left(value, evaluation), right(value, evaluation)
        if isinstance(one, Missing):
            one = None
        if isinstance(other, Missing):
            other = None
        return deep_equal(one, other, evaluation) is not negated

    return decide


def equality_to(step: Step, constant: Value, negated: bool) -> Step:
    """``==`` and ``!=`` with a constant of a scalar type, where no walk is needed."""
    kind = type(constant)

    def equal(value: Value, evaluation: Evaluation) -> bool:
        answer = step(value, evaluation)
        return type(answer) is kind and bool(answer == constant)

    def unequal(value: Value, evaluation: Evaluation) -> bool:
        answer = step(value, evaluation)
        return type(answer) is not kind or bool(answer != constant)

    def null(value: Value, evaluation: Evaluation) -> bool:
        answer = step(value, evaluation)
        return (answer is None or isinstance(answer, Missing)) is not negated

    if constant is None:
        return null
    return unequal if negated else equal


def either(steps: Sequence[Step]) -> Step:
    """``a || b || ...``: the first answer that is not false, else the last; missing keys are null."""
    *first, last = steps

    def choose(value: Value, evaluation: Evaluation) -> Value:
        for step in first:
            answer = step(value, evaluation)
            if not isinstance(answer, Missing) and not is_false(answer):
                return answer
        answer = last(value, evaluation)
        return None if isinstance(answer, Missing) else answer

    return choose


def every(steps: Sequence[Step]) -> Step:
    """``a && b && ...``: the first answer that is false, else the last, which may be missing."""
    *first, last = steps

    def choose(value: Value, evaluation: Evaluation) -> Value:
        for step in first:
            answer = step(value, evaluation)
            if isinstance(answer, Missing):
                return None
            if is_false(answer):
                return answer
        return last(value, evaluation)

    return choose


def opposite(step: Step) -> Step:
    """``!a``"""

    def decide(value: Value, evaluation: Evaluation) -> bool:
        answer = step(value, evaluation)
        return isinstance(answer, Missing) or is_false(answer)

    return decide


def truth(step: Step) -> Callable[[Value, Evaluation], bool]:
    """A step as a filter's condition."""

    def decide(value: Value, evaluation: Evaluation) -> bool:
        answer = step(value, evaluation)
        return answer is True or not (isinstance(answer, Missing) or is_false(answer))

    return decide


def pipe(steps: Sequence[Step]) -> Step:
    """``a | b | ...``: every missing key on the way, the last included, is null."""

    def through(value: Value, evaluation: Evaluation) -> Value:
        for step in steps:
            value = step(value, evaluation)
            if isinstance(value, Missing):
                value = None
        return value

    return through


def select_list(steps: Sequence[Step], guarded: bool) -> Step:
    """``[a, b]``; ``guarded`` where the expression could build a value that is too large."""

    def build(value: Value, evaluation: Evaluation) -> Value:
        if value is None:
            return None
        built = [step(value, evaluation) for step in steps]
        for position, answer in enumerate(built):
            if isinstance(answer, Missing):
                built[position] = None
        if guarded:
            check_nodes(built, evaluation)
        return built

    return build


def select_dict(pairs: Sequence[tuple[str, Step]], guarded: bool) -> Step:
    """``{key: a}``; ``guarded`` as for lists."""

    def build(value: Value, evaluation: Evaluation) -> Value:
        if value is None:
            return None
        built = {}
        for key, step in pairs:
            answer = step(value, evaluation)
            built[key] = None if isinstance(answer, Missing) else answer
        if guarded:
            check_nodes(built, evaluation)
        return built

    return build
