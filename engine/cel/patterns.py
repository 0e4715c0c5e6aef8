"""Regular expressions, by RE2 only: their time grows with the text, whatever the expression."""

from __future__ import annotations

from typing import Any

from engine.cel.errors import EvaluationError
from engine.values import regexp


def matches(text: str, expression: str) -> bool:
    """``text.matches(expression)``: whether it occurs anywhere."""
    return compiled(expression).search(text) is not None


def compiled(expression: str) -> Any:
    """The pattern, which searches as Python's do; raises EvaluationError."""
    try:
        return regexp.compile(expression)
    except ValueError as error:
        raise EvaluationError(str(error)) from None
