"""Kyverno's ``globalContext``: GlobalContextEntries (upstream: libs/globalcontext)."""

from __future__ import annotations

from typing import ClassVar, Final

from engine.cel.functions import Constant, Function, Library, function, member
from engine.cel.libraries.kyverno.native import asked
from engine.cel.libraries.kyverno.surroundings import Surroundings
from engine.cel.types import DYN, STRING, Type, opaque
from engine.cel.values import Opaque, Value

CONTEXT_TYPE: Final = opaque("globalcontext.Context")


class Context(Opaque):
    """Who knows the entries."""

    __slots__ = ("surroundings",)
    cel_type: ClassVar[Type] = CONTEXT_TYPE

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings


def _get(of: Context, name: str, projection: str = "") -> Value:
    return asked("failed to get global reference", lambda: of.surroundings.global_reference(name, projection))


def _function(name: str, suffix: str) -> Function:
    return function(
        name,
        member(f"globalcontext_get_string_{suffix}", (CONTEXT_TYPE, STRING), DYN, _get),
        member(f"globalcontext_get_string_string_{suffix}", (CONTEXT_TYPE, STRING, STRING), DYN, _get),
    )


_FUNCTIONS: Final = (_function("Get", "pascal"), _function("get", "camel"))


def library(surroundings: Surroundings) -> Library:
    """``globalContext`` with who answers."""
    context = Constant(CONTEXT_TYPE, Context(surroundings))
    return Library("kyverno.globalcontext", functions=_FUNCTIONS, constants={"globalContext": context}, asks=True)
