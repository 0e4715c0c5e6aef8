"""What a cluster would know, answered from a repository: values that contexts read beside the request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from engine.inventory import Inventory
from engine.jmespath import Runtime
from engine.model import Value
from engine.resources import Resource

if TYPE_CHECKING:
    from engine.api import Api, ApiMocks
    from engine.global_context import GlobalEntry
    from engine.registry import Registry


class ContextFile(Struct, frozen=True):
    """What a Context of cli.kyverno.io supplies to policies in CEL: resources, what is known of images by name."""

    inventory: Inventory
    images: Mapping[str, Value] = {}


class Cluster(Struct, frozen=True):
    """The surroundings of an evaluation.

    ``config_maps`` answers ConfigMap context entries by (namespace, name); None means that nobody can answer, and then
    such entries are not created at all, as in the reference without a resolver (kyverno.md, section 5).
    ``policy_values`` gives the values that a user supplies for (policy, name of the resource), ``rule_values`` those
    for (policy, rule), by dotted name. ``api`` answers apiCall entries and ``global_context`` globalReference entries
    by name, None likewise; ``api_mocks`` go before ``api``. ``inventory`` is where the targets of mutate rules are
    looked up, and ``clone_sources`` tells where generate rules find what they clone, by (policy key, rule).
    ``registry`` is None where no image registry may be asked.
    ``namespace_objects`` are what CEL reads as ``namespaceObject``. ``as_cluster`` has policies in CEL answered as a
    cluster answers them where the reference's CLI does otherwise (whole numbers are int, namespaced policies keep to
    their namespace); ``context`` is what the CLI's Context file says instead.
    """

    runtime: Runtime
    config_maps: Mapping[tuple[str, str], Value] | None = None
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    policy_values: Callable[[str, str], Mapping[str, Value]] | None = None
    rule_values: Callable[[str, str], Mapping[str, Value]] | None = None
    api: Api | None = None
    api_mocks: ApiMocks | None = None
    global_context: Mapping[str, GlobalEntry] | None = None
    inventory: Inventory | None = None
    clone_sources: Callable[[str, str], Inventory] | None = None
    registry: Registry | None = None
    namespace_objects: Mapping[str, Value] = field(default_factory=dict)
    as_cluster: bool = False
    is_described: bool = False
    context: ContextFile | None = None

    @property
    def answered(self) -> frozenset[str]:
        """The kinds of context entries that can be answered, beside ``variable``."""
        able = {
            "configMap": self.config_maps is not None,
            "apiCall": self.api is not None or bool(self.api_mocks),
            "globalReference": self.global_context is not None,
            # a cluster has a registry; that it may not be asked is an error that says so
            "imageRegistry": self.registry is not None or (self.api is not None and not self.is_offline),
        }
        return frozenset(kind for kind, is_able in able.items() if is_able)

    @property
    def is_offline(self) -> bool:
        """Whether this is what the reference knows without a cluster, and answers no better than that."""
        return self.inventory is not None and self.inventory.offline

    @property
    def supplies_values(self) -> bool:
        """Whether a user supplies values at all."""
        return self.policy_values is not None or self.rule_values is not None

    def values(self, policy: str, rule: str, resource: str) -> Mapping[str, Value]:
        """All that a user supplies for a rule and a resource; what is said of the rule goes before."""
        of_policy = self.policy_values(policy, resource) if self.policy_values else {}
        of_rule = self.rule_values(policy, rule) if self.rule_values else {}
        return {**of_policy, **of_rule}

    def namespace_labels(self, namespace: str) -> Mapping[str, str]:
        """The labels of a namespace; none where it is unknown."""
        return self.namespaces.get(namespace, {})


def from_resources(resources: Iterable[Resource], runtime: Runtime) -> Cluster:
    """A cluster that holds these resources; of several with one identity the first counts."""
    from engine.api import Api

    known = tuple(resources)
    config_maps: dict[tuple[str, str], Value] = {}
    namespaces: dict[str, Mapping[str, str]] = {}
    objects: dict[str, Value] = {}
    for resource in known:
        match (resource.group, resource.kind):
            case ("", "ConfigMap"):
                config_maps.setdefault((resource.namespace, resource.name), resource.value)
            case ("", "Namespace"):
                labels = {"kubernetes.io/metadata.name": resource.name, **resource.labels}
                namespaces.setdefault(resource.name, labels)
                objects.setdefault(resource.name, _namespace_object(resource.value, labels))
    inventory = Inventory(known)
    api = Api(inventory)
    return Cluster(
        runtime=runtime,
        config_maps=config_maps,
        namespaces=namespaces,
        namespace_objects=objects,
        api=api,
        global_context=_global_context(known, api),
        inventory=inventory,
        clone_sources=lambda _policy, _rule: inventory,
    )


def _namespace_object(value: Value, labels: Mapping[str, str]) -> Value:
    """A Namespace with what a cluster adds to each."""
    metadata = {**(value.get("metadata") or {}), "labels": labels}
    return {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}, **value, "metadata": metadata}


def offline(resources: Sequence[Resource], runtime: Runtime) -> Cluster:
    """What the reference's ``apply`` knows without a cluster: the resources it was given, and nothing but.

    ``resources`` are all of them, targets and parameters last, GlobalContextEntries included; those are no resources
    to the rules (commands/apply/command.go). Without any there is nobody to answer.
    """
    from engine.api import Api

    known = [resource for resource in resources if not is_global_entry(resource)]
    if not known:
        return Cluster(runtime=runtime)
    inventory = Inventory(known, offline=True)
    api = Api(inventory)
    entries = _global_context(resources, api) or None
    return Cluster(runtime=runtime, api=api, global_context=entries, inventory=inventory)


def is_global_entry(resource: Resource) -> bool:
    """Whether a resource is a GlobalContextEntry of the version that the reference's ``apply`` reads."""
    return resource.kind == "GlobalContextEntry" and resource.api_version == "kyverno.io/v2"


def _global_context(resources: Iterable[Resource], api: Api) -> Mapping[str, GlobalEntry]:
    """A cluster takes all three versions for one another."""
    versions = {"kyverno.io/v2"} if api.offline else {"kyverno.io/v2", "kyverno.io/v2beta1", "kyverno.io/v2alpha1"}
    found = [found for found in resources if found.kind == "GlobalContextEntry" and found.api_version in versions]
    if not found:
        return {}
    from engine.global_context import of_resources  # only a few repositories need it

    return of_resources(found, api)
