"""CEL's values as protobuf's JSON has them (upstream: structpb, as the types' ConvertToNative fill it)."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, isnan
from typing import Final

from engine.cel.errors import EvaluationError
from engine.cel.plain import to_json
from engine.cel.values import Optional, Value, type_of

_SAFE: Final = (1 << 53) - 1
"""The largest whole number that every JSON reader keeps; others become texts."""


def to_struct(value: Value) -> Value:
    """The value in which all numbers are ``float`` and nothing is CEL's own; raises EvaluationError."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int):
        return float(value) if -_SAFE <= value <= _SAFE else str(int(value))
    if isinstance(value, list):
        return [to_struct(item) for item in value]
    if isinstance(value, Mapping):
        return {_name(key): to_struct(item) for key, item in value.items()}
    if isinstance(value, Optional) and value.present:
        return to_struct(value.value)
    return to_json(value)


def _name(key: Value) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        raise EvaluationError("type conversion error from bool to 'string'")
    raise EvaluationError(f"unsupported type conversion from '{type_of(key).name}' to string")
