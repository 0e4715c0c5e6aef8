"""What a cluster would know, answered from a repository: values that contexts read beside the request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from engine.jmespath import Runtime
from engine.model import Value
from engine.resources import Resource


@dataclass(frozen=True, slots=True)
class Cluster:
    """The surroundings of an evaluation.

    ``config_maps`` answers ConfigMap context entries by (namespace, name); None means that nobody can answer, and then
    such entries are not created at all, as in the reference without a resolver (kyverno.md, section 5).
    ``policy_values`` gives the values that a user supplies for (policy, name of the resource), ``rule_values`` those
    for (policy, rule), by dotted name.
    """

    runtime: Runtime
    config_maps: Mapping[tuple[str, str], Value] | None = None
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    policy_values: Callable[[str, str], Mapping[str, Value]] | None = None
    rule_values: Callable[[str, str], Mapping[str, Value]] | None = None

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
    config_maps: dict[tuple[str, str], Value] = {}
    namespaces: dict[str, Mapping[str, str]] = {}
    for resource in resources:
        match (resource.group, resource.kind):
            case ("", "ConfigMap"):
                config_maps.setdefault((resource.namespace, resource.name), resource.value)
            case ("", "Namespace"):
                namespaces.setdefault(resource.name, {"kubernetes.io/metadata.name": resource.name, **resource.labels})
    return Cluster(runtime=runtime, config_maps=config_maps, namespaces=namespaces)
