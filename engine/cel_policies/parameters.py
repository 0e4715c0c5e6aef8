"""The parameters that bindings and rules name, looked up as a cluster does (upstream: CollectParams in utils.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import kinds, selectors
from engine.cel.values import Value
from engine.cluster import Cluster
from engine.errors import EngineError
from engine.inventory import BUILT_IN, Place


def collect(
    cluster: Cluster, kind: Mapping[str, str], reference: Mapping[str, Value], namespace: str
) -> Sequence[Value]:
    """The parameters for a resource in a namespace; raises EngineError with the reference's text."""
    group, _, version = kind.get("apiVersion", "").rpartition("/")
    place = Place(group, version, kinds.plural(group, kind.get("kind", "")))
    inventory = cluster.inventory
    within = _namespace(_is_namespaced(cluster, group, kind.get("kind", "")), reference, namespace)
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


def _is_namespaced(cluster: Cluster, group: str, kind: str) -> bool:
    """Whether objects of the kind lie in namespaces; the reference's offline client knows of none that do."""
    if cluster.as_cluster or cluster.inventory is None:
        return kinds.is_namespaced(group, kind)
    known = (*cluster.inventory.kinds, *BUILT_IN)
    if all(place.plural != f"{kind.lower()}s" for place in known):
        raise EngineError("failed to check if resource is namespaced or not (not found)")
    return False


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
