"""What evaluating costs, in cel-go's units (upstream: cel-go interpreter/runtimecost.go, common/cost.go).

A name, a selection and a call cost 1, a list 10, a map 30, an object 40; functions whose work grows with their
arguments cost by size. What every evaluation of an expression costs is known when it is compiled; loops, the branches
within them and calls by size are counted as they run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.cel.values import Optional, Value

PER_CALL_LIMIT: Final = 1_000_000
"""Kubernetes' limit for one expression (k8s.io/apiserver pkg/apis/cel/config.go)."""
RUNTIME_BUDGET: Final = 10_000_000
"""Kubernetes' limit for all expressions of one policy on one request."""
DEFAULT_LIMIT: Final = 2_000_000
"""Ours, where upstream sets none (policies.kyverno.io): a bound on hostile expressions, reached in half a second."""

LIST: Final = 10
MAP: Final = 30
OBJECT: Final = 40


def size(value: Value) -> int:
    """What cel-go takes for a value's size."""
    if isinstance(value, (str, list, bytes, Mapping)):
        return len(value)
    if isinstance(value, Optional) and value.present:
        return size(value.value)
    return 1


def traversal(length: int) -> int:
    """Walking over a text once: a tenth of its length."""
    return (length + 9) // 10


def by_size(*arguments: Value) -> int:
    """The work is a walk over the first argument."""
    return traversal(size(arguments[0]))


def by_second(*arguments: Value) -> int:
    """The work is a walk over the second argument: all of a list, a tenth of a text."""
    second = arguments[1]
    if second.__class__ is str:
        return (len(second) + 9) // 10
    return len(second) if isinstance(second, list) else traversal(size(second))


def by_smaller(*arguments: Value) -> int:
    """The work ends with the smaller of both."""
    return traversal(min(size(arguments[0]), size(arguments[1])))


def by_sum(*arguments: Value) -> int:
    """The work is a copy of both."""
    return traversal(size(arguments[0]) + size(arguments[1]))


def of_list(*arguments: Value) -> int:
    """Joining lists: upstream chains them for 1; ours copies them, which has to be counted."""
    return 1 + (len(arguments[0]) + len(arguments[1])) // 10


def of_match(*arguments: Value) -> int:
    """A regular expression over a text."""
    return traversal(1 + size(arguments[0])) * ((size(arguments[1]) + 3) // 4)


def of_substring(*arguments: Value) -> int:
    """Looking for a text in another."""
    text, part = arguments
    return ((len(text) + 9) // 10) * ((len(part) + 9) // 10)
