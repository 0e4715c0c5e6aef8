"""What a macro gets to build its expansion with (upstream: cel-go parser/helper.go, exprHelper)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from engine.cel.syntax import Call, Expr, Ident, Literal
from engine.cel.values import Value


class MacroError(Exception):
    """A macro's misuse, at a node; the parser makes an issue of it."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position


class Expander:
    """Makes nodes at the place of the macro call."""

    def __init__(self, position: int, node: Callable[..., Expr]) -> None:
        self.position = position
        self._node = node

    def make(self, kind: type[Expr], *fields: object) -> Expr:
        """A node of any kind, its fields after ``id`` and ``position``."""
        return self._node(kind, self.position, *fields)

    def literal(self, value: Value) -> Expr:
        """A constant."""
        return self.make(Literal, value)

    def ident(self, name: str) -> Expr:
        """A name."""
        return self.make(Ident, name)

    def call(self, function: str, *arguments: Expr) -> Expr:
        """``function(arguments)``; operators are called ``_+_``."""
        return self.make(Call, function, arguments)

    def member(self, target: Expr, function: str, *arguments: Expr) -> Expr:
        """``target.function(arguments)``."""
        return self.make(Call, function, arguments, target)

    def fail(self, node: Expr, message: str) -> NoReturn:
        """Refuse the call, pointing at a node."""
        raise MacroError(node.position, message)
