"""The kinds that the reference knows without a cluster, their plurals and whether they live in a namespace.

The facts are those of the CLI's embedded discovery list (cmd/cli/kubectl-kyverno/data/api-group-resources.json).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Kind(NamedTuple):
    """A row of the discovery list: ``plural`` is ``pods`` or, for a subresource, ``pods/exec``."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool


# group version: kinds, "!" for cluster-scoped, with subresources in brackets; one whose kind differs names it after "="
_LIST = """
v1: Binding ComponentStatus! ConfigMap Endpoints Event LimitRange
v1: Namespace![finalize,status] Node![proxy=NodeProxyOptions,status]
v1: PersistentVolumeClaim[status] PersistentVolume![status]
v1: Pod[attach=PodAttachOptions,binding=Binding,ephemeralcontainers,eviction=policy/v1/Eviction,exec=PodExecOptions,log]
v1: Pod[portforward=PodPortForwardOptions,proxy=PodProxyOptions,resize,status]
v1: PodTemplate ReplicationController[scale=autoscaling/v1/Scale,status] ResourceQuota[status] Secret
v1: ServiceAccount[token=authentication.k8s.io/v1/TokenRequest] Service[proxy=ServiceProxyOptions,status]
apiregistration.k8s.io/v1: APIService![status]
apps/v1: ControllerRevision DaemonSet[status] Deployment[scale=autoscaling/v1/Scale,status]
apps/v1: ReplicaSet[scale=autoscaling/v1/Scale,status] StatefulSet[scale=autoscaling/v1/Scale,status]
events.k8s.io/v1: Event
authentication.k8s.io/v1: SelfSubjectReview! TokenReview!
authorization.k8s.io/v1: LocalSubjectAccessReview SelfSubjectAccessReview! SelfSubjectRulesReview! SubjectAccessReview!
autoscaling/v1: HorizontalPodAutoscaler[status]
autoscaling/v2: HorizontalPodAutoscaler[status]
batch/v1: CronJob[status] Job[status]
certificates.k8s.io/v1: CertificateSigningRequest![approval,status]
networking.k8s.io/v1: IngressClass! Ingress[status] IPAddress! NetworkPolicy ServiceCIDR![status]
policy/v1: PodDisruptionBudget[status]
rbac.authorization.k8s.io/v1: ClusterRoleBinding! ClusterRole! RoleBinding Role
storage.k8s.io/v1: CSIDriver! CSINode! CSIStorageCapacity StorageClass! VolumeAttachment![status] VolumeAttributesClass!
admissionregistration.k8s.io/v1: MutatingWebhookConfiguration! ValidatingAdmissionPolicy![status]
admissionregistration.k8s.io/v1: ValidatingAdmissionPolicyBinding! ValidatingWebhookConfiguration!
apiextensions.k8s.io/v1: CustomResourceDefinition![status]
scheduling.k8s.io/v1: PriorityClass!
coordination.k8s.io/v1: Lease
node.k8s.io/v1: RuntimeClass!
discovery.k8s.io/v1: EndpointSlice
resource.k8s.io/v1: DeviceClass! ResourceClaim[status] ResourceClaimTemplate ResourceSlice!
flowcontrol.apiserver.k8s.io/v1: FlowSchema![status] PriorityLevelConfiguration![status]
"""


def guess_plural(kind: str) -> str:
    """The plural of a kind that is in no list, as apimachinery guesses it (meta.UnsafeGuessKindToResource)."""
    name = kind.lower()
    if not name or name.endswith("endpoints"):
        return name
    if name[-1] == "s":
        return f"{name}es"
    return f"{name[:-1]}ies" if name[-1] == "y" else f"{name}s"


def _rows() -> tuple[Kind, ...]:
    rows: dict[Kind, None] = {}  # in the list's order, a kind whose subresources take two lines once
    for line in _LIST.split("\n")[1:-1]:
        group_version, _, entries = line.partition(": ")
        group, _, version = group_version.rpartition("/")
        for entry in entries.split():
            name, _, subresources = entry.removesuffix("]").partition("[")
            kind, namespaced = name.removesuffix("!"), not name.endswith("!")
            plural = guess_plural(kind)
            rows[Kind(group, version, kind, plural, namespaced)] = None
            for subresource in filter(None, subresources.split(",")):
                rows[_subresource(Kind(group, version, kind, plural, namespaced), subresource)] = None
    return tuple(rows)


def _subresource(parent: Kind, entry: str) -> Kind:
    name, _, own = entry.partition("=")
    plural = f"{parent.plural}/{name}"
    if not own:
        return parent._replace(plural=plural)
    *group_version, kind = own.split("/")
    group, version = group_version or (parent.group, parent.version)
    return Kind(group, version, kind, plural, parent.namespaced)


TABLE: tuple[Kind, ...] = _rows()
"""All 111 rows; a subresource's group, version and kind are those of the object that it takes."""

_CLUSTER_SCOPED = frozenset(
    [(row.group, row.kind) for row in TABLE if not row.namespaced and "/" not in row.plural]
    + [("", "NodeProxyOptions")]
)
_PLURALS = {(row.group, row.kind): row.plural for row in reversed(TABLE) if "/" not in row.plural}


Namespaced = Callable[[str, str], bool]
"""Whether resources of a group and kind live in a namespace."""


def is_namespaced(group: str, kind: str) -> bool:
    """Whether resources of the kind live in a namespace; kinds in no list count as if they did (resource.go)."""
    return (group, kind) not in _CLUSTER_SCOPED


def is_known(group: str, version: str, kind: str) -> bool:
    """Whether the list has the kind in this version."""
    return any(row[:3] == (group, version, kind) and "/" not in row.plural for row in TABLE)


def plural(group: str, kind: str) -> str:
    """The plural name of a kind, guessed where the list does not have it."""
    return _PLURALS.get((group, kind)) or guess_plural(kind)


def group_of(api_version: str) -> str:
    """The group of an apiVersion: "" for ``v1`` and for anything malformed, as the reference splits it."""
    parts = api_version.split("/")
    return parts[0] if len(parts) == 2 else ""
