"""Types out of custom resource definitions (upstream: kube-openapi/pkg/schemaconv/openapi.go)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from engine.model import Value
from engine.patch.structured.types import DEDUCED, ListType, MapType, Reference, Schemas, Type, built_in, named

_SCALARS: Final = {"integer": "numeric", "number": "numeric", "boolean": "boolean"}
_KEYLESS: Final = {"set": (), "atomic": None}

Schema = Mapping[str, Value]


def schemas(definitions: Iterable[Value]) -> Schemas:
    """The types of Kubernetes' own kinds and of those that the definitions declare."""
    declared = {key: schema for definition in definitions for key, schema in _versions(definition)}
    if not declared:
        return built_in

    @cache
    def find(api_version: str, kind: str) -> Type | None:
        schema = declared.get((api_version, kind))
        return _root(schema) if schema is not None else built_in(api_version, kind)

    return find


def _versions(definition: Value) -> Iterable[tuple[tuple[str, str], Schema]]:
    match definition:
        case {"spec": {"group": str(group), "names": {"kind": str(kind)}, "versions": list(versions)}}:
            for version in versions:
                match version:
                    case {"name": str(name), "schema": {"openAPIV3Schema": dict(schema)}}:
                        yield (f"{group}/{name}", kind), schema


def _root(schema: Schema) -> Type:
    """The whole object: its metadata is what Kubernetes says it is."""
    found = _type(schema, preserves=False)
    if found.map is None:
        return DEDUCED
    fields: dict[str, Reference] = {
        **found.map.fields,
        "apiVersion": lambda: Type("string"),
        "kind": lambda: Type("string"),
        "metadata": lambda: named("ObjectMeta"),
    }
    return Type(map=MapType(fields, found.map.element, found.map.is_atomic, found.map.defaults))


def _type(schema: Schema, *, preserves: bool) -> Type:
    preserves = preserves or schema.get("x-kubernetes-preserve-unknown-fields") is True
    if schema.get("x-kubernetes-int-or-string") is True:
        return Type("untyped")
    match schema.get("type"):
        case "object":
            return Type(map=_map(schema, preserves))
        case "array":
            return Type(list=_list(schema, preserves))
        case "string":
            return Type("string" if schema.get("format", "") in ("", "byte") else "untyped")
        case str(name) if name in _SCALARS:
            return Type(_SCALARS[name])
    return Type("untyped", _list(schema, preserves), _map(schema, preserves))


def _map(schema: Schema, preserves: bool) -> MapType:
    properties: Schema = schema.get("properties") or {}
    fields = {name: _later(inner, preserves) for name, inner in properties.items()}
    defaults = {name: inner["default"] for name, inner in properties.items() if inner.get("default") is not None}
    element: Reference | None = None
    match schema.get("additionalProperties"):
        case dict(inner):
            element = _later(inner, preserves)
        case True:
            element = _deduced
        case None if preserves or not properties:
            element = _deduced
    return MapType(fields, element, schema.get("x-kubernetes-map-type") == "atomic", defaults)


def _list(schema: Schema, preserves: bool) -> ListType:
    items = schema.get("items")
    element = _later(items, preserves) if isinstance(items, dict) else _deduced
    kind = schema.get("x-kubernetes-list-type", "atomic")
    keys = tuple(schema.get("x-kubernetes-list-map-keys") or ()) if kind == "map" else _KEYLESS.get(kind)
    return ListType(element, keys)


def _later(schema: Schema, preserves: bool) -> Reference:
    return cache(lambda: _type(schema, preserves=preserves))


def _deduced() -> Type:
    return DEDUCED
