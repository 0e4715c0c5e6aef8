"""What Kyverno's CEL functions ask of the world, answered from what is known (upstream: pkg/cel/libs/context.go and
fake_context.go, which the CLI answers from).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine import selectors
from engine.cel.errors import EvaluationError
from engine.cel.libraries.kyverno.surroundings import ResourceName, Unavailable
from engine.cel.values import Value
from engine.cel_policies.generating import placed
from engine.cluster import Cluster
from engine.errors import EngineError
from engine.inventory import Inventory, Place, known_kind
from engine.kinds import plural as plural_of
from engine.resources import Resource
from engine.values.golang import quote

_EMPTY = Inventory(())


class World:
    """Answers for one cluster; what is generated is kept until it is harvested."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._generated: list[Value] = []
        self.targets: Sequence[Resource] = ()
        """What policies of existing resources may look up beside all else, while they are asked."""

    def now(self) -> int:
        """See Surroundings."""
        return int(self._cluster.runtime.clock().timestamp() * 1_000_000) * 1_000

    def randrange(self, below: int) -> int:
        """See Surroundings."""
        return int(self._cluster.runtime.random().randrange(below))

    def get_resource(self, api_version: str, plural: str, namespace: str, name: str) -> Value | None:
        """See Surroundings."""
        return self._inventory.get(_place(api_version, plural), namespace, name)

    def list_resources(self, api_version: str, plural: str, namespace: str, labels: Mapping[str, str]) -> Value:
        """See Surroundings; offline an unknown kind is an error, "" no wildcard, and labels do not count."""
        place = _place(api_version, plural)
        found = self._inventory.listed(place, namespace)
        if not self._is_there:
            if place not in self._inventory.kinds:
                raise Unavailable(f"{place.qualified} resource not found")
            return {"items": [item for item in found if (item["metadata"].get("namespace") or "") == namespace]}
        if labels:
            found = [item for item in found if _has(item, labels)]
        kind = self._inventory.kinds.get(place) or known_kind(place)
        return {"apiVersion": api_version, "kind": f"{kind}List", "items": found}

    def _check_client(self) -> None:
        """Raise EvaluationError where the reference has nobody to ask, and says so by a panic."""
        if not self._is_there:
            raise EvaluationError("internal error: not implemented")

    @property
    def _is_there(self) -> bool:
        """Whether there is a cluster, or a description of one, rather than nothing that could be asked."""
        return self._cluster.as_cluster or self._cluster.is_described

    @property
    def _inventory(self) -> Inventory:
        known = self._known
        return known.beside(self.targets) if self.targets and not self._is_there else known

    @property
    def _known(self) -> Inventory:
        if self._cluster.context is not None:
            return self._cluster.context.inventory
        if not self._is_there or self._cluster.inventory is None:
            return _EMPTY
        return self._cluster.inventory

    def post_resource(self, api_version: str, plural: str, namespace: str, content: Mapping[str, Value]) -> Value:
        """See Surroundings."""
        self._check_client()
        raise Unavailable(f"nothing is sent to an API server: {api_version} {plural}")

    def resource_name(self, api_version: str, kind: str) -> ResourceName:
        """See Surroundings."""
        self._check_client()
        group, _, _ = api_version.rpartition("/")
        return ResourceName(api_version, plural_of(group, kind))

    def global_reference(self, name: str, projection: str) -> Value:
        """See Surroundings."""
        entry = (self._cluster.global_context or {}).get(name)
        if entry is None or self._cluster.is_described:  # entries of a test are for what asks no cluster
            return None
        try:
            if self._cluster.as_cluster or not projection:
                return entry.get(projection, self._cluster.runtime)
            value = entry.get("", self._cluster.runtime)
        except EngineError as error:
            raise Unavailable(str(error)) from error
        if isinstance(value, dict) and projection in value:
            return value[projection]
        more = "" if isinstance(value, dict) else ": stored value is not an object"
        raise Unavailable(f"projection {quote(projection)} not found in global context entry {quote(name)}{more}")

    def image_metadata(self, image: str) -> Value:
        """See Surroundings."""
        known = self._cluster.context.images if self._cluster.context is not None else {}
        if image not in known:
            raise Unavailable(f"image data for {image} not found in the context")
        return known[image]

    def generate(self, namespace: str, resources: Sequence[Mapping[str, Value]]) -> None:
        """See Surroundings."""
        self._generated += placed(namespace, resources)

    def harvest(self, evaluate: Callable[[], object]) -> Sequence[Value]:
        """What is generated while something is evaluated."""
        self._generated = []
        evaluate()
        made, self._generated = self._generated, []
        return made

    def http_get(self, url: str, headers: Mapping[str, str]) -> Value:
        """See Surroundings."""
        return self._mocked("GET", url)

    def http_post(self, url: str, body: Value, headers: Mapping[str, str]) -> Value:
        """See Surroundings."""
        return self._mocked("POST", url)

    def _mocked(self, method: str, url: str) -> Value:
        answer = self._cluster.api_mocks.find(method, url) if self._cluster.api_mocks else None
        if answer is None:
            raise Unavailable(f"nothing that a policy names is contacted: {url}")
        return {"body": answer.body, "statusCode": answer.status}


def _place(api_version: str, plural: str) -> Place:
    group, _, version = api_version.rpartition("/")
    return Place(group, version, plural.partition("/")[0])


def _has(item: Value, labels: Mapping[str, str]) -> bool:
    known = (item.get("metadata") or {}).get("labels") or {}
    return selectors.compile({"matchLabels": dict(labels)})(known)
