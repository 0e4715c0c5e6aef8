"""The macros of the language and of its extensions for optionals, bindings and two variables.

Upstream: cel-go parser/macro.go, cel/library.go (optMap, optFlatMap), ext/bindings.go, ext/comprehensions.go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from engine.cel.expansion import Expander
from engine.cel.functions import Library, Macro
from engine.cel.syntax import Bind, Comprehension, Expr, Ident, Loop, Select

_ACCUMULATOR: Final = "__result__"
"""Upstream's name for what a loop gathers, which a variable must not have."""

_Expand = Callable[[Expander, Expr | None, Sequence[Expr]], Expr | None]


def _has(expander: Expander, _: Expr | None, arguments: Sequence[Expr]) -> Expr:
    (argument,) = arguments
    if not isinstance(argument, Select) or argument.is_optional:
        expander.fail(argument, "invalid argument to has() macro")
    return expander.make(Select, argument.operand, argument.field, True)


def _variable(expander: Expander, argument: Expr, message: str) -> str:
    if not isinstance(argument, Ident):
        expander.fail(argument, message)
    if argument.name == _ACCUMULATOR:
        expander.fail(argument, "iteration variable overwrites accumulator variable")
    return argument.name


def _loop(loop: Loop, name: str, message: str) -> _Expand:
    """A loop over one variable: ``x.name(v, body)`` or ``x.name(v, condition, body)``."""

    def expand(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr:
        variable = _variable(expander, arguments[0], message)
        condition = arguments[1] if len(arguments) == 3 else None
        return expander.make(Comprehension, loop, name, target, variable, None, condition, arguments[-1])

    return expand


def _loop_over_two(loop: Loop, name: str) -> _Expand:
    """A loop over index or key and value: ``x.name(i, v, body)`` or ``x.name(i, v, condition, body)``."""

    def expand(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr:
        first, second = (_name(expander, argument) for argument in arguments[:2])
        if first == second:
            expander.fail(arguments[1], f"duplicate variable name: {first}")
        _variable(expander, arguments[0], "")
        _variable(expander, arguments[1], "")
        condition = arguments[2] if len(arguments) == 4 else None
        return expander.make(Comprehension, loop, name, target, first, second, condition, arguments[-1])

    return expand


def _name(expander: Expander, argument: Expr) -> str:
    if not isinstance(argument, Ident):
        expander.fail(argument, "argument must be a simple name")
    return argument.name


_SIMPLE: Final = "argument must be a simple name"
_IDENTIFIER: Final = "argument is not an identifier"

STANDARD: Final = (
    Macro("has", 1, False, _has),
    Macro("all", 2, True, _loop(Loop.ALL, "all", _SIMPLE)),
    Macro("exists", 2, True, _loop(Loop.EXISTS, "exists", _SIMPLE)),
    Macro("exists_one", 2, True, _loop(Loop.EXISTS_ONE, "exists_one", _SIMPLE)),
    Macro("existsOne", 2, True, _loop(Loop.EXISTS_ONE, "existsOne", _SIMPLE)),
    Macro("filter", 2, True, _loop(Loop.FILTER, "filter", _IDENTIFIER)),
    Macro("map", 2, True, _loop(Loop.MAP, "map", _IDENTIFIER)),
    Macro("map", 3, True, _loop(Loop.MAP, "map", _IDENTIFIER)),
)

_TWO: Final = (
    ("all", (3,), Loop.ALL),
    ("exists", (3,), Loop.EXISTS),
    ("existsOne", (3,), Loop.EXISTS_ONE),
    ("exists_one", (3,), Loop.EXISTS_ONE),
    ("transformList", (3, 4), Loop.TRANSFORM_LIST),
    ("transformMap", (3, 4), Loop.TRANSFORM_MAP),
    ("transformMapEntry", (3, 4), Loop.TRANSFORM_MAP_ENTRY),
)

TWO_VARIABLES: Final = Library(
    "comprehensions",
    macros=tuple(
        Macro(name, arity, True, _loop_over_two(loop, name)) for name, arities, loop in _TWO for arity in arities
    ),
)
"""Loops over an index or key and a value (upstream: ext.TwoVarComprehensions)."""


def _bind(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr | None:
    if not isinstance(target, Ident) or target.name != "cel":
        return None
    variable, value, body = arguments
    if not isinstance(variable, Ident):
        expander.fail(variable, "cel.bind() variable names must be simple identifiers")
    return expander.make(Bind, variable.name, value, body)


BINDINGS: Final = Library("bindings", macros=(Macro("bind", 3, True, _bind),))
"""``cel.bind(name, value, body)`` (upstream: ext.Bindings)."""


def _optional_map(wraps: bool) -> _Expand:
    """``x.optMap(v, body)``; without wrapping, ``x.optFlatMap(v, body)``."""

    def expand(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr:
        variable, body = arguments
        assert target is not None
        if not isinstance(variable, Ident):
            name = "optMap" if wraps else "optFlatMap"
            expander.fail(variable, f"{name}() variable name must be a simple identifier")
        bound = expander.make(Bind, variable.name, expander.member(target, "value"), body)
        return expander.call(
            "_?_:_",
            expander.member(target, "hasValue"),
            expander.member(expander.ident("optional"), "of", bound) if wraps else bound,
            expander.member(expander.ident("optional"), "none"),
        )

    return expand


OPTIONAL_MACROS: Final = (
    Macro("optMap", 2, True, _optional_map(True)),
    Macro("optFlatMap", 2, True, _optional_map(False)),
)
