"""The exact way of a workload into the reference's Go types: encoding/json's rules and the texts of its errors.

``shapes.fits`` answers for nearly all resources; this is for the rest. A wrong type is remembered and decoding goes on,
a type with a decoder of its own (Time, Quantity, IntOrString) ends it at once; both as in Go 1.26's decode.go.
"""

from __future__ import annotations

import msgspec

from engine.model import Value
from engine.pod_security import timestamp
from engine.pod_security.shapes import INT32, INT64, Field, Shape, Struct, fold, struct
from engine.values import golang

_UNITS = frozenset(("", *"numkMGTPE", *(letter + "i" for letter in "KMGTPE")))
_WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_WRONG_SUFFIX = "unable to parse quantity's suffix"
_BLANKS = " \u0085\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


class Decoded(msgspec.Struct, frozen=True):
    """The value with only known fields, under their exact names and without nulls in lists; or Go's error text."""

    value: dict[str, Value]
    error: str | None


class _At(msgspec.Struct, frozen=True):
    """Where decoding is: the innermost struct and the fields that lead there."""

    struct: str
    fields: tuple[str, ...]


class _StopError(Exception):
    """An error that ends decoding."""


def decode(root: str, value: dict[str, Value]) -> Decoded:
    """Decode a resource into the type named ``root`` (Deployment, CronJob or Pod)."""
    decoder = _Decoder()
    try:
        result = decoder.struct(struct(root), value, ())
    except _StopError as stop:
        return Decoded({}, str(stop))
    return Decoded(result, decoder.error)


class _Decoder:
    """Decodes one resource; keeps the first error, in the order of sorted keys as Go marshals them."""

    __slots__ = ("error",)

    def __init__(self) -> None:
        self.error: str | None = None

    def struct(self, row: Struct, value: dict[str, Value], stack: tuple[str, ...]) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for key in sorted(value):
            field = row.fields.get(key) or row.folded.get(fold(key))
            if field is None or value[key] is None:
                continue
            item = self._value(field.shape, value[key], _At(row.name, (*stack, *field.place)))
            result[field.name] = _joined(field, result.get(field.name), item)
        return result

    def _value(self, shape: Shape, value: Value, at: _At) -> Value:
        match shape, value:
            case Shape(kind="struct", name=name), dict():
                return self.struct(struct(name), value, at.fields)
            case Shape(kind="list", inner=Shape() as inner), list():
                return [_zero(inner) if item is None else self._value(inner, item, at) for item in value]
            case Shape(kind="map", inner=Shape() as inner), dict():
                items = ((key, value[key]) for key in sorted(value))
                return {key: _zero(inner) if item is None else self._value(inner, item, at) for key, item in items}
            case Shape(kind="string"), str():
                return value
            case Shape(kind="bool"), bool():
                return value
            case Shape(kind="any"), _:
                return value
        if shape.kind in ("int32", "int64"):
            return self._integer(shape, value, at)
        if shape.kind in _OWN:
            return _OWN[shape.kind](value, at)
        self._save(_mismatch(_word(value), shape.text, at))
        return _zero(shape)

    def _integer(self, shape: Shape, value: Value, at: _At) -> Value:
        problem = _wrong_integer(value, INT32 if shape.kind == "int32" else INT64)
        if problem is None:
            return value
        self._save(_mismatch(problem, shape.text, at))
        return 0

    def _save(self, text: str) -> None:
        if self.error is None:
            self.error = text


def _joined(field: Field, before: Value, item: Value) -> Value:
    """Two spellings of one field fill the same struct or map; of anything else the later one stays."""
    if field.shape.kind in ("struct", "map") and isinstance(before, dict) and isinstance(item, dict):
        return {**before, **item}
    return item


def _zero(shape: Shape) -> Value:
    match shape.kind:
        case "struct" | "map":
            return {}
        case "list":
            return []
        case "string":
            return ""
        case "bool":
            return False
    return 0 if shape.kind in ("int32", "int64") else None


def _word(value: Value) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _wrong_integer(value: Value, bound: int) -> str | None:
    """How an error calls a value that is not an integer of the range; None where it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _word(value)
    if value == int(value) and -bound <= value < bound:
        return None
    return f"number {golang.marshal(value)}"


def _mismatch(what: str, type_text: str, at: _At) -> str:
    return f"json: cannot unmarshal {what} into Go struct field {at.struct}.{'.'.join(at.fields)} of type {type_text}"


def _time(value: Value, at: _At) -> Value:
    if not isinstance(value, str):
        raise _StopError(_mismatch(_word(value), "string", at))
    problem = timestamp.complaint(value)
    if problem is not None:
        raise _StopError(problem)
    return value


def _int_or_string(value: Value, at: _At) -> Value:
    problem = None if isinstance(value, str) else _wrong_integer(value, INT32)
    if problem is not None:
        raise _StopError(_mismatch(problem, "int32", at))
    return value


def _quantity(value: Value, at: _At) -> Value:
    text = value.strip(_BLANKS) if isinstance(value, str) else golang.marshal(value)
    problem = _wrong_quantity(text)
    if problem is not None:
        raise _StopError(problem)
    return value


def _wrong_quantity(text: str) -> str | None:
    """Follows parseQuantityString in apimachinery's quantity.go: a number, letters, a sign, digits."""
    if not text:
        return _WRONG_FORMAT
    rest = text[1:] if text[0] in "+-" else text
    rest = rest.lstrip("0123456789")
    if rest.startswith("."):
        rest = rest[1:].lstrip("0123456789")
    tail = rest.lstrip("eEinumkKMGTP")
    tail = (tail[1:] if tail[:1] in ("+", "-") else tail).lstrip("0123456789")
    if tail:
        return _WRONG_FORMAT
    if rest in _UNITS or (rest[0] in "eE" and golang.parse_int(rest[1:]) is not None):
        return None
    return _WRONG_SUFFIX


_OWN = {"Time": _time, "Quantity": _quantity, "IntOrString": _int_or_string}
