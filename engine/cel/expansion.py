"""What a macro gets to build its expansion with (upstream: cel-go parser/helper.go, exprHelper)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from engine.cel.syntax import Call, Expr, Literal, Node
from engine.cel.values import Value

_N = TypeVar("_N", bound=Node)


class MacroError(Exception):
    """A macro's misuse, at a node; the parser makes an issue of it."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position


class Expander:
    """Makes nodes with new ids at the place of the macro call."""

    def __init__(self, position: int, next_id: Callable[[], int]) -> None:
        self.position = position
        self.next_id = next_id

    def literal(self, value: Value) -> Literal:
        """A constant."""
        return Literal(self.next_id(), self.position, value)

    def call(self, function: str, *arguments: Expr) -> Call:
        """``function(arguments)``; operators are called ``_+_``."""
        return Call(self.next_id(), self.position, function, arguments)

    def member(self, target: Expr, function: str, *arguments: Expr) -> Call:
        """``target.function(arguments)``."""
        return Call(self.next_id(), self.position, function, arguments, target)

    def make(self, kind: Callable[..., _N], *fields: object) -> _N:
        """Any other node."""
        return kind(self.next_id(), self.position, *fields)

    def fail(self, node: Node, message: str) -> NoReturn:
        """Refuse the call, pointing at a node."""
        raise MacroError(node.position, message)
