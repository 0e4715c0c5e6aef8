"""What a test says of the cluster: its resources, mocks and the sources of clones (upstream: commands/test/test.go)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from bot.dropin import context_file, resource_inputs
from bot.dropin.strict import LIMITS, Fields, FileError, Leaf, Many, head, load, read
from bot.dropin.test_file import Expected, Test
from bot.dropin.values import Values
from bot.runtime import runtime
from engine import api, cluster, documents, global_context
from engine.api import ApiMocks
from engine.cluster import Cluster
from engine.global_context import GlobalEntry
from engine.inventory import Inventory
from engine.model import Value
from engine.resources import Resource

if TYPE_CHECKING:
    from engine.patch.structured.types import Schemas

_SPEC = Fields("ClusterResourceSpec", {"crds": Many(Leaf.TEXT), "resources": Many(Leaf.OBJECT)})
_CLUSTER = head("ClusterResource", spec=_SPEC)
_SOURCES = ("data", "resources", "resourceFiles")


class Surroundings(Struct, frozen=True):
    """The cluster of a test; ``complete`` where the test describes one, which must then hold every namespace.

    ``definitions`` are its custom resource definitions.
    """

    cluster: Cluster
    complete: bool = False
    definitions: tuple[Value, ...] = ()

    def schemas(self) -> Schemas:
        """The types of Kubernetes' own kinds, and of those that the test's definitions declare."""
        from engine.patch.structured import crds  # only policies in CEL need it

        return crds.schemas(self.definitions)

    def check(self, resource: Resource, vals: Values) -> None:
        """Raise FileError where the namespace of a resource is unknown (policy_processor.go)."""
        namespace = resource.namespace
        if not self.complete or not namespace or resource.kind == "Namespace" or vals.namespaces.get(namespace):
            return
        if namespace not in self.cluster.namespaces:
            text = f'failed to get the resource\'s namespace (namespaces "{namespace}" not found)'
            raise FileError(f"failed to apply policies on resource {resource.name} ({text})")


def of_test(test: Test, known: Sequence[Resource]) -> Surroundings:
    """The surroundings of a test whose resources, targets and parameters are ``known``; raises FileError."""
    described = test.paths("clusterResources")
    held = list(known)
    definitions: list[Value] = []
    for path in described:
        crds = _definitions(path, test.folder)
        held += _described(path, resource_inputs.scopes(crds))
        definitions += crds
    if described:
        found = cluster.from_resources(held, runtime())
        namespaces = [resource for resource in held if (resource.group, resource.kind) == ("", "Namespace")]
        found = replace(
            found, namespaces={resource.name: resource.labels for resource in namespaces}, is_described=True
        )
    else:
        found = Cluster(runtime=runtime(), inventory=Inventory(held))
    found = replace(
        found,
        api_mocks=_calls(test),
        global_context=_global(test) or None,
        clone_sources=_clone_sources(test.expected(), test.folder),
    )
    if test.spec.get("context"):
        found = replace(found, context=context_file.read(str(test.folder / test.spec["context"])))
    return Surroundings(found, bool(described), tuple(definitions))


def _spec(path: str) -> dict[str, Value]:
    try:
        return load(Path(path), _CLUSTER).get("spec") or {}
    except FileError as error:
        raise FileError(f"error: failed to load Kubernetes resources: {error}") from error


def _definitions(path: str, folder: Path) -> list[Value]:
    """The custom resource definitions that a described cluster names; paths are relative to the test."""
    found: list[Value] = []
    for name in _spec(path).get("crds") or ():
        try:
            loaded = documents.load(read(folder / name), name, limits=LIMITS)
        except FileError as error:
            raise FileError(f"error: failed to load CRDs from path {name}: {error}") from error
        found += [document.value for document in loaded.documents]
    return found


def _described(path: str, cluster_scoped: resource_inputs.Scopes) -> list[Resource]:
    texts = [json.dumps(value).encode() for value in _spec(path).get("resources") or ()]
    return [found for text in texts for found in resource_inputs.parse_resources(text, path, cluster_scoped)]


def _clone_sources(rows: Sequence[Expected], folder: Path) -> Callable[[str, str], Inventory]:
    """Where the generate rules of the rows find what they clone."""
    paths: dict[tuple[str, str], str] = {}
    for row in rows:
        if row.clone_source:
            paths.setdefault((row.policy, row.rule), row.clone_source)

    @cache
    def held(path: str) -> Inventory:
        return Inventory(resource_inputs.parse_resources(read(folder / path), path) if path else ())

    return lambda policy, rule: held(paths.get((policy, rule), ""))


def _calls(test: Test) -> ApiMocks | None:
    """The mocked calls; raises FileError for those that the reference refuses (apis/v1alpha1/test.go)."""
    raw = test.spec.get("apiCallResponses") or ()
    seen: set[str] = set()
    for index, entry in enumerate(raw):
        key = _call_key(entry, f"apiCallResponses[{index}]")
        if key in seen:
            raise FileError(f'apiCallResponses: duplicate entry for "{key}"')
        seen.add(key)
    return api.mocks(raw) if raw else None


def _call_key(entry: dict[str, Value], where: str) -> str:
    address, path = entry.get("url", "").strip(), entry.get("urlPath", "").strip()
    if not address and not path:
        raise FileError(f"{where}: either url or urlPath is required")
    if address and path:
        raise FileError(f"{where}: url and urlPath are mutually exclusive")
    method = entry.get("method", "").strip().upper()
    if method not in ("", "GET", "POST"):
        raise FileError(f"{where}: method must be GET or POST")
    if not isinstance((entry.get("response") or {}).get("body"), dict):
        raise FileError(f'{where} "{address or path}": response.body must be a JSON object')
    return f"{method}:{address or path}"


def _global(test: Test) -> dict[str, GlobalEntry]:
    """The mocked global entries; raises FileError for those that the reference refuses."""
    raw = []
    names: set[str] = set()
    for entry in test.spec.get("globalContextEntries") or ():
        name = entry.get("name", "").strip()
        if not name or name in names:
            raise FileError("globalContextEntries: " + (f'duplicate name "{name}"' if name else "name is required"))
        names.add(name)
        given = [source for source in _SOURCES if entry.get(source) is not None]
        if len(given) != 1:
            text = "data, resources, and resourceFiles are mutually exclusive"
            problem = text if given else "one of data, resources, or resourceFiles is required"
            raise FileError(f'globalContextEntries entry "{name}": {problem}')
        files = entry.get("resourceFiles") or ()
        held = [found.value for file in files for found in _resources(test.folder / file)]
        raw.append({**entry, "name": name, **({"resources": held} if files else {})})
    return global_context.mocks(raw)


def _resources(path: Path) -> list[Resource]:
    try:
        return resource_inputs.parse_resources(read(path), str(path))
    except FileError as error:
        raise FileError(f"error: failed to load globalContextEntries resource files: {error}") from error
