"""What calls of library functions cost, and what they may make (upstream: k8s.io/apiserver pkg/cel/library/cost.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.cel.costs import size, traversal
from engine.cel.errors import EvaluationError
from engine.cel.functions import Cost
from engine.cel.values import Value

MAX_TEXT: Final = 1 << 24
"""Characters of a text that one call may make, as ``replace`` of one long text in another."""


def check_text(length: int) -> None:
    """Raise EvaluationError if a call is about to make a text longer than MAX_TEXT."""
    if length > MAX_TEXT:
        raise EvaluationError(f"a text of more than {MAX_TEXT} characters is not made")


def fixed(cost: int) -> Cost:
    """The same whatever the arguments."""

    def counted(*_arguments: Value) -> int:
        return cost

    return counted


def of_first(times: int = 1) -> Cost:
    """Going over the first argument so often."""

    def counted(first: Value, *_rest: Value) -> int:
        return traversal(size(first) * times)

    return counted


def visiting(value: Value, *_rest: Value) -> int:
    """Visiting everything in the first argument (upstream: traversalCost)."""
    if isinstance(value, (str, bytes)):
        return len(value) // 10
    if isinstance(value, list):
        return sum(map(visiting, value))
    if isinstance(value, Mapping):
        return sum(visiting(key) + visiting(item) for key, item in value.items())
    return 1
