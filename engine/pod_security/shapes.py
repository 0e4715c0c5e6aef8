"""The shapes of ``fields``, and closures that tell quickly whether a value decodes into one without ado."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import msgspec

from engine.model import Value
from engine.pod_security.fields import TABLE
from engine.regex import later

INT32 = 2**31
INT64 = 2**63
QUANTITY = later(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,18})?\Z", re.ASCII)
TIMESTAMP = later(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z\Z", re.ASCII
)

Fits = Callable[[Value], bool]


class Shape(msgspec.Struct, frozen=True):
    """A Go type: ``kind`` is one of string, bool, int32, int64, list, map, struct, Time, Quantity, IntOrString, any.

    ``text`` is the type as Go prints it, ``inner`` the element of a list or map, ``name`` the row of a struct.
    """

    kind: str
    text: str
    inner: Shape | None = None
    name: str = ""


class Field(msgspec.Struct, frozen=True):
    """A field of a struct: ``place`` are the names that error texts give it, embedded types included."""

    name: str
    shape: Shape
    place: tuple[str, ...]


class Struct(msgspec.Struct, frozen=True):
    """A row: its fields by name and, as encoding/json finds them too, by folded name."""

    name: str
    fields: dict[str, Field]
    folded: dict[str, Field]


_QUANTITY = Shape("Quantity", "resource.Quantity")
_SIMPLE = {
    "s": Shape("string", "string"),
    "b": Shape("bool", "bool"),
    "i": Shape("int32", "int32"),
    "I": Shape("int64", "int64"),
    "T": Shape("Time", "v1.Time"),
    "Q": _QUANTITY,
    "N": Shape("IntOrString", "intstr.IntOrString"),
    "F": Shape("any", "v1.FieldsV1"),
    "R": Shape("map", "v1.ResourceList", _QUANTITY),
    "M": Shape("map", "map[v1.ResourceName]resource.Quantity", _QUANTITY),
}


def fold(key: str) -> str:
    """The key as encoding/json compares it where no field has its exact name."""
    return key.lower().replace("\u017f", "s")


@cache
def struct(name: str) -> Struct:
    """The struct of a row; KeyError where there is none."""
    fields = {field.name: field for field in _fields(_rows()[name])}
    return Struct(name, fields, {fold(key): fields[key] for key in reversed(fields)})


@cache
def _rows() -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    current: list[str] = []
    for line in TABLE.strip("\n").split("\n"):
        tokens = line.split()
        if not line.startswith(" "):
            current = rows[tokens.pop(0)] = []
        current += tokens
    return rows


def _fields(tokens: list[str]) -> Iterator[Field]:
    embedded: tuple[str, ...] = ()
    for word in tokens:
        if word == ")":
            embedded = ()
        elif word.endswith("("):
            embedded = (word[:-1],)
        else:
            name, _, code = word.partition(":")
            yield Field(name, _shape(code), (*embedded, name))


def _shape(code: str) -> Shape:
    if code in _SIMPLE:
        return _SIMPLE[code]
    if code.startswith("[]"):
        inner = _shape(code[2:])
        return Shape("list", f"[]{inner.text}", inner)
    if code.startswith("{}"):
        inner = _shape(code[2:])
        return Shape("map", f"map[string]{inner.text}", inner)
    if code.startswith("s="):
        name = code[2:]
        return Shape("string", name if "." in name else f"v1.{name}")
    return Shape("struct", f"v1.{code}", name=code)


@cache
def fits(shape: Shape) -> Fits:
    """Whether a value has exactly this shape; false for all that needs the exact way of ``decode``, wrong or not."""
    match shape:
        case Shape(kind="struct", name=name):
            return _fits_struct(name)
        case Shape(kind="list", inner=Shape() as inner):
            return _fits_list(inner)
        case Shape(kind="map", inner=Shape() as inner):
            return _fits_map(inner)
    return _SCALARS[shape.kind]


def _fits_struct(name: str) -> Fits:
    entries: dict[str, tuple[type | None, Fits]] = {}
    folded: dict[str, Field] = {}

    def check(value: Value) -> bool:
        if type(value) is not dict:
            return False
        if not folded:
            _fill(name, entries, folded)
        for key, item in value.items():
            if item is None:
                continue
            entry = entries.get(key)
            if entry is None:
                if fold(key) in folded:
                    return False
                continue
            plain, inner = entry
            if type(item) is not plain if plain is not None else not inner(item):
                return False
        return True

    return check


def _fill(name: str, entries: dict[str, tuple[type | None, Fits]], folded: dict[str, Field]) -> None:
    """Only when the struct is first met: most resources use few of the types."""
    row = struct(name)
    for field in row.fields.values():
        entries[field.name] = _PLAIN.get(field.shape.kind), fits(field.shape)
    folded.update(row.folded)


def _fits_list(element: Shape) -> Fits:
    inner = fits(element)

    def check(value: Value) -> bool:
        if type(value) is not list:
            return False
        return all(map(inner, value))

    return check


def _fits_map(element: Shape) -> Fits:
    inner = fits(element)

    def check(value: Value) -> bool:
        if type(value) is not dict:
            return False
        return all(map(inner, value.values()))

    return check


def _fits_string(value: Value) -> bool:
    return type(value) is str


def _fits_bool(value: Value) -> bool:
    return type(value) is bool


def _fits_int32(value: Value) -> bool:
    if type(value) is float:
        return -INT32 <= value < INT32 and value.is_integer()
    return type(value) is int and -INT32 <= value < INT32


def _fits_int64(value: Value) -> bool:
    if type(value) is float:
        return -INT64 <= value < INT64 and value.is_integer()
    return type(value) is int and -INT64 <= value < INT64


def _fits_int_or_string(value: Value) -> bool:
    return type(value) is str or _fits_int32(value)


def _fits_quantity(value: Value) -> bool:
    if type(value) is str:
        return QUANTITY.match(value) is not None
    return type(value) is float or type(value) is int


def _fits_time(value: Value) -> bool:
    return type(value) is str and TIMESTAMP.match(value) is not None


def _fits_any(value: Value) -> bool:
    return True


_PLAIN: dict[str, type] = {"string": str, "bool": bool}
_SCALARS: dict[str, Fits] = {
    "string": _fits_string,
    "bool": _fits_bool,
    "int32": _fits_int32,
    "int64": _fits_int64,
    "IntOrString": _fits_int_or_string,
    "Quantity": _fits_quantity,
    "Time": _fits_time,
    "any": _fits_any,
}
