"""Shapes of policy documents and the strict check of a value against them.

The reference reads a policy through the schema of its custom resource and then strictly into Go types
(cmd/cli/kubectl-kyverno/policy/load.go): unknown fields are refused, nulls dropped, defaults filled in. Some parts it
reads with encoding/json instead, which ignores the case of keys and unknown ones: those shapes are ``loose``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct

from engine.model import Path, Value

UNKNOWN_FIELD = "unknown-field"
WRONG_TYPE = "wrong-type"
MISSING_FIELD = "missing-field"
INCONVERTIBLE = "inconvertible"
"""A part that the schema lets pass and the types do not take; the reference then gives up the whole file."""
BAD_VALUE = "bad-value"

_INT64 = 2**63
_LONGEST_NAME = 64


class Fault(NamedTuple):
    """What is wrong at a path; ``at_key`` points at the key instead of the value."""

    code: str
    message: str
    path: Path
    advice: str = ""
    at_key: bool = False


class Scalar(Enum):
    """Leaves. ``ANY`` is arbitrary JSON with whole numbers as int, ``FLOATS`` the same with every number a float."""

    TEXT = "string"
    BOOL = "boolean"
    INT = "integer"
    ANY = "anything"
    FLOATS = "anything, in floats"


class Choice(NamedTuple):
    """One of some words."""

    words: tuple[str, ...]


class Short(NamedTuple):
    """A string of at most ``length`` characters."""

    length: int


class Whole(NamedTuple):
    """A whole number from ``least`` to ``greatest``."""

    least: int
    greatest: int = 2**63 - 1


class Many(NamedTuple):
    """A list."""

    item: Shape


class Map(NamedTuple):
    """An object whose keys are free."""

    value: Shape


class Default(NamedTuple):
    """A field that the schema fills in."""

    shape: Shape
    value: Value


class Either(NamedTuple):
    """A list of one shape, or an object of another."""

    listed: Many
    single: Object


class Loose(NamedTuple):
    """A shape read by encoding/json: case of keys ignored, unknown keys too."""

    shape: Callable[[], Shape]


class Object(NamedTuple):
    """An object with known fields; of ``alone`` exactly one has to be there, of ``apart`` not all may."""

    fields: Mapping[str, Shape]
    required: frozenset[str] = frozenset()
    folded: Mapping[str, str] = {}
    alone: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()


Shape: TypeAlias = Scalar | Choice | Short | Whole | Many | Map | Default | Either | Loose | Object


def fields(required: str = "", /, **shapes: Shape) -> Object:
    """An object; ``required`` names the fields that must be there, apart by blanks."""
    return Object(shapes, frozenset(required.split()), {name.lower(): name for name in shapes})


def alone(shape: Object, *names: str) -> Object:
    """The object of whose fields exactly one of these has to be there."""
    return shape._replace(alone=frozenset(names))


def apart(shape: Object, *names: str) -> Object:
    """The object of whose fields these may not all be there."""
    return shape._replace(apart=frozenset(names))


def admit(value: Value, shape: Shape, path: Path = ()) -> Iterator[Fault]:
    """What is wrong with a value; drops nulls, fills in defaults and settles numbers in place on the way."""
    return _Reading(False).check(value, shape, path)


class _Reading(Struct, frozen=True):
    loose: bool

    def check(self, value: Value, shape: Shape, path: Path) -> Iterator[Fault]:
        match shape:
            case Object():
                yield from self._object(value, shape, path)
            case Many(item):
                yield from self._list(value, item, path)
            case Map(inner):
                yield from self._map(value, inner, path)
            case Default(inner, _):
                yield from self.check(value, inner, path)
            case Either(listed, single):
                yield from self.check(value, listed if type(value) is list else single, path)
            case Loose(inner):
                for fault in _Reading(True).check(value, inner(), path):
                    yield fault._replace(code=INCONVERTIBLE)
            case Choice() | Short() | Whole() | Scalar():
                yield from _leaf(value, shape, path)

    def _object(self, value: Value, shape: Object, path: Path) -> Iterator[Fault]:
        if type(value) is not dict:
            yield wrong_type(value, "object", path)
            return
        for key in list(value):
            name = self._name(value, key, shape)
            if name is None:
                if not self.loose:
                    yield _unknown(key, shape, path)
            elif value[name] is None:
                del value[name]
            else:
                value[name] = settled(value[name], shape.fields[name])
                yield from self.check(value[name], shape.fields[name], (*path, name))
        yield from self._complete(value, shape, path)

    def _name(self, value: dict[str, Value], key: str, shape: Object) -> str | None:
        """The field that a key means; a key in other letters is renamed where that is allowed."""
        if key in shape.fields:
            return key
        name = shape.folded.get(key.lower()) if self.loose else None
        if name is not None:
            value[name] = value.pop(key)
        return name

    def _complete(self, value: dict[str, Value], shape: Object, path: Path) -> Iterator[Fault]:
        if self.loose:
            return
        for name, inner in shape.fields.items():
            if name in value:
                continue
            if isinstance(inner, Default):
                value[name] = inner.value
            elif name in shape.required:
                yield Fault(MISSING_FIELD, f"{written((*path, name))}: Required value", path)
        if shape.alone and len(shape.alone & value.keys()) != 1:
            listed = ", ".join(sorted(shape.alone))
            yield Fault(BAD_VALUE, f"{written(path)}: exactly one of these must be there: {listed}", path)
        if shape.apart and shape.apart <= value.keys():
            listed = " and ".join(sorted(shape.apart))
            yield Fault(BAD_VALUE, f"{written(path)}: {listed} may not stand together", path)

    def _list(self, value: Value, item: Shape, path: Path) -> Iterator[Fault]:
        if type(value) is not list:
            yield wrong_type(value, "array", path)
            return
        for index, inner in enumerate(value):
            is_zero = inner is None and self.loose and isinstance(item, Object)
            value[index] = {} if is_zero else settled(inner, item)
            yield from self.check(value[index], item, (*path, index))

    def _map(self, value: Value, inner: Shape, path: Path) -> Iterator[Fault]:
        if type(value) is not dict:
            yield wrong_type(value, "object", path)
            return
        for key in list(value):
            if value[key] is None:
                del value[key]
            else:
                yield from self.check(value[key], inner, (*path, key))


def _leaf(value: Value, shape: Choice | Short | Whole | Scalar, path: Path) -> Iterator[Fault]:
    match shape:
        case Scalar.ANY | Scalar.FLOATS:
            return
        case Scalar.BOOL if type(value) is not bool:
            yield wrong_type(value, "boolean", path)
        case Scalar.INT | Whole() if type(value) is not int:
            yield wrong_type(value, "integer", path)
        case Whole(least, greatest) if not least <= value <= greatest:
            limit = f"at least {least}" if value < least else f"at most {greatest}"
            yield Fault(BAD_VALUE, f"{written(path)}: Invalid value: {value}: should be {limit}", path)
        case Scalar.TEXT | Choice() | Short() if type(value) is not str:
            yield wrong_type(value, "string", path)
        case Choice(words) if value not in words:
            listed = ", ".join(f'"{word}"' for word in words)
            yield Fault(BAD_VALUE, f'{written(path)}: Unsupported value: "{value}": supported values: {listed}', path)
        case Short(length) if len(value) > length:
            yield Fault(BAD_VALUE, f"{written(path)}: Too long: may not be more than {length} bytes", path)


def settled(value: Value, shape: Shape) -> Value:
    """The value with numbers as the reference has them where ``shape`` is a leaf that holds some; else as it is."""
    match shape:
        case Scalar.ANY | Scalar.INT | Whole():
            return as_json(value)
        case Scalar.FLOATS:
            return _as_floats(value)
        case Default(inner, _):
            return settled(value, inner)
    return value


def as_json(value: Value) -> Value:
    """The value with whole floats as int: JSON does not tell 1.0 from 1 (apiextensions v1 conversion.go)."""
    match value:
        case float() if value.is_integer() and -_INT64 < value < _INT64:
            return int(value)
        case dict():
            for key, inner in value.items():
                value[key] = as_json(inner)
        case list():
            value[:] = [as_json(inner) for inner in value]
    return value


def _as_floats(value: Value) -> Value:
    match value:
        case bool():
            return value
        case int():
            return float(value)
        case dict():
            for key, inner in value.items():
                value[key] = _as_floats(inner)
        case list():
            value[:] = [_as_floats(inner) for inner in value]
    return value


def wrong_type(value: Value, wanted: str, path: Path) -> Fault:
    """The fault of a value that is of another type."""
    message = f'{written(path)}: Invalid value: "{type_name(value)}": must be of type {wanted}'
    return Fault(UNKNOWN_FIELD if _holds_fields(value) else WRONG_TYPE, message, path)


def _holds_fields(value: Value) -> bool:
    """Whether objects with fields stand where none may: the reference then calls these unknown fields."""
    if type(value) is list:
        return any(map(_holds_fields, value))
    return type(value) is dict and bool(value)


def type_name(value: Value) -> str:
    """JSON's name of a value's type."""
    names: dict[Any, str] = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string"}
    return names.get(type(value), "array" if type(value) is list else "object")


def _unknown(key: str, shape: Object, path: Path) -> Fault:
    from difflib import get_close_matches

    close = get_close_matches(key, list(shape.fields), 1, 0.6) if len(key) <= _LONGEST_NAME else ()
    near = shape.folded.get(key.lower()) or next(iter(close), "")
    advice = f'Did you mean "{near}"?' if near else f"Fields known here: {', '.join(sorted(shape.fields))}."
    return Fault(UNKNOWN_FIELD, f'unknown field "{written((*path, key))}"', (*path, key), advice, at_key=True)


def written(path: Path) -> str:
    """A path as Kubernetes writes it: ``spec.rules[0].name``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
