"""Steps that walk into a value: fields, indices, slices, projections (interpreter.go of Kyverno's fork)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation, Missing, Step
from engine.model import Value


def identity(value: Value, _evaluation: Evaluation) -> Value:
    """``@``"""
    return value


def field(key: str) -> Step:
    """``key``: Missing from an object without it, null from anything that is no object."""
    missing = Missing(key)

    def one(value: Value, _evaluation: Evaluation) -> Value:
        if isinstance(value, dict):
            return value.get(key, missing)
        return None

    return one


def fields(keys: Sequence[str]) -> Step:
    """``a.b.c`` in one step."""
    if len(keys) == 1:
        return field(keys[0])
    pairs: Final = tuple((key, Missing(key)) for key in keys)

    def chain(value: Value, _evaluation: Evaluation) -> Value:
        for key, missing in pairs:
            if not isinstance(value, dict):
                return value if isinstance(value, Missing) else None
            value = value.get(key, missing)
        return value

    return chain


def sequence(first: Step, second: Step) -> Step:
    """``first.second``: what is missing stays missing."""

    def both(value: Value, evaluation: Evaluation) -> Value:
        value = first(value, evaluation)
        if isinstance(value, Missing):
            return value
        return second(value, evaluation)

    return both


def index(position: int) -> Step:
    """``[position]``; null outside the list and for what is no list."""

    def element(value: Value, _evaluation: Evaluation) -> Value:
        if isinstance(value, list) and -len(value) <= position < len(value):
            return value[position]
        return None

    return element


def cut(start: int | None, stop: int | None, step: int | None) -> Step:
    """``[start:stop:step]``, as Python slices; a step of 0 is refused when a list is met (util.go)."""
    bounds = slice(start, stop, step or None)

    def part(value: Value, evaluation: Evaluation) -> Value:
        if not isinstance(value, list):
            return None
        if step == 0:
            raise QueryError("Invalid slice, step cannot be 0")
        chosen = value[bounds]
        evaluation.spend(len(chosen))
        return chosen

    return part


def projection(left: Step, right: Step, keys: Sequence[str] | None) -> Step:
    """``left[*].right``; ``keys`` are given where the right side is nothing but fields."""

    def project(value: Value, evaluation: Evaluation) -> Value:
        items = left(value, evaluation)
        if not isinstance(items, list):
            return None
        evaluation.spend(len(items))
        return [
            answer
            for item in items
            if (answer := right(item, evaluation)) is not None and not isinstance(answer, Missing)
        ]

    if keys is None:
        return project
    if not keys:
        return _present(left)
    return _project_field(left, keys[0]) if len(keys) == 1 else project


def _present(left: Step) -> Step:
    def project(value: Value, evaluation: Evaluation) -> Value:
        items = left(value, evaluation)
        if not isinstance(items, list):
            return None
        evaluation.spend(len(items))
        return [item for item in items if item is not None]

    return project


def _project_field(left: Step, key: str) -> Step:
    def project(value: Value, evaluation: Evaluation) -> Value:
        items = left(value, evaluation)
        if not isinstance(items, list):
            return None
        evaluation.spend(len(items))
        return [answer for item in items if isinstance(item, dict) and (answer := item.get(key)) is not None]

    return project


def _forgiven(left: Step) -> Step:
    """A left side whose errors make the whole answer null, as filters, flattening and ``*`` treat theirs."""

    def attempt(value: Value, evaluation: Evaluation) -> Value:
        try:
            return left(value, evaluation)
        except QueryError:
            return None

    return attempt


def filtered(left: Step, right: Step, condition: Callable[[Value, Evaluation], bool]) -> Step:
    """``left[?condition].right``"""
    source = _forgiven(left)

    def choose(value: Value, evaluation: Evaluation) -> Value:
        items = source(value, evaluation)
        if not isinstance(items, list):
            return None
        evaluation.spend(len(items))
        chosen = []
        for item in items:
            if condition(item, evaluation):
                answer = right(item, evaluation)
                if answer is not None and not isinstance(answer, Missing):
                    chosen.append(answer)
        return chosen

    return choose


def flatten(left: Step) -> Step:
    """``left[]``: one level of lists undone."""
    source = _forgiven(left)

    def level(value: Value, evaluation: Evaluation) -> Value:
        items = source(value, evaluation)
        if not isinstance(items, list):
            return None
        flat: list[Value] = []
        for item in items:
            if isinstance(item, list):
                evaluation.spend(len(item))
                flat += item
            else:
                flat.append(item)
        return flat

    return level


def values_projection(left: Step, right: Step) -> Step:
    """``left.*.right``.

    interpreter.go first evaluates the right side on as many nulls as there are values: it shows where a function
    answers, or refuses, a null. The order is the map's; Go's is random.
    """
    source = _forgiven(left)

    def project(value: Value, evaluation: Evaluation) -> Value:
        items = source(value, evaluation)
        if not isinstance(items, dict):
            return None
        evaluation.spend(2 * len(items))
        padding = right(None, evaluation) if items else None
        answers = [] if padding is None or isinstance(padding, Missing) else [padding] * len(items)
        for item in items.values():
            answer = right(item, evaluation)
            if answer is not None and not isinstance(answer, Missing):
                answers.append(answer)
        return answers

    return project
