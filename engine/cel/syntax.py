"""The tree of an expression: what the parser makes, the checker types and the planner turns into closures.

Every node has an ``id`` that is unique in its tree and a ``position``, the offset in code points where cel-go would
point to it: an operator's own sign, a call's parenthesis, a selection's dot.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from msgspec import Struct

from engine.cel.values import Value


class Node(Struct, frozen=True):
    """What all nodes have."""

    id: int
    position: int


class Literal(Node, frozen=True):
    """A constant: null, bool, int, uint, double, string or bytes."""

    value: Value


class Ident(Node, frozen=True):
    """A name; with a leading dot it is looked up at the root."""

    name: str


class Select(Node, frozen=True):
    """``operand.field``; with ``is_test`` the macro ``has(operand.field)``, with ``is_optional`` ``operand.?field``."""

    operand: Expr
    field: str
    is_test: bool = False
    is_optional: bool = False


class Call(Node, frozen=True):
    """A function, operator (``_+_``) or method call; ``target`` is the receiver, or what may be a namespace."""

    function: str
    arguments: tuple[Expr, ...]
    target: Expr | None = None


class ListLiteral(Node, frozen=True):
    """``[a, ?b]``; ``optional`` are the indices of elements with a question mark."""

    elements: tuple[Expr, ...]
    optional: frozenset[int] = frozenset()


class Entry(Node, frozen=True):
    """``key: value`` of a map, or ``field: value`` of an object, whose key is then a text."""

    key: Expr | str
    value: Expr
    is_optional: bool = False


class MapLiteral(Node, frozen=True):
    """``{key: value, ?key: optional}``."""

    entries: tuple[Entry, ...]


class ObjectLiteral(Node, frozen=True):
    """``Name{field: value}``."""

    type_name: str
    entries: tuple[Entry, ...]


class Loop(Enum):
    """What a comprehension makes of its predicate or transformation."""

    ALL = "all"
    EXISTS = "exists"
    EXISTS_ONE = "exists_one"
    FILTER = "filter"
    MAP = "map"
    TRANSFORM_LIST = "transformList"
    TRANSFORM_MAP = "transformMap"
    TRANSFORM_MAP_ENTRY = "transformMapEntry"


class Comprehension(Node, frozen=True):
    """A macro over a list or map. ``body`` is the predicate or the transformation, ``condition`` what filters before.

    With two variables the first is the index or key. ``name`` is the macro as written (``existsOne``).
    """

    loop: Loop
    name: str
    target: Expr
    variable: str
    second: str | None
    condition: Expr | None
    body: Expr


class Bind(Node, frozen=True):
    """``cel.bind(variable, value, body)``; the value is computed when first read."""

    variable: str
    value: Expr
    body: Expr


Expr: TypeAlias = Literal | Ident | Select | Call | ListLiteral | MapLiteral | ObjectLiteral | Comprehension | Bind


def children(node: Expr) -> tuple[Expr, ...]:
    """The nodes right under a node, in the order in which they are written."""
    match node:
        case Select():
            return (node.operand,)
        case Call():
            return node.arguments if node.target is None else (node.target, *node.arguments)
        case ListLiteral():
            return node.elements
        case MapLiteral() | ObjectLiteral():
            keys_and_values = ((entry.key, entry.value) for entry in node.entries)
            return tuple(part for pair in keys_and_values for part in pair if not isinstance(part, str))
        case Comprehension():
            return tuple(part for part in (node.target, node.condition, node.body) if part is not None)
        case Bind():
            return node.value, node.body
    return ()
