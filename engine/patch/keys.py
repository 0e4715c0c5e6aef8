"""Which lists of which kinds merge by key: what kyaml's built-in OpenAPI says.

kyaml 0.21 carries the schema of Kubernetes 1.21 (kyaml/openapi/kubernetesapi/v1_21_2) whatever the cluster is. Fields
and kinds that came later are unknown to it, so their lists are replaced; so are all lists of custom resources. Only
the branches that lead to a list with ``x-kubernetes-patch-strategy: merge`` are kept here.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from engine.model import Value


class Schema(Struct, frozen=True):
    """What is known of a field. ``keys``: the merge keys of a list, () a set of scalars, None a list to replace."""

    fields: Mapping[str, Schema] = field(default_factory=dict)
    keys: tuple[str, ...] | None = None
    elements: Schema | None = None


def _by(*keys: str, of: Schema | None = None) -> Schema:
    return Schema(keys=keys, elements=of)


def _map(**fields: Schema) -> Schema:
    return Schema(fields)


_META = _map(finalizers=_by(), ownerReferences=_by("uid"))
_CONDITIONS = _map(conditions=_by("type"))
_VOLUME = _map(ephemeral=_map(volumeClaimTemplate=_map(metadata=_META)))
_MOUNTS = {"env": _by("name"), "volumeDevices": _by("devicePath"), "volumeMounts": _by("mountPath")}
_CONTAINERS = _by("name", of=Schema({**_MOUNTS, "ports": _by("containerPort", "protocol")}))
_POD_SPEC = _map(
    containers=_CONTAINERS,
    ephemeralContainers=_by("name", of=Schema(_MOUNTS)),
    hostAliases=_by("ip"),
    imagePullSecrets=_by("name"),
    initContainers=_CONTAINERS,
    topologySpreadConstraints=_by("topologyKey", "whenUnsatisfiable"),
    volumes=_by("name", of=_VOLUME),
)
_TEMPLATE = _map(metadata=_META, spec=_POD_SPEC)
_OBJECT = _map(metadata=_META)
_REPORTING = _map(metadata=_META, status=_CONDITIONS)
_WORKLOAD = _map(metadata=_META, spec=_map(template=_TEMPLATE), status=_CONDITIONS)
_JOB_SPEC = _map(template=_TEMPLATE)
_CRON_JOB = _map(metadata=_META, spec=_map(jobTemplate=_map(metadata=_META, spec=_JOB_SPEC)))
_WEBHOOKS = _map(metadata=_META, webhooks=_by("name"))
_CSI_NODE = _map(metadata=_META, spec=_map(drivers=_by("name")))
_SERVICE = _map(metadata=_META, spec=_map(ports=_by("port", "protocol")), status=_CONDITIONS)
_NODE = _map(
    metadata=_META,
    spec=_map(podCIDRs=_by()),
    status=_map(addresses=_by("type"), conditions=_by("type")),
)
_POD = _map(metadata=_META, spec=_POD_SPEC, status=_map(conditions=_by("type"), podIPs=_by("ip")))

_KINDS: tuple[tuple[str, str, Schema], ...] = (
    ("v1", "Pod", _POD),
    ("v1", "PodTemplate", _map(metadata=_META, template=_TEMPLATE)),
    ("v1", "ReplicationController", _WORKLOAD),
    ("v1", "Service", _SERVICE),
    ("v1", "ServiceAccount", _map(metadata=_META, secrets=_by("name"))),
    ("v1", "Node", _NODE),
    ("v1", "Namespace PersistentVolumeClaim", _REPORTING),
    ("v1", "ComponentStatus", _map(metadata=_META, conditions=_by("type"))),
    ("v1", "Binding ConfigMap Endpoints Event LimitRange PersistentVolume ResourceQuota Secret", _OBJECT),
    ("apps/v1", "DaemonSet Deployment ReplicaSet StatefulSet", _WORKLOAD),
    ("apps/v1", "ControllerRevision", _OBJECT),
    ("batch/v1", "Job", _WORKLOAD),
    ("batch/v1 batch/v1beta1", "CronJob", _CRON_JOB),
    (
        "admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
        _WEBHOOKS,
    ),
    ("storage.k8s.io/v1 storage.k8s.io/v1beta1", "CSINode", _CSI_NODE),
    ("storage.k8s.io/v1 storage.k8s.io/v1beta1", "CSIDriver StorageClass VolumeAttachment", _OBJECT),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", _OBJECT),
    ("policy/v1 policy/v1beta1", "PodDisruptionBudget", _REPORTING),
    ("policy/v1beta1", "Eviction PodSecurityPolicy", _OBJECT),
    ("apiregistration.k8s.io/v1 apiregistration.k8s.io/v1beta1", "APIService", _REPORTING),
    ("apiextensions.k8s.io/v1 apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", _OBJECT),
    ("authentication.k8s.io/v1", "TokenRequest", _OBJECT),
    ("authentication.k8s.io/v1 authentication.k8s.io/v1beta1", "TokenReview", _OBJECT),
    (
        "authorization.k8s.io/v1 authorization.k8s.io/v1beta1",
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
        _OBJECT,
    ),
    ("autoscaling/v1 autoscaling/v2beta1 autoscaling/v2beta2", "HorizontalPodAutoscaler", _OBJECT),
    ("autoscaling/v1", "Scale", _OBJECT),
    ("certificates.k8s.io/v1 certificates.k8s.io/v1beta1", "CertificateSigningRequest", _OBJECT),
    ("coordination.k8s.io/v1 coordination.k8s.io/v1beta1", "Lease", _OBJECT),
    ("discovery.k8s.io/v1 discovery.k8s.io/v1beta1", "EndpointSlice", _OBJECT),
    ("events.k8s.io/v1 events.k8s.io/v1beta1", "Event", _OBJECT),
    ("extensions/v1beta1 networking.k8s.io/v1 networking.k8s.io/v1beta1", "Ingress", _OBJECT),
    ("networking.k8s.io/v1 networking.k8s.io/v1beta1", "IngressClass", _OBJECT),
    ("networking.k8s.io/v1", "NetworkPolicy", _OBJECT),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema PriorityLevelConfiguration", _OBJECT),
    ("node.k8s.io/v1 node.k8s.io/v1beta1", "RuntimeClass", _OBJECT),
    (
        "rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1",
        "ClusterRole ClusterRoleBinding Role RoleBinding",
        _OBJECT,
    ),
    ("scheduling.k8s.io/v1 scheduling.k8s.io/v1beta1", "PriorityClass", _OBJECT),
)

_TABLE = {
    (version, kind): schema
    for versions, kinds, schema in _KINDS
    for version in versions.split()
    for kind in kinds.split()
}


def of(value: Value) -> Schema | None:
    """The schema of a value that names its own apiVersion and kind, None for others and for unknown kinds."""
    if type(value) is not dict:
        return None
    version, kind = value.get("apiVersion"), value.get("kind")
    return _TABLE.get((version, kind)) if type(version) is str and type(kind) is str else None
