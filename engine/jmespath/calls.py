"""Steps that call functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.errors import QueryError
from engine.jmespath import logic
from engine.jmespath.evaluation import Evaluation, ExpRef, Missing, Step
from engine.jmespath.functions import FUNCTIONS
from engine.jmespath.signatures import Function, check, go_types
from engine.model import Value
from engine.values import golang


class Reference:
    """An argument ``&expression``: it reaches only functions that take one, so that no answer contains it."""

    __slots__ = ("_made",)

    def __init__(self, step: Step) -> None:
        self._made = ExpRef(step)

    def __call__(self, _value: Value, _evaluation: Evaluation) -> ExpRef:
        return self._made


def call(name: str, steps: Sequence[Step]) -> Step:
    """``name(a, b)``: arguments first, then the function's existence, their number and their types, as functions.go."""
    function = FUNCTIONS.get(name)
    if function is None:
        return _refusing(steps, f"unknown function: {name}")
    expected = len(function.arguments)
    steps = [_without_reference(step, position, function) for position, step in enumerate(steps)]
    if function.variadic and len(steps) < expected:
        return _refusing(steps, "Invalid arity.")
    if expected and not function.variadic and len(steps) != expected:
        return _refusing(steps, "incorrect number of args")
    if expected and not function.variadic:
        return _checked(function, steps)
    return _unchecked(function, steps)


def _without_reference(step: Step, position: int, function: Function) -> Step:
    """Where anything goes, an expression is what Go's JSON makes of it: an empty object."""
    takes = function.arguments[position] if position < len(function.arguments) else "any"
    return logic.literal({}) if isinstance(step, Reference) and (takes == "any" or function.variadic) else step


def _shown(argument: Value) -> str:
    return "{expression}" if isinstance(argument, ExpRef) else golang.sprint(argument)


def _arguments(steps: Sequence[Step], value: Value, evaluation: Evaluation) -> list[Value]:
    arguments = []
    for step in steps:
        argument = step(value, evaluation)
        if isinstance(argument, Missing):
            argument = None
        elif isinstance(argument, (list, dict)):
            evaluation.spend(len(argument))
        elif isinstance(argument, str) and len(argument) > 64:
            evaluation.spend(len(argument) >> 6)
        arguments.append(argument)
    return arguments


def _refusing(steps: Sequence[Step], message: str) -> Step:
    def refuse(value: Value, evaluation: Evaluation) -> Value:
        _arguments(steps, value, evaluation)
        raise QueryError(message)

    return refuse


def _unchecked(function: Function, steps: Sequence[Step]) -> Step:
    run, count = function.run, len(steps) if function.arguments else 0

    def answer(value: Value, evaluation: Evaluation) -> Value:
        return run(evaluation, *_arguments(steps, value, evaluation)[:count])

    return answer


def _checked(function: Function, steps: Sequence[Step]) -> Step:
    run = function.run
    checks: list[tuple[int, Callable[[Value], bool], str]] = []
    for position, types in enumerate(function.arguments):
        accepts = check(types)
        if accepts is not None:
            checks.append((position, accepts, types))

    def answer(value: Value, evaluation: Evaluation) -> Value:
        arguments = _arguments(steps, value, evaluation)
        for position, accepts, types in checks:
            if not accepts(arguments[position]):
                raise QueryError(f"Invalid type for: {_shown(arguments[position])}, expected: {go_types(types)}")
        return run(evaluation, *arguments)

    return answer
