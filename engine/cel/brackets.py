"""The parser's memory: brackets that are open, operators that wait for their right operand."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, NamedTuple

from engine.cel.complaints import OPERAND
from engine.cel.lexer import END
from engine.cel.syntax import Entry, Expr


class Open(Enum):
    """What a bracket encloses."""

    ROOT = auto()
    GROUP = auto()
    CALL = auto()
    INDEX = auto()
    LIST = auto()
    MAP = auto()
    OBJECT = auto()
    TERNARY = auto()


CLOSERS: Final = {
    Open.ROOT: END,
    Open.GROUP: ")",
    Open.CALL: ")",
    Open.INDEX: "]",
    Open.LIST: "]",
    Open.MAP: "}",
    Open.OBJECT: "}",
    Open.TERNARY: ":",
}


class Frame:
    """An open bracket, and what it has gathered."""

    __slots__ = ("base", "entries", "items", "key", "kind", "marked", "name", "optional", "position", "target")

    def __init__(self, kind: Open, position: int, base: int, name: str = "", target: Expr | None = None) -> None:
        self.kind = kind
        self.position = position
        self.base = base
        self.name = name
        self.target = target
        self.items: list[Expr] = []
        self.entries: list[Entry] = []
        self.optional: set[int] = set()
        self.marked = False
        """Whether the current element has a question mark."""
        self.key: tuple[Expr | str, int] | None = None
        """The current entry's key and the position of its colon."""


class Operator(NamedTuple):
    """An operator that waits: how tightly it binds, the function that it calls, where it stands."""

    level: int
    function: str
    position: int


TERNARY: Final = 1
OR: Final = 2
AND: Final = 3
UNARY: Final = 7
BINARY: Final = {
    "||": (OR, "_||_"),
    "&&": (AND, "_&&_"),
    "==": (4, "_==_"),
    "!=": (4, "_!=_"),
    "<": (4, "_<_"),
    "<=": (4, "_<=_"),
    ">": (4, "_>_"),
    ">=": (4, "_>=_"),
    "in": (4, "@in"),
    "+": (5, "_+_"),
    "-": (5, "_-_"),
    "*": (6, "_*_"),
    "/": (6, "_/_"),
    "%": (6, "_%_"),
}
BINARY_LEVELS: Final = {function: level for level, function in BINARY.values()}
"""How tightly operators bind; the ternary is 1, a sign 7, what comes after an operand 8."""


def expected(frame: Frame, operand_due: bool, opens: bool) -> frozenset[str]:
    """The tokens that may come; ``opens`` if the last one opened a bracket."""
    closer = CLOSERS[frame.kind]
    is_literal = frame.kind in (Open.LIST, Open.MAP)
    if not operand_due:
        if frame.kind is Open.MAP and frame.key is None:
            return frozenset({":"})
        return frozenset({closer, ","} if is_literal or frame.kind is Open.OBJECT else {closer})
    if is_literal and frame.key is None:
        return OPERAND | {closer, ",", "?"} if opens else frozenset({closer})
    if opens and frame.kind is Open.CALL:
        return OPERAND | {closer}
    return OPERAND | {"?"} if opens and frame.kind is Open.INDEX else OPERAND
