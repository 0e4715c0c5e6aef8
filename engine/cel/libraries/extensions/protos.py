"""cel-go's ``proto`` (ext/protos.go): a field by a name with dots.

There are no protobuf messages here; what can have one is a map with such a key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from engine.cel.expansion import Expander
from engine.cel.functions import Library, Macro
from engine.cel.syntax import Expr, Ident, Select


def _extension(is_test: bool) -> Callable[[Expander, Expr | None, Sequence[Expr]], Expr | None]:
    """``proto.getExt(x, a.b.c)``, or whether there is one: ``proto.hasExt(x, a.b.c)``."""

    def expand(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr | None:
        if not isinstance(target, Ident) or target.name != "proto":
            return None
        message, extension = arguments
        return expander.make(Select, message, _field(expander, extension), is_test)

    return expand


def _field(expander: Expander, node: Expr) -> str:
    names: list[str] = []
    inner = node
    while isinstance(inner, Select) and not (inner.is_test or inner.is_optional):
        names.append(inner.field)
        inner = inner.operand
    if not names or not isinstance(inner, Ident):
        expander.fail(node, "invalid extension field")
    return ".".join((inner.name, *reversed(names)))


PROTOS: Final = Library(
    "protos", macros=(Macro("getExt", 2, True, _extension(False)), Macro("hasExt", 2, True, _extension(True)))
)
