"""The parameters that bindings and rules name, looked up as a cluster does (upstream: CollectParams in utils.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import kinds, selectors
from engine.cel.values import Value
from engine.cluster import Cluster
from engine.errors import EngineError
from engine.inventory import Place


def collect(
    cluster: Cluster, kind: Mapping[str, str], reference: Mapping[str, Value], namespace: str
) -> Sequence[Value]:
    """The parameters for a resource in a namespace; raises EngineError with the reference's text."""
    group, _, version = kind.get("apiVersion", "").rpartition("/")
    place = Place(group, version, kinds.plural(group, kind.get("kind", "")))
    within = _namespace(kinds.is_namespaced(group, kind.get("kind", "")), reference, namespace)
    inventory = cluster.inventory
    if reference.get("name"):
        found = inventory.get(place, within, reference["name"]) if inventory is not None else None
        if found is None:
            raise EngineError(f'{place.qualified} "{reference["name"]}" not found')
        return [found]
    params: list[Value] = []
    if reference.get("selector") is not None and inventory is not None:
        fits = selectors.compile(reference["selector"])
        params = [item for item in inventory.listed(place, within) if fits(_labels(item))]
    if not params and reference.get("parameterNotFoundAction") == "Deny":
        raise EngineError("no params found")
    return params


def _namespace(is_namespaced: bool, reference: Mapping[str, Value], namespace: str) -> str:
    named: str = reference.get("namespace") or ""
    if not is_namespaced:
        if named:
            raise EngineError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
        return ""
    if not (named or namespace):
        raise EngineError("can't use namespaced paramRef to match cluster-scoped resources")
    return named or namespace


def _labels(item: Value) -> Mapping[str, Value]:
    return (item.get("metadata") or {}).get("labels") or {}
