"""The operators that do not need all of their operands: logical ones, the ternary, optionals' ``or``.

An error in one operand of ``&&`` or ``||`` does not matter if another decides (upstream: interpreter, evalAnd, evalOr).
"""

from __future__ import annotations

from engine.cel.errors import CostError, EvaluationError
from engine.cel.steps import LEFT, Frame, Step, no_overload
from engine.cel.values import Optional, Value


def all_of(terms: tuple[Step, ...], decisive: bool) -> Step:
    """``a && b && c`` (False decides), ``a || b || c`` (True decides)."""

    otherwise = not decisive

    def step(frame: Frame) -> bool:
        error: EvaluationError | None = None
        for term in terms:
            try:
                value = term(frame)
            except EvaluationError as failure:
                if failure.__class__ is CostError:
                    raise
                error = error or failure
                continue
            if value is decisive:
                return not otherwise
            if value.__class__ is not bool:
                error = error or no_overload()
        if error is not None:
            raise error
        return otherwise

    return step


def costed(term: Step, cost: int) -> Step:
    """A branch within a loop, counted when it is taken."""
    if not cost:
        return term

    def step(frame: Frame) -> Value:
        frame[LEFT] -= cost
        return term(frame)

    return step


def ternary(test: Step, yes: Step, no: Step) -> Step:
    """``test ? yes : no``."""

    def step(frame: Frame) -> Value:
        value = test(frame)
        if value is True:
            return yes(frame)
        if value is False:
            return no(frame)
        raise no_overload()

    return step


def negation(operand: Step) -> Step:
    """``!operand``."""

    def step(frame: Frame) -> bool:
        value = operand(frame)
        if value is True:
            return False
        if value is False:
            return True
        raise no_overload()

    return step


def either(left: Step, right: Step, unwraps: bool) -> Step:
    """``left.or(right)``; with unwrapping ``left.orValue(right)``. The right one is only computed if needed."""

    def step(frame: Frame) -> Value:
        value = left(frame)
        if not isinstance(value, Optional):
            raise no_overload()
        if not value.present:
            return right(frame)
        return value.value if unwraps else value

    return step
