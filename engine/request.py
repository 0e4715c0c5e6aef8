"""The admission request that a policy judges (upstream: pkg/engine/policycontext/policy_context.go)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from engine.match import Subject, UserInfo
from engine.model import Operation, Value
from engine.resources import Resource

_SERVICE_ACCOUNT = "system:serviceaccount:"


class Request(Struct, frozen=True):
    """One admission request: ``old`` is None on CREATE, ``new`` is None on DELETE.

    ``namespace`` is what policies read as ``request.namespace``; ``variables`` are values that a user supplies for
    a policy, by dotted name (``request.operation``, ``request.object.metadata.name``, ``"a.b".c``). ``unverified`` are
    the rules, by policy key and name, whose images nobody could verify.
    """

    operation: Operation
    new: Resource | None = None
    old: Resource | None = None
    namespace: str = ""
    namespace_labels: Mapping[str, str] = field(default_factory=dict)
    user: UserInfo | None = None
    subresource: str = ""
    parent: tuple[str, str, str] | None = None
    variables: Mapping[str, Value] = field(default_factory=dict)
    unverified: frozenset[tuple[str, str]] = frozenset()

    @property
    def resource(self) -> Resource:
        """The resource that rules look at: the new one, on DELETE the old one."""
        found = self.new or self.old
        if found is None:
            raise ValueError("an admission request needs a new or an old resource")
        return found

    def subject(self, resource: Resource | None = None) -> Subject:
        """What match and exclude blocks are held against."""
        return Subject(
            resource=resource or self.resource,
            operation=self.operation,
            user=self.user,
            namespace_labels=self.namespace_labels,
            subresource=self.subresource,
            parent=self.parent,
        )

    def prior(self) -> Request:
        """The request in which today's old object was created, to tell a violation that stood before.

        The user of that time is unknown: the subject matches no role, group or name (upstream: matchResource in
        pkg/engine/handlers/validation/utils.go).
        """
        nobody = UserInfo(
            username="kyverno:kyverno-invalid-controller",
            uid="kyverno:invaliduid",
            groups=("kyverno:invalidgroup",),
            roles=("kyverno:invalidrole",),
            cluster_roles=("kyverno:invalidrole",),
        )
        return replace(self, operation=Operation.CREATE, new=self.old, old=None, user=nobody, variables={})


def document(request: Request) -> dict[str, Value]:
    """The root that JMESPath expressions read."""
    inner: dict[str, Value] = {"operation": str(request.operation), "namespace": request.namespace}
    if request.new is not None:
        inner["object"] = request.new.value
    if request.old is not None:
        inner["oldObject"] = request.old.value
    root: dict[str, Value] = {"request": inner}
    if request.user is not None:
        inner.update(_user(request.user))
        root.update(_service_account(request.user.username))
    for name, value in request.variables.items():
        root = inject(root, name, value)
    return root


def inject(root: dict[str, Value], name: str, value: Value) -> dict[str, Value]:
    """The root with a value put at a dotted name; maps merge, everything else is replaced; ``root`` is not changed."""
    for part in reversed(_fields(name)):
        value = {part: value}
    return _merged(root, value)


def _fields(name: str) -> list[str]:
    """The parts of a dotted name; contexts declare plain names or quoted ones, which need no CSV reader."""
    if name.replace("_", "a").isalnum():
        return [name]
    if name[:1] == name[-1:] == '"' and name[1:-1].replace("_", "a").isalnum():
        return [name[1:-1]]
    import csv

    return next(csv.reader([name], delimiter="."))


def _merged(old: dict[str, Value], new: dict[str, Value]) -> dict[str, Value]:
    result = dict(old)
    for key, value in new.items():
        before = result.get(key)
        result[key] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def _user(user: UserInfo) -> dict[str, Value]:
    info: dict[str, Value] = {}
    if user.username:
        info["username"] = user.username
    if user.uid:
        info["uid"] = user.uid
    if user.groups:
        info["groups"] = list(user.groups)
    result: dict[str, Value] = {"userInfo": info}
    if user.roles:
        result["roles"] = list(user.roles)
    if user.cluster_roles:
        result["clusterRoles"] = list(user.cluster_roles)
    return result


def _service_account(username: str) -> dict[str, Value]:
    account = username[len(_SERVICE_ACCOUNT) :] if len(username) > len(_SERVICE_ACCOUNT) else ""
    parts = account.split(":")
    namespace, name = (parts[0], parts[1]) if len(parts) >= 2 else ("", "")
    return {"serviceAccountName": name, "serviceAccountNamespace": namespace}
