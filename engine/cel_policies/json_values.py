"""What expressions make, as JSON (upstream: apiserver's cel/mutation/dynamic/objects.go, cel-go's ConvertToNative)."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Final

from engine.cel.errors import EvaluationError
from engine.cel.values import Duration, ObjectValue, Optional, Timestamp, Uint, Value
from engine.patch.structured.validate import NULL_VALUE

_SAFE: Final = 2**53 - 1
"""Whole numbers beyond are text in JSON that protobuf writes."""


def plain(value: Value) -> Value:
    """The value as it goes into an object: maps and lists of what JSON knows, whole numbers as they are.

    Raises EvaluationError for what has no place in an object.
    """
    match value:
        case ObjectValue():
            return {name: NULL_VALUE if item is None else plain(item) for name, item in value.fields.items()}
        case Mapping():
            return {_key(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case Uint():
            return int(value)
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return base64.b64encode(value).decode()
        case Optional():
            return plain(value.value) if value.present else None
        case Timestamp() | Duration():
            return written(value)
    raise EvaluationError(f"unsupported type in an object: {type(value).__name__.lower()}")


def protobuf(value: Value) -> Value:
    """The value as protobuf's JSON, which a patch's values pass through."""
    match value:
        case ObjectValue():
            return {name: protobuf(item) for name, item in value.fields.items()}
        case Mapping():
            return {_key(key): protobuf(item) for key, item in value.items()}
        case list() | tuple():
            return [protobuf(item) for item in value]
        case bool():
            return value
        case int():
            return int(value) if -_SAFE <= value <= _SAFE else str(int(value))
        case float() if value.is_integer() and abs(value) <= _SAFE:
            return int(value)
    return plain(value)


def written(value: Timestamp | Duration) -> str:
    """A moment as RFC 3339, a span as seconds: ``90s``, ``0.5s``."""
    from datetime import UTC, datetime, timedelta

    seconds, rest = divmod(abs(value.nanoseconds), 10**9)
    if isinstance(value, Duration):
        fraction = f".{rest:09d}".rstrip("0") if rest else ""
        return f"{'-' if value.nanoseconds < 0 else ''}{seconds}{fraction}s"
    seconds, rest = divmod(value.nanoseconds, 10**9)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _key(key: Value) -> str:
    if isinstance(key, str):
        return key
    raise EvaluationError(f'map key "{key}" is of type {type(key).__name__}, not string')


def misnamed(value: Value) -> Iterator[str]:
    """What is wrong with the names of types: below ``Object.spec`` a field's object is an ``Object.spec.<field>``."""
    if isinstance(value, ObjectValue):
        yield from _misnamed(value, value.type_name)


def _misnamed(value: Value, path: str) -> Iterator[str]:
    match value:
        case ObjectValue(type_name=name, fields=fields):
            if name != path:
                text = f'unexpected type name "{name}", expected "{path}"'
                yield f"{text}, which matches field name path from root Object type"
            for field, item in fields.items():
                yield from _misnamed(item, f"{path}.{field}")
        case Mapping():
            for item in value.values():
                yield from _misnamed(item, path)
        case list() | tuple():
            for item in value:
                yield from _misnamed(item, path)
