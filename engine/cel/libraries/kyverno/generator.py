"""Kyverno's ``generator``: making resources (upstream: libs/generator)."""

from __future__ import annotations

from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Constant, Library, function, member
from engine.cel.libraries.json_values import to_struct
from engine.cel.libraries.kyverno.native import asked
from engine.cel.libraries.kyverno.surroundings import Surroundings
from engine.cel.types import ANY, BOOL, STRING, Type, list_of, map_of, opaque
from engine.cel.values import Opaque, Value

CONTEXT_TYPE: Final = opaque("generator.Context")
_OBJECTS: Final = list_of(map_of(STRING, ANY))
_SPELLINGS: Final = (("Apply", "pascal"), ("apply", "camel"))


class Context(Opaque):
    """Who takes the resources, for a policy of a namespace or of the cluster."""

    __slots__ = ("namespace", "surroundings")
    cel_type: ClassVar[Type] = CONTEXT_TYPE

    def __init__(self, surroundings: Surroundings, namespace: str) -> None:
        self.surroundings = surroundings
        self.namespace = namespace


def _apply(of: Context, namespace: str, objects: list[Value]) -> bool:
    return _generate(of, namespace, objects, 2)


def _apply_here(of: Context, objects: list[Value]) -> bool:
    return _generate(of, of.namespace, objects, 1)


def _generate(of: Context, namespace: str, objects: list[Value], place: int) -> bool:
    try:
        made = [to_struct(one) for one in objects]
    except EvaluationError as error:
        raise EvaluationError(f"invalid arg {place}: {error}") from None
    for one in made:
        if not isinstance(one, dict):
            raise EvaluationError(f"invalid arg {place}: resources are objects")
    asked("failed to generate resources", lambda: of.surroundings.generate(namespace, made))
    return True


_EVERYWHERE: Final = tuple(
    function(name, member(f"generator_apply_string_list_{suffix}", (CONTEXT_TYPE, STRING, _OBJECTS), BOOL, _apply))
    for name, suffix in _SPELLINGS
)
_HERE: Final = tuple(
    function(name, member(f"generator_apply_list_{suffix}", (CONTEXT_TYPE, _OBJECTS), BOOL, _apply_here))
    for name, suffix in _SPELLINGS
)


def library(surroundings: Surroundings, namespace: str = "") -> Library:
    """``generator`` for a policy of the cluster, or of a namespace."""
    context = Constant(CONTEXT_TYPE, Context(surroundings, namespace))
    functions = _HERE if namespace else _EVERYWHERE
    return Library("kyverno.generator", functions=functions, constants={"generator": context}, asks=True)
