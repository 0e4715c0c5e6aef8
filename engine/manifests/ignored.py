"""Fields in which a resource may differ from the manifest that it was made from.

Those that clusters fill in are upstream's: pkg/k8smanifest/resources/default-config.yaml of k8s-manifest-sigstore, and
pkg/engine/resources/default-config.yaml.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.model import Value

_SERVICE: Final = ("spec.ports.*.nodePort", "spec.clusterIP", "spec.clusterIPs.0")
_ACCOUNT: Final = ("secrets.*.name", "imagePullSecrets.*.name")
_META: Final = (
    "metadata.managedFields.*",
    "metadata.resourceVersion",
    "metadata.selfLink",
    "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
    "metadata.annotations.namespace",
    "metadata.creationTimestamp",
    "metadata.generation",
    "metadata.uid",
    "metadata.finalizers",
    "metadata.labels.app.kubernetes.io/instance",
    "status",
)
_EVERYWHERE: Final = (
    *_META,
    "metadata.namespace",
    "spec.containers.*.imagePullPolicy",
    "spec.containers.*.terminationMessagePath",
    "spec.containers.*.terminationMessagePolicy",
    "spec.dnsPolicy",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.terminationGracePeriodSeconds",
    "metadata.annotations.control-plane.alpha.kubernetes.io/leader",
    "metadata.finalizers*",
    "metadata.annotations.deprecated.daemonset.template.generation",
    "metadata.annotations.deployment.kubernetes.io/revision",
)
_POLICY: Final = (
    "metadata.annotations.pod-policies.kyverno.io/autogen-controllers",
    "spec.failurePolicy",
    "spec.background",
    "spec.validationFailureAction",
)
_OF_KIND: Final[dict[str, tuple[str, ...]]] = {
    "Pod": (
        "spec.volumes.*.name",
        "spec.volumes.*.projected.*",
        "spec.volumes.*.configMap.defaultMode",
        "spec.containers.*.volumeMounts.*",
        "spec.tolerations.*",
        "spec.enableServiceLinks",
        "spec.preemptionPolicy",
        "spec.priority",
        "spec.serviceAccount",
    ),
    "Deployment": (
        "spec.progressDeadlineSeconds",
        "spec.revisionHistoryLimit",
        "spec.strategy.*",
        "spec.template.metadata.creationTimestamp",
        "spec.containers.*.ports.*.protocol",
        "spec.containers.*.resources",
        "spec.securityContext",
    ),
    "CustomResourceDefinition": ("spec.conversion.strategy", "spec.names.listKind"),
    "Service": (
        *_SERVICE,
        "spec.sessionAffinity",
        "spec.type",
        "spec.ipFamilies.*",
        "spec.ipFamilyPolicy",
        "spec.internalTrafficPolicy",
    ),
    "ClusterPolicy": _POLICY,
    "Policy": _POLICY,
    "ServiceAccount": _ACCOUNT,
}
_CARRIED: Final = ("message", "signature", "certificate", "bundle", "resourceBundleRef")
DOMAIN: Final = "cosign.sigstore.dev"


def fields(resource: dict[str, Value], more: Sequence[dict[str, Value]], domain: str) -> list[str]:
    """What is ignored in this resource: by clusters, by a policy's ``ignoreFields``, and what carries the signature."""
    kind = resource.get("kind")
    found = [*_EVERYWHERE, *_OF_KIND.get(kind if isinstance(kind, str) else "", ())]
    if kind == "Route" and _reference(resource)["group"] == "route.openshift.io":
        found.append("spec.host")
    for binding in more:
        objects = binding.get("objects") or ()
        if not objects or any(_is_meant(wanted, resource) for wanted in objects):
            found += binding.get("fields") or ()
    carried = dict.fromkeys((DOMAIN, domain))
    return found + [f"metadata.annotations.{name}/{part}*" for name in carried for part in _CARRIED]


def _reference(resource: dict[str, Value]) -> dict[str, str]:
    group, _, version = str(resource.get("apiVersion") or "").rpartition("/")
    metadata = resource.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    return {
        "group": group,
        "version": version,
        "kind": str(resource.get("kind") or ""),
        "name": str(named.get("name") or ""),
        "namespace": str(named.get("namespace") or ""),
    }


def _is_meant(wanted: dict[str, Value], resource: dict[str, Value]) -> bool:
    return all(_fits(str(wanted.get(part) or ""), value) for part, value in _reference(resource).items())


def _fits(pattern: str, value: str) -> bool:
    """Whether a value fits a pattern; only a star at the end is one, commas part alternatives (pattern.go)."""
    pattern = pattern.strip()
    if pattern in ("", "*") or (pattern == "-" and not value):
        return True
    if pattern.endswith("*"):
        return value.startswith(pattern.rstrip("*"))
    if pattern == value:
        return True
    return "," in pattern and any(_fits(part, value) for part in pattern.split(","))
