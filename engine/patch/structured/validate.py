"""Whether a value fits its type, in the words of structured-merge-diff (typed/validate.go, typed/helpers.go)."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Final, NamedTuple

from engine.model import Value
from engine.patch.structured.types import ListType, MapType, Type
from engine.values.golang import marshal, sprint, type_name


class Fault(NamedTuple):
    """What is wrong at a path written as ``.spec.ports[port=80]``."""

    path: str
    message: str

    def __str__(self) -> str:
        """``path: message``."""
        return f"{self.path}: {self.message}" if self.path else self.message


Element = tuple[object, ...]
"""What tells an element of a list from the others; the kinds of its values count, since True is no 1 here."""


class NoKeyError(Exception):
    """An element that cannot be told from the others."""


def text_of(faults: list[Fault]) -> str:
    """All faults as one text."""
    return str(faults[0]) if len(faults) == 1 else "\n".join(["errors:", *(f"  {fault}" for fault in faults)])


def deduced(type_: Type, value: Value) -> Type:
    """The part of the type that the value has chosen; all of it where the value fits none."""
    match value:
        case dict() if type_.map is not None:
            return Type(map=type_.map)
        case list() if type_.list is not None:
            return Type(list=type_.list)
        case str() | bool() | int() | float() if type_.scalar is not None:
            return Type(type_.scalar)
    return type_


def faults(type_: Type, value: Value, path: str = "", *, repeats: bool = False) -> Iterator[Fault]:
    """All that is wrong; ``repeats`` allows a list to hold an element twice."""
    chosen = deduced(type_, value)
    if chosen.map is not None:
        yield from _map_faults(chosen.map, value, path, repeats)
    elif chosen.scalar is not None:
        message = scalar_fault(chosen.scalar, value)
        if message:
            yield Fault(path, message)
    elif chosen.list is not None:
        yield from _list_faults(chosen.list, value, path, repeats)


class NullValue:
    """What an expression's null becomes as a field of an object: protobuf's, which no type fits."""

    def __repr__(self) -> str:
        return "NULL_VALUE"


NULL_VALUE: Final = NullValue()
_WANTED: Final[dict[str, type | UnionType]] = {"string": str, "boolean": bool, "untyped": str | bool | int | float}


def scalar_fault(scalar: str, value: Value) -> str:
    """What is wrong with a scalar, "" where nothing is."""
    if value is None:
        return ""
    if scalar == "numeric":
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if fits else f"expected numeric (int or float), got {_go_type(value)}"
    if isinstance(value, _WANTED[scalar]):
        return ""
    if scalar == "string":
        return f"expected string, got &value.valueUnstructured{{Value:{_go_syntax(value)}}}"
    return f"expected {'boolean' if scalar == 'boolean' else 'any scalar'}, got {_shown(value)}"


def _go_type(value: Value) -> str:
    return "structpb.NullValue" if value is NULL_VALUE else type_name(value)


def _go_syntax(value: Value) -> str:
    """As ``%#v`` prints it."""
    match value:
        case NullValue():
            return "0"
        case str():
            return marshal(value)
        case list():
            return f"[]interface {{}}{{{', '.join(map(_go_syntax, value))}}}"
        case dict():
            entries = ", ".join(f"{marshal(key)}:{_go_syntax(value[key])}" for key in sorted(value))
            return f"map[string]interface {{}}{{{entries}}}"
        case None:
            return "interface {}(nil)"
    return sprint(value)


def _map_faults(type_: MapType, value: Value, path: str, repeats: bool) -> Iterator[Fault]:
    if value is None:
        return
    if not isinstance(value, dict):
        yield Fault(path, f"expected map, got {_shown(value)}")
        return
    for key, inner in value.items():
        reference = type_.fields.get(key, type_.element)
        where = f"{path}.{key}"
        if reference is None:
            yield Fault(where, "field not declared in schema")
            return
        yield from faults(reference(), inner, where, repeats=repeats)


def _list_faults(type_: ListType, value: Value, path: str, repeats: bool) -> Iterator[Fault]:
    if value is None:
        return
    if not isinstance(value, list):
        yield Fault(path, f"expected list, got {_shown(value)}")
        return
    seen: set[Element] = set()
    for index, inner in enumerate(value):
        where = f"[{index}]"
        if type_.keys is not None:
            try:
                element = key_of(type_, inner)
            except NoKeyError as error:
                yield Fault(path, f"element {index}: {error}")
                return
            where = shown_key(type_, inner)
            if element in seen and not repeats:
                yield Fault(path, f"duplicate entries for key {where}")
            seen.add(element)
        yield from faults(type_.element(), inner, path + where, repeats=repeats)


def key_of(type_: ListType, value: Value) -> Element:
    """What tells the element from the others; raises NoKeyError."""
    if not type_.keys:
        return (_plain(value),)
    found = _fields(type_, value)
    if not found:
        names = " ".join(f'"{key}"' for key in type_.keys)
        text = f"associative list with keys has an element that omits all key fields [{names}]"
        raise NoKeyError(f"{text} (and doesn't have default values for any key fields)")
    return tuple((name, type(item) is bool, _hashable(item)) for name, item in found)


def shown_key(type_: ListType, value: Value) -> str:
    """The element as paths name it: ``[name="app"]``, ``[=1]``."""
    if not type_.keys:
        return f"[={_scalar_text(value)}]"
    return f"[{','.join(f'{name}={_scalar_text(item)}' for name, item in _fields(type_, value))}]"


def _plain(value: Value) -> object:
    match value:
        case dict():
            raise NoKeyError("associative list without keys has an element that's a map type")
        case list():
            raise NoKeyError("not supported: associative list with lists as elements")
        case None:
            raise NoKeyError("associative list without keys has an element that's an explicit null")
    return type(value) is bool, value


def _fields(type_: ListType, value: Value) -> list[tuple[str, Value]]:
    if value is None:
        raise NoKeyError("associative list with keys may not have a null element")
    if not isinstance(value, dict):
        raise NoKeyError("associative list with keys may not have non-map elements")
    element = type_.element().map
    defaults = element.defaults if element is not None else {}
    found = [(key, value[key] if key in value else defaults.get(key)) for key in type_.keys or ()]
    return sorted((key, item) for key, item in found if key in value or item is not None)


def _hashable(value: Value) -> object:
    return repr(value) if isinstance(value, dict | list | NullValue) else value


def _scalar_text(value: Value) -> str:
    """As structured-merge-diff names a value in a path (value.ToString)."""
    match value:
        case None:
            return "null"
        case NullValue():
            return "{{undefined}}"
        case str():
            return marshal(value)
        case list():
            return f"[{','.join(map(_scalar_text, value))}]"
        case dict():
            return f"{{{','.join(f'{key}={_scalar_text(item)}' for key, item in value.items())}}}"
    return sprint(value)


def _shown(value: Value) -> str:
    """As ``%v`` prints the value behind structured-merge-diff's wrapper."""
    return f"&{{{value!r}}}" if value is NULL_VALUE else f"&{{{sprint(value)}}}"
