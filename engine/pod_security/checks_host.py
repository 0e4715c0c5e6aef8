"""The checks on what a pod takes from its node: namespaces, ports, paths, probes, sysctls, volumes."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Value
from engine.pod_security.finding import FieldError, Violation, in_container
from engine.pod_security.pod import Pod

_HARMLESS = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
)
_RESTRICTED = (
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
)
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("postStart", "preStop")
SYSCTLS_0 = frozenset(
    (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_syncookies",
    )
)
SYSCTLS_27 = SYSCTLS_0 | {"net.ipv4.ip_local_reserved_ports"}
SYSCTLS_29 = SYSCTLS_27 | {f"net.ipv4.tcp_{name}" for name in ("keepalive_time", "fin_timeout", "keepalive_intvl")}
SYSCTLS_29 = SYSCTLS_29 | {"net.ipv4.tcp_keepalive_probes"}
SYSCTLS_32 = SYSCTLS_29 | {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}


def host_namespaces(pod: Pod) -> Violation | None:
    """The pod must not share the network, process or IPC namespace of its node."""
    spec = pod.spec
    if not (spec.get("hostNetwork") or spec.get("hostPID") or spec.get("hostIPC")):
        return None
    errors = (FieldError(("spec", key), True) for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key))
    return Violation("host namespaces", tuple(errors))


def host_path_volumes(pod: Pod) -> Violation | None:
    """No volume may be a directory of the node."""
    errors = tuple(
        FieldError(("spec", "volumes", index, "hostPath"), volume["hostPath"].get("path") or "")
        for index, volume in enumerate(pod.spec.get("volumes") or ())
        if volume.get("hostPath") is not None
    )
    return Violation("hostPath volumes", errors) if errors else None


def host_ports(pod: Pod) -> Violation | None:
    """No container may take a port of the node."""
    errors = tuple(
        in_container(container, "ports", index, "hostPort", bad=int(port["hostPort"]))
        for container in pod.containers
        for index, port in enumerate(container.value.get("ports") or ())
        if port.get("hostPort")
    )
    return Violation("hostPort", errors) if errors else None


def host_probes(pod: Pod) -> Violation | None:
    """No probe or lifecycle handler may name a host. The fork of the reference lists no fields for it."""
    for container in pod.containers:
        value = container.value
        lifecycle = value.get("lifecycle") or {}
        if any(_names_host(value.get(key)) for key in _PROBES) or any(_names_host(lifecycle.get(k)) for k in _HANDLERS):
            return Violation("probe or lifecycle host", None)
    return None


def _names_host(handler: Value) -> bool:
    if not handler:
        return False
    return any((handler.get(key) or {}).get("host") for key in ("httpGet", "tcpSocket"))


def restricted_volumes(pod: Pod) -> Violation | None:
    """Volumes must be of the types that hold nothing but the cluster's own objects and storage claims."""
    errors = tuple(_volume_errors(pod.spec.get("volumes") or ()))
    return Violation("restricted volume types", errors) if errors else None


def _volume_errors(volumes: Value) -> Iterator[FieldError]:
    for index, volume in enumerate(volumes):
        if all(volume.get(key) is None for key in _HARMLESS):
            bad = next((key for key in _RESTRICTED if volume.get(key) is not None), "unknown")
            yield FieldError(("spec", "volumes", index, bad))


def sysctls(pod: Pod, allowed: frozenset[str]) -> Violation | None:
    """Only the sysctls that stay inside the pod may be set."""
    if not pod.security:
        return None
    errors = tuple(
        FieldError(("spec", "securityContext", "sysctls", index, "name"), sysctl.get("name") or "")
        for index, sysctl in enumerate(pod.security.get("sysctls") or ())
        if (sysctl.get("name") or "") not in allowed
    )
    return Violation("forbidden sysctls", errors) if errors else None
