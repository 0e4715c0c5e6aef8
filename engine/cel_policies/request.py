"""What a policy can read of a request (upstream: pkg/cel/engine/request.go, prepareK8sData, admission's activation)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec.structs import replace

from engine.cel_policies.constraints import Attributes
from engine.cluster import Cluster
from engine.inventory import Place
from engine.kinds import plural
from engine.match import UserInfo, strings_of
from engine.model import Path, Value
from engine.request import Request
from engine.resources import Resource
from engine.values.numbers import renumber

_BACKGROUND = "system:kyverno:background-scan"
"""Who asks where nobody does (upstream: pkg/admissionpolicy/user_info.go)."""


class CelRequest:
    """A request as expressions see it; each part is made when it is first read.

    The numbers of a resource stay as the reference's loader has them, all doubles, unless it is a cluster's, where
    whole ones are int.
    """

    def __init__(self, request: Request, cluster: Cluster) -> None:
        self.request = request
        self.resource = request.resource
        self.operation = str(request.operation)
        self._cluster = cluster
        self._origin = self
        self._contents: dict[Path, bytes | None] = {}

    def with_object(self, value: Value) -> CelRequest:
        """The same request for a patched object; ``request.object`` stays what it was."""
        patched = Resource(value, self.resource.document, self.resource.base)
        made = CelRequest(replace(self.request, new=patched), self._cluster)
        made._origin = self._origin
        return made

    @property
    def in_cluster(self) -> bool:
        """Whether it is asked as a cluster asks, rather than the reference's command line."""
        return self._cluster.as_cluster

    @cached_property
    def object(self) -> Value:
        """The new object; None where there is none."""
        return self._value(self.request.new)

    @cached_property
    def old_object(self) -> Value:
        """The old object; None where there is none."""
        return self._value(self.request.old)

    def _value(self, resource: Resource | None) -> Value:
        if resource is None:
            return None
        return renumber(resource.value) if self._cluster.as_cluster else resource.value

    @cached_property
    def kind(self) -> tuple[str, str, str]:
        """Group, version and kind; a subresource's are those of the resource that has it."""
        resource = self.resource
        return self.request.parent or (resource.group, resource.version, resource.kind)

    @cached_property
    def place(self) -> Place:
        """Where an API server keeps the resource."""
        group, version, kind = self.kind
        return Place(group, version, plural(group, kind))

    @cached_property
    def name(self) -> str:
        """``metadata.name``, "" where the cluster will make one."""
        found = (self.resource.value.get("metadata") or {}).get("name")
        return found if isinstance(found, str) else ""

    @property
    def namespace(self) -> str:
        """The namespace that the resource is in."""
        return self.resource.namespace

    @cached_property
    def namespace_object(self) -> Value:
        """The namespace as the cluster has it; None where it is not known."""
        return self._cluster.namespace_objects.get(self.namespace) if self.namespace else None

    @cached_property
    def bare_namespace(self) -> Value:
        """The namespace as Kubernetes' own policies see it: never none, at worst without a name."""
        if self.namespace_object is not None:
            return self.namespace_object
        metadata: dict[str, Value] = {}
        if self.namespace and self.kind != ("", "v1", "Namespace"):
            metadata["name"] = self.namespace
        if self.request.namespace_labels:
            metadata["labels"] = dict(self.request.namespace_labels)
        return {"metadata": metadata, "spec": {}, "status": {}}

    @cached_property
    def attributes(self) -> Attributes:
        """What constraints of Kyverno's policies look at: there is always an old object, be it empty."""
        return self._attributes({} if self.request.old is None else _labels(self.request.old), self._namespace_labels())

    @cached_property
    def kubernetes_attributes(self) -> Attributes:
        """What constraints of Kubernetes' own policies look at."""
        old = None if self.request.old is None else _labels(self.request.old)
        return self._attributes(old, self.request.namespace_labels)

    def _attributes(self, old: dict[str, Value] | None, namespace: Mapping[str, str] | None) -> Attributes:
        new = self.request.new
        return Attributes(
            place=self.place,
            operation=self.operation,
            name=self.name,
            namespace=self.namespace,
            labels={} if new is None else _labels(new),
            old_labels=old,
            namespace_labels=namespace,
            generate_name=(self.resource.value.get("metadata") or {}).get("generateName") or "",
        )

    def _namespace_labels(self) -> dict[str, str] | None:
        found = self.namespace_object
        return None if found is None else (found.get("metadata") or {}).get("labels") or {}

    def content(self, part: Path) -> bytes | None:
        """What the new object says at ``part``, as in ``Resource.content``, and the operation; None where it cannot."""
        if part not in self._contents:
            new = self.request.new
            found = new.content(part) if new is not None else None
            self._contents[part] = None if found is None else self.operation.encode() + found
        return self._contents[part]

    def readable(self) -> dict[str, Value]:
        """What expressions of Kyverno's policies read, as a new dict for each of them.

        There is always an object and an old one, be they empty (upstream: ObjectToResolveVal of an empty resource).
        """
        return _Readable(
            self,
            object={} if self.object is None else self.object,
            oldObject={} if self.old_object is None else self.old_object,
            namespaceObject=self.namespace_object,
        )

    def readable_for_mutation(self) -> dict[str, Value]:
        """The same for a policy that mutates, which reads the objects of the request without the detour of JSON."""
        origin = self._origin
        read = self.readable()
        read["request"] = {
            **self.admission(self.request.user),
            "object": {} if origin.object is None else origin.object,
            "oldObject": {} if origin.old_object is None else origin.old_object,
        }
        return read

    @cached_property
    def with_objects(self) -> Value:
        """The AdmissionRequest, whose objects have been JSON."""
        admission = self.admission(self.request.user)
        return {**admission, "object": renumber(self.object), "oldObject": renumber(self.old_object)}

    def admission(self, user: UserInfo | None, *, namespace: str | None = None, place: Place | None = None) -> Value:
        """The AdmissionRequest without its objects."""
        group, version, kind = self.kind
        asked = self.place if place is None else place
        names = {"group": group, "version": version, "kind": kind}
        resource = {"group": asked.group, "version": asked.version, "resource": asked.plural}
        found: dict[str, Value] = {
            "uid": "",
            "kind": names,
            "resource": resource,
            "requestKind": names,
            "requestResource": resource,
            "operation": self.operation,
            "userInfo": _user(user),
            "object": None,
            "oldObject": None,
            "dryRun": False,
            "options": None,
        }
        if self.name:
            found["name"] = self.name
        within = self.namespace if namespace is None else namespace
        return {**found, "namespace": within} if within else found


class _Readable(dict[str, Value]):
    """What expressions read; the request, for which few ask, is there when it is first read."""

    __slots__ = ("_of",)

    def __init__(self, of: CelRequest, **read: Value) -> None:
        super().__init__(read)
        self._of = of

    def __missing__(self, name: str) -> Value:
        if name != "request":
            raise KeyError(name)
        value = self[name] = self._of.with_objects
        return value


def _labels(resource: Resource) -> dict[str, Value]:
    return strings_of(resource.labels)


def _user(user: UserInfo | None) -> dict[str, Value]:
    """The user's fields that are not empty."""
    if user is None:
        return {}
    found: dict[str, Value] = {
        "username": user.username,
        "uid": user.uid,
        "groups": list(user.groups),
        "extra": {key: list(words) for key, words in user.extra.items()},
    }
    return {name: value for name, value in found.items() if value}


def background_user(user: UserInfo | None) -> UserInfo:
    """The user with what Kubernetes' policies are told where nobody is known."""
    known = user or UserInfo()
    return UserInfo(
        username=known.username or _BACKGROUND,
        uid=known.uid or _BACKGROUND,
        groups=known.groups or (_BACKGROUND,),
        roles=known.roles,
        cluster_roles=known.cluster_roles,
        extra=known.extra,
    )
