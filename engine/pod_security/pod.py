"""The pod that a workload makes, as the controls look at it (upstream: getSpec in validate_pss.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from engine.model import Path, Value
from engine.pod_security.shapes import Shape, fits

CONTROLLERS = frozenset(("DaemonSet", "Deployment", "Job", "StatefulSet", "ReplicaSet", "ReplicationController"))
LISTS = ("initContainers", "containers", "ephemeralContainers")
"""The lists of containers, in the order in which the controls visit them."""

_UNKNOWN_KIND = "could not find correct resource type"


class Container(Struct, frozen=True):
    """A container: where it stands in the pod, its name and fields; ``security`` is None where it sets nothing."""

    place: Path
    name: str
    value: dict[str, Value]
    security: dict[str, Value] | None


class Pod(Struct, frozen=True):
    """A pod's metadata and spec, decoded. ``security`` is the pod's own securityContext, None where it has none.

    ``secured`` are the containers with a securityContext: most controls need no others. ``as_written`` tells that
    they are the resource's own values, which needed no decoding.
    """

    annotations: dict[str, Value]
    spec: dict[str, Value]
    security: dict[str, Value] | None
    containers: tuple[Container, ...]
    secured: tuple[Container, ...]
    as_written: bool = False

    @property
    def windows(self) -> bool:
        """Whether the pod says that it runs on Windows."""
        return bool((self.spec.get("os") or {}).get("name") == "windows")

    def with_containers(self, containers: tuple[Container, ...]) -> Pod:
        """The same pod with other containers."""
        return replace(self, containers=containers, secured=_secured(containers))

    def only(self, wanted: Callable[[str], bool]) -> Pod:
        """A pod of nothing but the containers whose image is wanted; they are counted anew, as upstream does."""
        kept: list[Container] = []
        for name in LISTS:
            found = (c for c in self.containers if c.place[1] == name and wanted(c.value.get("image") or ""))
            kept += (replace(c, place=("spec", name, index)) for index, c in enumerate(found))
        return Pod({}, {}, None, tuple(kept), _secured(tuple(kept)))


def read(resource: dict[str, Value], kind: str) -> Pod | str:
    """The pod of a resource, or the reference's text of why it has none.

    All controllers are decoded as a Deployment, as upstream does. A CronJob's annotations are those of its job.
    """
    root = "Deployment" if kind in CONTROLLERS else kind
    if root not in _FITS:
        return _UNKNOWN_KIND
    as_written = _FITS[root](resource)
    if not as_written:
        from engine.pod_security.decode import decode  # few resources need it

        decoded = decode(root, resource)
        if decoded.error is not None:
            return decoded.error
        resource = decoded.value
    match root:
        case "Pod":
            return _pod(resource.get("metadata"), resource.get("spec"), as_written)
        case "CronJob":
            job = (resource.get("spec") or {}).get("jobTemplate") or {}
            template = (job.get("spec") or {}).get("template") or {}
            return _pod(job.get("metadata"), template.get("spec"), as_written)
    template = (resource.get("spec") or {}).get("template") or {}
    return _pod(template.get("metadata"), template.get("spec"), as_written)


def place(field: Path, kind: str) -> Path:
    """Where a field of the pod stands in a resource of the kind."""
    if kind == "Pod":
        return field
    if kind != "CronJob":
        return ("spec", "template", *field)
    return (
        ("spec", "jobTemplate", *field)
        if field[0] == "metadata"
        else ("spec", "jobTemplate", "spec", "template", *field)
    )


def _pod(metadata: Value, spec: Value, as_written: bool) -> Pod:
    spec = spec or {}
    containers = tuple(_containers(spec))
    return Pod(
        annotations=(metadata or {}).get("annotations") or {},
        spec=spec,
        security=spec.get("securityContext"),
        containers=containers,
        secured=_secured(containers),
        as_written=as_written,
    )


def _containers(spec: dict[str, Value]) -> Iterator[Container]:
    for name in LISTS:
        for index, value in enumerate(spec.get(name) or ()):
            yield Container(("spec", name, index), value.get("name") or "", value, value.get("securityContext"))


def _secured(containers: tuple[Container, ...]) -> tuple[Container, ...]:
    return tuple(container for container in containers if container.security is not None)


_FITS = {root: fits(Shape("struct", f"v1.{root}", name=root)) for root in ("Pod", "CronJob", "Deployment")}
