"""What a parser builds with: nodes of bounded depth, and the stacks of what is open (upstream: cel-go parser)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.cel.brackets import AND, OR, TERNARY, UNARY, Frame, Open, Operator
from engine.cel.lexer import SyntaxProblem
from engine.cel.reading import Reading
from engine.cel.syntax import Call, Entry, Expr, Node

MAX_DEPTH: Final = 250
"""Of open brackets, as upstream, and of the tree, for which upstream's rule is less strict."""


class Building(Reading):
    """The stacks of a parser: values that are complete, operators and brackets that wait."""

    def __init__(self, optionals: bool) -> None:
        super().__init__(optionals)
        self._depths: list[int] = [0]
        self._values: list[Expr] = []
        self._operators: list[Operator] = []
        self._qualified: str | None = None
        """The dotted name that was just read, which a brace would make a type's."""

    def node(self, kind: Callable[..., Expr], position: int, *fields: object) -> Expr:
        """A node with the next id; refuses a tree that is too deep to be walked."""
        deepest = 0
        for field in fields:
            for child in field if isinstance(field, tuple) else (field,):
                child = getattr(child, "value", child) if isinstance(child, Entry) else child
                if isinstance(child, Node):
                    deepest = max(deepest, self._depths[child.id])
        return self._made(kind, position, deepest, *fields)

    def _made(self, kind: Callable[..., Expr], position: int, deepest: int, *fields: object) -> Expr:
        if deepest >= MAX_DEPTH:
            raise SyntaxProblem(f"expression recursion limit exceeded: {MAX_DEPTH}", -1)
        self._depths.append(deepest + 1)
        return kind(len(self._depths) - 1, position, *fields)

    def _put(self, node: Expr, qualified: str | None = None) -> None:
        self._values.append(node)
        self._operand_due = False
        self._qualified = qualified

    def _open(self, frame: Open, position: int, name: str = "", target: Expr | None = None) -> None:
        if len(self._frames) > MAX_DEPTH:
            raise SyntaxProblem(f"expression recursion limit exceeded: {MAX_DEPTH}", -1)
        self._frames.append(Frame(frame, position, len(self._operators), name, target))
        self._operand_due = True

    def _reduce(self, level: int) -> None:
        """Apply the operators of this bracket that bind at least as tightly."""
        operators, base = self._operators, self._frames[-1].base
        while len(operators) > base and operators[-1].level >= level:
            operator = operators.pop()
            run = [operator]
            if operator.level in (OR, AND):
                while len(operators) > base and operators[-1].level == operator.level:
                    run.append(operators.pop())
            arity = {TERNARY: 3, UNARY: 1}.get(operator.level, len(run) + 1)
            arguments = tuple(self._values[-arity:])
            del self._values[-arity:]
            middle = run[(len(run) - 1) // 2].position
            self._values.append(self.node(Call, middle, operator.function, arguments))
