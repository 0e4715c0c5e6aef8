"""``x.orValue(y)`` of an ``x`` that is no optional (upstream: pkg/cel/compiler/env.go, OrValueCompatEnvOptions)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from engine.cel.functions import Library, Macro, free, function
from engine.cel.types import DYN
from engine.cel.values import Optional, Value

if TYPE_CHECKING:
    from engine.cel.expansion import Expander
    from engine.cel.syntax import Expr

_CALLED: Final = "__orValueCompat__"


def _or_value(value: Value, other: Value) -> Value:
    if isinstance(value, Optional):
        return value.value if value.present else other
    return value


def _expand(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr | None:
    return expander.call(_CALLED, target, *arguments) if target is not None else None


COMPATIBILITY: Final = Library(
    "kyverno.compatibility",
    functions=(function(_CALLED, free("__orValueCompat___dyn_dyn", (DYN, DYN), DYN, _or_value)),),
    macros=(Macro("orValue", 1, True, _expand),),
)
