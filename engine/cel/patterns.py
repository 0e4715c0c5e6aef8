"""Regular expressions, by RE2 only: their time grows with the text, whatever the expression."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from engine.cel.errors import EvaluationError
from engine.cel.moments import quoted


def matches(text: str, expression: str) -> bool:
    """``text.matches(expression)``: whether it occurs anywhere."""
    return compiled(expression).search(text) is not None


@lru_cache(maxsize=256)
def compiled(expression: str) -> Any:
    """RE2's pattern; raises EvaluationError."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        raise EvaluationError(f"error parsing regexp: {_reason(error)}: `{expression}`") from None


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return text.partition(":")[0] or quoted(text)
