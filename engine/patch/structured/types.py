"""The types that a merge needs (upstream: structured-merge-diff/v6/schema, kube-openapi/pkg/schemaconv)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from msgspec import Struct

from engine.model import Value
from engine.patch.structured import kubernetes, workloads

Scalar = str
"""``string``, ``numeric``, ``boolean`` or ``untyped``."""


class ListType(Struct, frozen=True):
    """A list: one piece if ``keys`` is None, a set if it is empty, else objects that the keys tell apart."""

    element: Reference
    keys: tuple[str, ...] | None = None


class MapType(Struct, frozen=True):
    """An object or map; ``element`` is the type of what is no field, None where there may be none such."""

    fields: Mapping[str, Reference]
    element: Reference | None = None
    is_atomic: bool = False
    defaults: Mapping[str, Value] = {}


class Type(Struct, frozen=True):
    """What a value may be; several at once where the schema leaves it open."""

    scalar: Scalar | None = None
    list: ListType | None = None
    map: MapType | None = None


Reference = Callable[[], Type]
"""A type, looked up when it is needed, as types may contain themselves."""

Schemas = Callable[[str, str], Type | None]
"""The type of a kind by apiVersion and kind; None where it is not known."""


def _untyped() -> Type:
    return UNTYPED


def _deduced() -> Type:
    return DEDUCED


UNTYPED: Final = Type("untyped", ListType(_untyped), MapType({}, _untyped, is_atomic=True))
"""Anything, in one piece."""

DEDUCED: Final = Type("untyped", ListType(_untyped), MapType({}, _deduced))
"""Anything, of which maps are merged; what a kind without schema is taken for."""

_SCALARS: Final = {
    "s": Type("string"),
    "n": Type("numeric"),
    "b": Type("boolean"),
    "u": Type("untyped"),
    "x": DEDUCED,
}


@cache
def _written() -> Mapping[str, str]:
    """The lines of the table by the name of their type, which keeps its mark."""
    lines = (workloads.TYPES + kubernetes.TYPES).replace("\n ", " ").strip().replace("\n\n", "\n").split("\n")
    return {name.removesuffix("="): line for line in lines for name in (line.partition(" ")[0],)}


@cache
def named(name: str) -> Type:
    """A type of the table by its name."""
    head, *entries = _written()[name].split()
    fields: dict[str, Reference] = {}
    defaults: dict[str, Value] = {}
    for entry in entries:
        field, _, text = entry.partition(":")
        text, has_default, default = text.partition("!")
        fields[field] = _reference(text)
        if has_default:
            defaults[field] = int(default) if text == "n" else default
    return Type(map=MapType(fields, is_atomic=head.endswith("="), defaults=defaults))


def _reference(text: str) -> Reference:
    return cache(lambda: _parsed(text))


def _parsed(text: str) -> Type:
    plain = text.removeprefix("=")
    if plain[0] == "@":
        found = named(plain[1:])
    elif plain[0] == "{":
        found = Type(map=MapType({}, _reference(plain[2:])))
    elif plain[0] == "[":
        keys, _, element = plain[1:].partition("]")
        found = Type(list=ListType(_reference(element), _keys(keys)))
    else:
        found = _SCALARS[plain]
    return whole(found) if plain != text else found


def _keys(text: str) -> tuple[str, ...] | None:
    return None if not text else () if text == "+" else tuple(text.split(","))


def whole(type_: Type) -> Type:
    """The type with its map in one piece."""
    if type_.map is None:
        return type_
    found = type_.map
    return Type(type_.scalar, type_.list, MapType(found.fields, found.element, is_atomic=True, defaults=found.defaults))


@cache
def _kinds() -> Mapping[tuple[str, str], str]:
    found = {}
    for line in kubernetes.KINDS.replace("\n ", " ").strip().split("\n"):
        api_version, _, kinds = line.partition(": ")
        for entry in kinds.split():
            kind, _, name = entry.partition("=")
            found[api_version, kind] = name or kind
    return found


def built_in(api_version: str, kind: str) -> Type | None:
    """The type of a kind that Kubernetes itself has."""
    name = _kinds().get((api_version, kind))
    return None if name is None else named(name)
