"""Regular expressions, by RE2 only: their time grows with the text, whatever the expression."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from engine.cel.errors import EvaluationError
from engine.values import regexp


def matches(text: str, expression: str) -> bool:
    """``text.matches(expression)``: whether it occurs anywhere."""
    return _remembered(text, expression) if len(text) <= _SHORT else compiled(expression).search(text) is not None


_SHORT: Final = 200
"""Texts up to this length (images, names, labels) are asked the same again and again, by every policy and resource."""


@lru_cache(maxsize=4096)
def _remembered(text: str, expression: str) -> bool:
    return compiled(expression).search(text) is not None


def compiled(expression: str) -> Any:
    """The pattern, which searches as Python's do; raises EvaluationError."""
    try:
        return regexp.compile(expression)
    except ValueError as error:
        raise EvaluationError(str(error)) from None
