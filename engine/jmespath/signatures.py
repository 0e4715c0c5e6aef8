"""What a function takes and gives: the table's rows, and the check of arguments (functions.go of Kyverno's fork)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from msgspec import Struct

from engine.jmespath.evaluation import ExpRef
from engine.model import Value

Implementation: TypeAlias = Callable[..., Value]
"""Takes the Evaluation and then the checked arguments; raises QueryError with the reference's text."""

_SIMPLE: Final[dict[str, type]] = {
    "number": float,
    "string": str,
    "array": list,
    "object": dict,
    "expref": ExpRef,
}


class Function(Struct, frozen=True):
    """A row of the table: ``arguments`` are names of types joined by ``|`` (``string|number``), ``doc`` is one line."""

    name: str
    arguments: tuple[str, ...]
    result: str
    doc: str
    run: Implementation
    variadic: bool = False

    @property
    def signature(self) -> str:
        """As the reference's ``jp function`` writes it: ``split(string, string) array[string]``."""
        return f"{self.name}({', '.join(self.arguments)}) {self.result.replace('|', ',')}"


Table: TypeAlias = dict[str, Function]


def function(table: Table, name: str, *arguments: str, result: str) -> Callable[[Implementation], Implementation]:
    """Enter an implementation into a family's table; its docstring is the doc, a last ``string...`` is variadic."""

    def enter(run: Implementation) -> Implementation:
        variadic = bool(arguments) and arguments[-1].endswith("...")
        types = tuple(argument.removesuffix("...") for argument in arguments)
        table[name] = Function(name, types, result, (run.__doc__ or "").strip(), run, variadic)
        return run

    return enter


def check(types: str) -> Callable[[Value], bool] | None:
    """The check of one argument, None where anything will do."""
    names = types.split("|")
    if "any" in names:
        return None
    simple = tuple(_SIMPLE[name] for name in names if name in _SIMPLE)
    elements = tuple(_SIMPLE[name[6:-1]] for name in names if name.startswith("array["))

    def accepts(value: Value) -> bool:
        if isinstance(value, simple):
            return True
        if not elements or not isinstance(value, list):
            return False
        return any(all(isinstance(item, kind) for item in value) for kind in elements)

    return accepts


def go_types(types: str) -> str:
    """The types as Go's ``%#v`` prints them in a refusal."""
    listed = ", ".join(f'"{name}"' for name in types.split("|"))
    return f"[]jmespath.JpType{{{listed}}}"
