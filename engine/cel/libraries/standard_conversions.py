"""Conversions between types (upstream: the ConvertToType methods of cel-go common/types)."""

from __future__ import annotations

from typing import Final, NoReturn

from engine.cel.arithmetic import timestamp
from engine.cel.costs import by_size
from engine.cel.errors import EvaluationError
from engine.cel.functions import free, function
from engine.cel.moments import read_duration, read_timestamp, show_duration, show_timestamp
from engine.cel.numerals import read_double, read_integer, shortest
from engine.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    parameter,
    type_of_type,
)
from engine.cel.values import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    Duration,
    Timestamp,
    Uint,
    Value,
    checked_int,
    checked_uint,
    type_of,
)
from engine.values import golang

_A = parameter("A")


def _cannot(value: Value, to: Type) -> NoReturn:
    raise EvaluationError(f"type conversion error from '{type_of(value).name}' to '{to.name}'")


def _same(value: Value) -> Value:
    return value


def _to_bool(text: str) -> bool:
    found = golang.parse_bool(text)
    return _cannot(text, BOOL) if found is None else found


def _to_text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise EvaluationError("invalid UTF-8 in bytes, cannot convert to string") from None


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text_to_double(text: str) -> float:
    found = read_double(text)
    return _cannot(text, DOUBLE) if found is None else found


def _text_to_int(text: str) -> int:
    found = read_integer(text)
    return _cannot(text, INT) if found is None or not INT_MIN <= found <= INT_MAX else found


def _text_to_uint(text: str) -> Uint:
    found = None if text[:1] in ("+", "-") else read_integer(text)
    return _cannot(text, UINT) if found is None or found > UINT_MAX else Uint(found)


def _double_to_int(number: float) -> int:
    if -(2.0**63) < number < 2.0**63:
        return int(number)
    raise EvaluationError("integer overflow")


def _double_to_uint(number: float) -> Uint:
    if 0 <= number < 2.0**64:
        return Uint(int(number))
    raise EvaluationError("unsigned integer overflow")


def _int_to_timestamp(seconds: int) -> Timestamp:
    return timestamp(seconds * 1_000_000_000)


def _text_to_duration(text: str) -> Duration:
    found = read_duration(text)
    return _cannot(text, DURATION) if found is None else found


def _bool_to_text(value: bool) -> str:
    return "true" if value else "false"


def _int_to_text(value: int) -> str:
    return str(int(value))


CONVERSIONS: Final = (
    function("dyn", free("to_dyn", (_A,), DYN, _same)),
    function("type", free("type", (_A,), type_of_type(_A), type_of)),
    function("bool", free("bool_to_bool", (BOOL,), BOOL, _same), free("string_to_bool", (STRING,), BOOL, _to_bool)),
    function(
        "bytes",
        free("bytes_to_bytes", (BYTES,), BYTES, _same),
        free("string_to_bytes", (STRING,), BYTES, _to_bytes, by_size),
    ),
    function(
        "double",
        free("double_to_double", (DOUBLE,), DOUBLE, _same),
        free("int64_to_double", (INT,), DOUBLE, float),
        free("string_to_double", (STRING,), DOUBLE, _text_to_double),
        free("uint64_to_double", (UINT,), DOUBLE, float),
    ),
    function(
        "duration",
        free("duration_to_duration", (DURATION,), DURATION, _same),
        free("string_to_duration", (STRING,), DURATION, _text_to_duration),
    ),
    function(
        "int",
        free("int64_to_int64", (INT,), INT, _same),
        free("double_to_int64", (DOUBLE,), INT, _double_to_int),
        free("duration_to_int64", (DURATION,), INT, lambda of: of.nanoseconds),
        free("string_to_int64", (STRING,), INT, _text_to_int),
        free("timestamp_to_int64", (TIMESTAMP,), INT, lambda of: of.nanoseconds // 1_000_000_000),
        free("uint64_to_int64", (UINT,), INT, lambda number: checked_int(int(number))),
    ),
    function(
        "string",
        free("string_to_string", (STRING,), STRING, _same),
        free("bool_to_string", (BOOL,), STRING, _bool_to_text),
        free("bytes_to_string", (BYTES,), STRING, _to_text, by_size),
        free("double_to_string", (DOUBLE,), STRING, shortest),
        free("duration_to_string", (DURATION,), STRING, show_duration),
        free("int64_to_string", (INT,), STRING, _int_to_text),
        free("timestamp_to_string", (TIMESTAMP,), STRING, show_timestamp),
        free("uint64_to_string", (UINT,), STRING, _int_to_text),
    ),
    function(
        "timestamp",
        free("timestamp_to_timestamp", (TIMESTAMP,), TIMESTAMP, _same),
        free("int64_to_timestamp", (INT,), TIMESTAMP, _int_to_timestamp),
        free("string_to_timestamp", (STRING,), TIMESTAMP, read_timestamp),
    ),
    function(
        "uint",
        free("uint64_to_uint64", (UINT,), UINT, _same),
        free("double_to_uint64", (DOUBLE,), UINT, _double_to_uint),
        free("int64_to_uint64", (INT,), UINT, checked_uint),
        free("string_to_uint64", (STRING,), UINT, _text_to_uint),
    ),
)
