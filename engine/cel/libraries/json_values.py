"""CEL's values as protobuf's JSON has them (upstream: structpb, as the types' ConvertToNative fill it)."""

from __future__ import annotations

from typing import Final

from engine.cel.plain import to_json
from engine.cel.values import Value

_SAFE: Final = (1 << 53) - 1
"""The largest whole number that every JSON reader keeps; others become texts."""


def to_struct(value: Value) -> Value:
    """The value in which all numbers are ``float`` and nothing is CEL's own; raises EvaluationError."""
    return _floating(to_json(value))


def _floating(value: Value) -> Value:
    if isinstance(value, list):
        return [_floating(item) for item in value]
    if isinstance(value, dict):
        return {key: _floating(item) for key, item in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if -_SAFE <= value <= _SAFE else str(value)
    return value
