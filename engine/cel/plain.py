"""Results to the values of JSON (upstream: the ConvertToNative methods of cel-go common/types for structpb.Value)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from engine.cel.errors import EvaluationError
from engine.cel.moments import show_duration, show_timestamp
from engine.cel.types import Type
from engine.cel.values import Duration, ObjectValue, Optional, Timestamp, Uint, Value, type_of

_DEEPEST: Final = 200


def to_json(value: Value, depth: int = 0) -> Any:
    """A copy made of None, bool, int, float, str, list and dict; raises EvaluationError for what has no such form."""
    if depth > _DEEPEST:
        raise EvaluationError("value is nested too deeply")
    if value is None or value.__class__ in (bool, int, float, str):
        return value
    if isinstance(value, list):
        return [to_json(element, depth + 1) for element in value]
    if isinstance(value, ObjectValue):
        value = value.fields
    if isinstance(value, Mapping):
        return {_key(key): to_json(element, depth + 1) for key, element in value.items()}
    return _other(value, depth)


def _other(value: Value, depth: int) -> Any:
    match value:
        case Uint():
            return int(value)
        case bytes():
            return b64encode(value).decode()
        case Timestamp():
            return show_timestamp(value)
        case Duration():
            return show_duration(value)
        case Type():
            return value.name
        case Optional():
            if not value.present:
                raise EvaluationError("optional.none() dereference")
            return to_json(value.value, depth + 1)
    raise EvaluationError(f"type conversion error from '{type_of(value).name}' to JSON")


def _key(key: Value) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int):
        return str(int(key))
    raise EvaluationError(f"bad key type: {type_of(key).name}")
