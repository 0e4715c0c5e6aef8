"""Kyverno's ``json`` (upstream: libs/json)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Constant, Library, function, member
from engine.cel.libraries.kyverno.native import text
from engine.cel.libraries.kyverno.user import ServiceAccount
from engine.cel.moments import show_timestamp
from engine.cel.types import DYN, STRING, Type, opaque
from engine.cel.values import Duration, ObjectValue, Opaque, Optional, Timestamp, Uint, Value
from engine.values import golang

JSON_TYPE: Final = opaque("json.Json")


class Json(Opaque):
    """What the functions are called on."""

    __slots__ = ()
    cel_type: ClassVar[Type] = JSON_TYPE


def _unmarshal(_json: Json, value: Value) -> Value:
    from engine.errors import EngineError
    from engine.jmespath import json_text

    written = text(value)
    try:
        return json_text.parse(written)
    except EngineError as error:
        raise EvaluationError(str(error)) from None


def _marshal(_json: Json, value: Value) -> str:
    """As encoding/json writes what the value is in Go: null alone is protobuf's 0, a duration its nanoseconds."""
    if value is None:
        return "0"
    if isinstance(value, Optional) and not value.present:
        return "null"
    if isinstance(value, Type):
        return golang.marshal(value.name)
    try:
        return golang.marshal(_native(value))
    except ValueError as error:
        raise EvaluationError(str(error)) from None


def _native(value: Value) -> Value:
    if isinstance(value, Uint):
        return int(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [_native(item) for item in value]
    if isinstance(value, Mapping):
        return {text(key): _native(item) for key, item in value.items()}
    return _special(value)


def _special(value: Value) -> Value:
    match value:
        case bytes():
            from base64 import b64encode

            return b64encode(value).decode("ascii")
        case Timestamp():
            return show_timestamp(value)
        case Duration():
            return value.nanoseconds
        case Optional() if value.present:
            return _native(value.value)
        case ServiceAccount():
            return {name.lower(): given for name, given in value.fields.items() if given}
        case ObjectValue():
            return _native(value.fields)
    return text(value)


JSON: Final = Library(
    "kyverno.json",
    functions=(
        function("unmarshal", member("unmarshal_string_dyn", (JSON_TYPE, DYN), DYN, _unmarshal)),
        function("marshal", member("marshal_dyn_string", (JSON_TYPE, DYN), STRING, _marshal)),
    ),
    constants={"json": Constant(JSON_TYPE, Json())},
)
