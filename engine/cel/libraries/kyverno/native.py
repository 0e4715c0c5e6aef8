"""Arguments as Kyverno's functions take them (upstream: extensions/cel/utils, over cel-go's ConvertToNative)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from engine.cel.errors import EvaluationError
from engine.cel.libraries.kyverno.surroundings import Unavailable
from engine.cel.types import Type
from engine.cel.values import Duration, Opaque, Optional, Timestamp, Uint, Value, type_of

_T = TypeVar("_T")
_REFUSALS: Final[dict[type, str]] = {
    bool: "type conversion error from bool to 'string'",
    int: "unsupported type conversion from 'int' to string",
    Uint: "unsupported type conversion from 'uint' to string",
    float: "type conversion error from Double to 'string'",
    bytes: "type conversion error from Bytes to 'string'",
    list: "type conversion error from list to 'string'",
    Timestamp: "type conversion error from 'Timestamp' to 'string'",
    Duration: "type conversion error from 'Duration' to 'string'",
    Type: "type conversion not supported for 'type'",
}


def text(value: Value) -> str:
    """The argument as a string; raises EvaluationError where upstream has none for it."""
    if isinstance(value, str):
        return value
    if isinstance(value, Optional):
        if not value.present:
            raise EvaluationError("optional.none() dereference")
        return text(value.value)
    if isinstance(value, Opaque) and type(value).__str__ is not object.__str__:
        return str(value)
    if isinstance(value, Mapping):
        raise EvaluationError("type conversion error from map to 'string'")
    known = _REFUSALS.get(value.__class__)
    raise EvaluationError(known or f"type conversion error from '{type_of(value).name}' to 'string'")


def asked(what: str, ask: Callable[[], _T]) -> _T:
    """The world's answer; its refusal becomes an error that says what failed."""
    try:
        return ask()
    except Unavailable as refusal:
        denied = "permission denied: " if refusal.forbidden else ""
        raise EvaluationError(f"{what}: {denied}{refusal}") from None
