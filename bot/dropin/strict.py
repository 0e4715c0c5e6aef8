"""The command line's own files (tests, values, user infos), read as the reference reads them.

Unknown fields are refused, but the case of a known one does not matter (encoding/json); a number or boolean where text
is asked for becomes text (sigs.k8s.io/yaml), but not below a struct that Go embeds; null is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from engine import documents
from engine.documents import Document
from engine.model import Problem, Value
from engine.values import golang

if TYPE_CHECKING:
    from pathlib import Path  # half of what the command line's own modules take to import

LIMITS = documents.Limits(file_bytes=1 << 30, documents=10_000_000)
"""Files that the user names on the command line may be as large as memory allows."""


class FileError(Exception):
    """A file that cannot be read; its text is what a person reads."""


class Leaf(Enum):
    """Shapes without parts. ``LABELS`` is an object whose values are text."""

    TEXT = "string"
    BOOL = "bool"
    LABELS = "map[string]string"
    OBJECT = "map[string]interface {}"
    ANY = "interface {}"


class Many(Struct, frozen=True):
    """A list."""

    item: Shape


class Fields(Struct, frozen=True):
    """An object with known fields; all but those of the usual head are of a struct ``embedded`` in it, if any."""

    type: str
    fields: Mapping[str, Shape]
    embedded: str = ""


Shape: TypeAlias = Leaf | Many | Fields


_HEAD: dict[str, Shape] = {"apiVersion": Leaf.TEXT, "kind": Leaf.TEXT, "metadata": Leaf.ANY}


def head(kind: str, embedded: str = "", /, **fields: Shape) -> Fields:
    """An object that has Kubernetes' usual head."""
    return Fields(kind, {**_HEAD, **fields}, embedded)


class _At(Struct, frozen=True):
    """Where a value stands: the innermost struct, the path from the root, and whether only text is text."""

    struct: str = ""
    path: str = ""
    exact: bool = False

    def field(self, shape: Fields, name: str) -> _At:
        """The place of a field of the object that stands here."""
        embedded = shape.embedded if name not in _HEAD else ""
        path = ".".join(part for part in (self.path, embedded, name) if part)
        return _At(shape.type, path, self.exact or bool(embedded))


def read(path: str | Path) -> bytes:
    """The content of a file; raises FileError in the words of Go's os.ReadFile."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FileError(f"open {path}: {reason(error)}") from error


def reason(error: OSError) -> str:
    """What Go says for an operating system's error."""
    return (error.strerror or str(error)).lower()


def place(problem: Problem) -> str:
    """A problem in one line: ``file:line: message``."""
    where = f"{problem.file}:{problem.line}: " if problem.line else f"{problem.file}: " if problem.file else ""
    return where + problem.message


def load(path: str | Path, shape: Fields) -> dict[str, Value]:
    """The first document of a file, decoded; an empty file is an empty object."""
    loaded = documents.load(read(path), str(path), limits=LIMITS)
    if loaded.problems:
        raise FileError(f"error converting YAML to JSON: {loaded.problems[0].message}")
    return decoded(loaded.documents[0], shape) if loaded.documents else {}


def decoded(document: Document, shape: Fields) -> dict[str, Value]:
    """A document's value with its fields named as declared."""
    if document.has_duplicate_keys:
        raise FileError("error converting YAML to JSON: a key stands twice in one mapping")
    value = _decode(document.value, shape, _At())
    return value if isinstance(value, dict) else {}


def _decode(value: Value, shape: Shape, at: _At) -> Value:
    if value is None:
        return None
    match shape:
        case Leaf():
            return _leaf(value, shape, at)
        case Many(item):
            if type(value) is not list:
                raise _mismatch(value, "[]", at)
            return [_decode(entry, item, at) for entry in value]
        case Fields():
            return _object(value, shape, at)


def _leaf(value: Value, shape: Leaf, at: _At) -> Value:
    match shape:
        case Leaf.TEXT:
            return _text(value, at)
        case Leaf.BOOL if type(value) is not bool:
            raise _mismatch(value, shape.value, at)
        case Leaf.OBJECT if type(value) is not dict:
            raise _mismatch(value, shape.value, at)
        case Leaf.LABELS:
            if type(value) is not dict:
                raise _mismatch(value, shape.value, at)
            return {key: "" if item is None else _text(item, at) for key, item in value.items()}
    return value


def _text(value: Value, at: _At) -> str:
    match value:
        case str():
            return value
        case _ if at.exact:
            raise _mismatch(value, "string", at)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return golang.number_text(value)
    raise _mismatch(value, "string", at)


def _object(value: Value, shape: Fields, at: _At) -> dict[str, Value]:
    if type(value) is not dict:
        raise _mismatch(value, shape.type, at)
    folded = {name.lower(): name for name in shape.fields}
    result: dict[str, Value] = {}
    for key, item in sorted(value.items()):  # as the JSON is written that Go decodes: its first fault is told
        name = key if key in shape.fields else folded.get(str(key).lower())
        if name is None:
            raise FileError(f'error unmarshaling JSON: while decoding JSON: json: unknown field "{key}"')
        found = _decode(item, shape.fields[name], at.field(shape, name))
        if found is not None:
            result[name] = found
    return result


def _mismatch(value: Value, wanted: str, at: _At) -> FileError:
    names: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "bool"}
    what = names.get(type(value), "number")
    field = f"Go struct field {at.struct}.{at.path}" if at.path else "Go value"
    text = f"json: cannot unmarshal {what} into {field} of type {wanted}"
    return FileError(f"error unmarshaling JSON: while decoding JSON: {text}")
