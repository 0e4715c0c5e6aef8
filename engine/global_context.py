"""GlobalContextEntries, answered from known resources, and the mocks that stand in for them.

upstream: commands/apply/global_context.go, store/{mock,gctx_resolve}.go and pkg/globalcontext.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Protocol

from msgspec import Struct

from engine import jmespath, schema
from engine.api import Api
from engine.errors import EngineError
from engine.inventory import Place
from engine.jmespath import Runtime
from engine.model import Value
from engine.policy_fields import GLOBAL_ENTRY
from engine.resources import Resource
from engine.values.numbers import floats, renumber


class GlobalEntry(Protocol):
    """What a ``globalReference`` can name."""

    def get(self, projection: str, runtime: Runtime) -> Value:
        """The whole value, or a projection of it by name; raises EngineError."""
        ...


class ResourcesEntry(Struct, frozen=True):
    """``kubernetesResource``: all resources of a kind, in one namespace or in all."""

    api: Api
    place: Place
    namespace: str
    projections: Mapping[str, str]

    def get(self, projection: str, runtime: Runtime) -> Value:
        """The list of resources, whose whole numbers are integers as an informer's cache has them."""
        return _projected(renumber(self.api.inventory.listed(self.place, self.namespace)), projection, self, runtime)


class CallEntry(Struct, frozen=True):
    """``apiCall``: what the API server answers to a path."""

    api: Api
    path: str
    projections: Mapping[str, str]

    def get(self, projection: str, runtime: Runtime) -> Value:
        """The document that the path leads to."""
        return _projected(self.api.call("GET", self.path), projection, self, runtime)


class MockEntry(Struct, frozen=True):
    """A value of a test's ``globalContextEntries``; where it has projections, they are all of it."""

    name: str
    value: Value
    path: str
    projections: tuple[tuple[str, str], ...]

    def get(self, projection: str, runtime: Runtime) -> Value:
        """The value after ``fieldPath`` and projections."""
        value = self._resolved(runtime)
        if not projection:
            return value
        if not isinstance(value, dict):
            text = f'global context mock: projection "{projection}" requested but value is not an object'
            raise EngineError(text)
        if projection not in value:
            raise EngineError(f'global context mock: projection "{projection}" not found')
        return value[projection]

    def _resolved(self, runtime: Runtime) -> Value:
        value = self.value
        if value is None:
            return None
        where = f'globalContextEntries "{self.name}"'
        if self.path:
            value = _searched(self.path, value, f"{where} fieldPath", runtime)
        if not self.projections:
            return value
        return {
            name: _searched(path, value, f'{where} projection "{name}" path "{path}"', runtime)
            for name, path in self.projections
        }


def _projected(value: Value, name: str, entry: ResourcesEntry | CallEntry, runtime: Runtime) -> Value:
    if not name:
        return value
    path = entry.projections.get(name)
    if path is None:
        raise EngineError(f'projection "{name}" not found')
    return _searched(path, value, f'failed to apply projection "{name}"', runtime)


def _searched(path: str, value: Value, where: str, runtime: Runtime) -> Value:
    try:
        return jmespath.compile(path)(value, runtime)
    except EngineError as error:
        raise EngineError(f"{where}: {error}") from error


def of_resources(resources: Iterable[Resource], api: Api) -> dict[str, GlobalEntry]:
    """The entries of GlobalContextEntry resources by name; of several with one name the last counts.

    One that asks a service, that is malformed, or for ``offline`` any API call, is left out: a reference to it then
    names it.
    """
    found: dict[str, GlobalEntry] = {}
    for resource in resources:
        value = deepcopy(resource.value)
        if next(schema.admit(value, GLOBAL_ENTRY), None) is not None:
            continue  # no cluster would hold it
        spec = value["spec"]
        projections = {item["name"]: item["jmesPath"] for item in spec.get("projections") or ()}
        source, call = spec.get("kubernetesResource"), spec.get("apiCall") or {}
        if source:
            place = Place(source.get("group", ""), source.get("version", ""), source.get("resource", ""))
            found[resource.name] = ResourcesEntry(api, place, source.get("namespace", ""), projections)
        elif call.get("urlPath") and not api.offline:
            found[resource.name] = CallEntry(api, call["urlPath"], projections)
    return found


def mocks(raw: Iterable[dict[str, Value]]) -> dict[str, GlobalEntry]:
    """The entries of a test's ``globalContextEntries``, whose ``resourceFiles`` are read into ``resources`` already."""
    found: dict[str, GlobalEntry] = {}
    for item in raw:
        value = item["resources"] if item.get("resources") is not None else item.get("data")
        projections = tuple((entry.get("name", ""), entry.get("path", "")) for entry in item.get("projections") or ())
        found[item["name"]] = MockEntry(item["name"], floats(value), item.get("fieldPath", ""), projections)
    return found
