"""Kyverno's making of maps (upstream: libs/transform)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, free, function
from engine.cel.types import LIST, MAP, STRING
from engine.cel.values import Value
from engine.values import golang

_PLAIN: Final = (bool, int, float, str, list)


def _list_to_map(names: list[Value], values: list[Value], name_field: str, value_field: str) -> dict[str, Value]:
    """A map from a field of each object of one list to a field of the object beside it in the other."""
    if len(names) != len(values):
        raise EvaluationError(
            f"listObjToMap must take lists of equal length. list1: {len(names)}, list2: {len(values)}"
        )
    made: dict[str, Value] = {}
    for name, value in zip(names, values, strict=True):
        key = _object(name).get(name_field)
        if not isinstance(key, str):
            raise EvaluationError("the passed key name cannot be handled as a string in the key object list")
        made[key] = _object(value).get(value_field)
    return made


def _object(value: Value) -> Mapping[Value, Value]:
    if not isinstance(value, Mapping):
        given = (
            golang.type_name(value) if value is None or isinstance(value, (bool, int, float, str, list)) else "value"
        )
        raise EvaluationError(
            f"internal error: interface conversion: interface {{}} is {given}, not map[interface {{}}]interface {{}}"
        )
    for key in value:
        if not isinstance(key, str):
            raise EvaluationError(f"failed to convert key to a string, {golang.type_name(key)}")
    return value


TRANSFORM: Final = Library(
    "kyverno.transform",
    functions=tuple(
        function(name, free(f"list_of_object_to_map_{suffix}", (LIST, LIST, STRING, STRING), MAP, _list_to_map))
        for name, suffix in (("listObjToMap", "non_prefixed"), ("transform.listObjToMap", "prefixed"))
    ),
)
