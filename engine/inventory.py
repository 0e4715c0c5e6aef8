"""Resources that can be looked up as a cluster's are: by group, version and plural, namespace and name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine import kinds
from engine.kinds import guess_plural
from engine.model import Value
from engine.resources import Resource


class Place(NamedTuple):
    """Where an API server keeps the resources of a kind: ``apps``, ``v1``, ``deployments``."""

    group: str
    version: str
    plural: str

    @property
    def api_version(self) -> str:
        """``v1`` or ``apps/v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """``deployments.apps``, as Kubernetes names it in errors."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


NOWHERE = Place("", "", "")
"""The place of a kind that nobody knows."""

BUILT_IN = (
    *(Place("", "v1", name) for name in ("configmaps", "endpoints", "namespaces", "resourcequotas", "secrets")),
    Place("", "v1", "serviceaccounts"),
    *(Place("apps", "v1", name) for name in ("daemonsets", "deployments", "statefulsets")),
)
"""The places that the reference's offline client knows without any resource (pkg/clients/dclient/fake.go)."""

_Items = dict[tuple[str, str], Value]


class Inventory:
    """Resources by place; of several with one identity the first counts. Sorted into places when first asked.

    ``offline`` keeps look-ups to what the client can find that the reference makes without a cluster.
    """

    __slots__ = ("_items", "_kinds", "_resources", "offline")

    def __init__(self, resources: Iterable[Resource], *, offline: bool = False) -> None:
        self.offline = offline
        self._resources = tuple(resources)
        self._items: dict[Place, _Items] | None = None
        self._kinds: dict[Place, str] = {}

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All that it holds."""
        return self._resources

    def beside(self, resources: Iterable[Resource]) -> Inventory:
        """An inventory that holds these resources too, before its own."""
        return Inventory((*resources, *self._resources), offline=self.offline)

    def _sorted(self) -> dict[Place, _Items]:
        if self._items is None:
            self._items = {}
            for resource in self._resources:
                place = place_of(resource.group, resource.version, resource.kind)
                self._kinds.setdefault(place, resource.kind)
                named = (resource.value.get("metadata") or {}).get("name")
                name = named if isinstance(named, str) else ""
                self._items.setdefault(place, {}).setdefault((resource.namespace, name), resource.value)
        return self._items

    @property
    def kinds(self) -> dict[Place, str]:
        """The kinds that there are resources of, in the order of the first of each."""
        self._sorted()
        return self._kinds

    def get(self, place: Place, namespace: str, name: str) -> Value | None:
        """The resource, None where there is none; ``namespace`` is "" for what lives in none."""
        return self._sorted().get(place, {}).get((namespace, name))

    def listed(self, place: Place, namespace: str = "") -> list[Value]:
        """The resources of a place ordered by namespace and name; those of all namespaces where none is given."""
        found = self._sorted().get(place, {})
        return [found[key] for key in sorted(found) if not namespace or key[0] == namespace]

    def revision(self, place: Place) -> str:
        """The version of a list: the fake client counts from one what is put there; a cluster's is not known."""
        return str(1 + len(self._sorted().get(place, {}))) if self.offline else ""

    def of_kind(self, kind: str, group: str = "*") -> list[Place]:
        """The places of a kind: those of the group where it has some, else those of any group."""
        places = [place for place, name in self.kinds.items() if name == kind]
        exact = [place for place in places if group in ("*", place.group)]
        return exact or places


def place_of(group: str, version: str, kind: str) -> Place:
    """The place of a kind; its plural is guessed, as the reference's offline client does."""
    return Place(group, version, guess_plural(kind))


def known_kind(place: Place) -> str:
    """The kind at a place, by the list of kinds that need no cluster; "" where that does not have it."""
    for row in kinds.TABLE:
        if (row.group, row.version, row.plural) == place:
            return row.kind
    return ""
