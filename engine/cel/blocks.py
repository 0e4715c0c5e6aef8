"""``cel.block([a, b], body)``: subexpressions that the body refers to by number (upstream: cel-go ext/bindings.go).

Optimisers of expressions write it; the specification's tests have it with ``cel.index(0)`` for a subexpression, and
``cel.iterVar(0, 0)`` and ``cel.accuVar(0, 0)`` for variables of loops. Neither Kubernetes nor Kyverno offers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.cel.expansion import Expander
from engine.cel.functions import Library, Macro
from engine.cel.syntax import Bind, Expr, Ident, ListLiteral, Literal


def _block(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr | None:
    parts, body = arguments
    if not _is_cel(target):
        return None
    if not isinstance(parts, ListLiteral):
        expander.fail(parts, "cel.block requires the first arg to be a list literal")
    for number, part in reversed(list(enumerate(parts.elements))):
        body = expander.make(Bind, f"@index{number}", part, body)
    return body


def _index(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr | None:
    return expander.ident(f"@index{_number(expander, arguments[0])}") if _is_cel(target) else None


def _loop_variable(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr | None:
    depth, number = (_number(expander, argument) for argument in arguments)
    return expander.ident(f"@it:{depth}:{number}") if _is_cel(target) else None


def _accumulator(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr | None:
    depth, number = (_number(expander, argument) for argument in arguments)
    return expander.ident(f"@ac:{depth}:{number}") if _is_cel(target) else None


def _is_cel(target: Expr | None) -> bool:
    return isinstance(target, Ident) and target.name == "cel"


def _number(expander: Expander, argument: Expr) -> int:
    if not isinstance(argument, Literal) or argument.value.__class__ is not int or argument.value < 0:
        expander.fail(argument, "a non-negative int literal is required")
    return int(argument.value)


LIBRARY: Final = Library(
    "block",
    macros=(
        Macro("block", 2, True, _block),
        Macro("index", 1, True, _index),
        Macro("iterVar", 2, True, _loop_variable),
        Macro("accuVar", 2, True, _accumulator),
    ),
)
"""Blocks and what refers to their parts."""
