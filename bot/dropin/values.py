"""What a values file, ``--set`` and a user info file say (upstream: cmd/cli/kubectl-kyverno/{variables,userinfo})."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from bot.dropin.strict import Fields, FileError, Leaf, Many, Shape, head, load
from engine.match import UserInfo
from engine.model import Value
from engine.resources import Resource

if TYPE_CHECKING:
    from pathlib import Path

Named = Sequence[tuple[str, Mapping[str, Value]]]
"""Values by the name of what they are for, in the order of the file."""

_NAMED = Fields("Resource", {"name": Leaf.TEXT, "values": Leaf.OBJECT})
_RULE = Fields("Rule", {"name": Leaf.TEXT, "values": Leaf.OBJECT, "foreachValues": Leaf.OBJECT})
_POLICY = Fields("Policy", {"name": Leaf.TEXT, "resources": Many(_NAMED), "rules": Many(_RULE)})
_API: dict[str, Shape] = dict.fromkeys(
    ("name", "singularName", "group", "version", "kind", "storageVersionHash"), Leaf.TEXT
)
_RESOURCE = Fields(
    "APIResource",
    {**_API, **dict.fromkeys(("namespaced", "verbs", "shortNames", "categories"), Leaf.ANY)},
)
_SPEC: dict[str, Shape] = {
    "globalValues": Leaf.OBJECT,
    "policies": Many(_POLICY),
    "namespaceSelector": Many(Fields("NamespaceSelector", {"name": Leaf.TEXT, "labels": Leaf.LABELS})),
    "namespaces": Many(head("Namespace", spec=Leaf.ANY, status=Leaf.ANY)),
    "subresources": Many(Fields("Subresource", {"subresource": _RESOURCE, "parentResource": _RESOURCE})),
}
INLINE = Fields("ValuesSpec", _SPEC)
"""``values`` of a test file."""

FILE = head("Values", "ValuesSpec", **_SPEC)
"""A values file."""

_USER = Fields("UserInfo", {"username": Leaf.TEXT, "uid": Leaf.TEXT, "groups": Many(Leaf.TEXT), "extra": Leaf.OBJECT})
_USER_FILE = head("UserInfo", "RequestInfo", roles=Many(Leaf.TEXT), clusterRoles=Many(Leaf.TEXT), userInfo=_USER)
_OPERATIONS = ("", "CREATE", "UPDATE", "DELETE", "CONNECT")


class Subresource(Struct, frozen=True):
    """A kind that is the subresource of another: (group, version, kind) of both, and its name."""

    of: tuple[str, str, str]
    parent: tuple[str, str, str]
    name: str


class Values(Struct, frozen=True):
    """The values that a user supplies; keys are dotted names. ``given`` are those of ``--set``."""

    everywhere: Mapping[str, Value] = field(default_factory=dict)
    resources: Sequence[tuple[str, Named]] = ()
    rules: Sequence[tuple[str, Sequence[dict[str, Value]]]] = ()
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    namespace_objects: Mapping[str, Value] = field(default_factory=dict)
    subresources: tuple[Subresource, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def operation(self) -> str:
        """The operation to simulate for policies in CEL (variables.go: GlobalOperation); "" where it is creation."""
        asked = self.everywhere.get("request.operation")
        return asked if asked in ("UPDATE", "DELETE") else ""

    @property
    def differs_by_policy(self) -> bool:
        """Whether two policies may see different values for one resource."""
        return any(named for _, named in self.resources)

    def of(self, policy: str, resource: str) -> dict[str, Value]:
        """The values for a policy and a resource, by their names (variables.go: ComputeVariables)."""
        found = dict(self.everywhere)
        for name, named in self.resources:
            if name == policy:
                for for_resource, values in named:
                    if for_resource == resource:
                        found.update(values)
        found.update(self.given)
        return found

    def of_rule(self, policy: str, rule: str) -> Mapping[str, Value]:
        """The values for a rule, or for the rule that autogen made it from (store.go: GetPolicyRule)."""
        for name, entries in self.rules:
            if name == policy:
                for entry in entries:
                    written = entry.get("name", "")
                    if rule in (written, f"autogen-{written}", f"autogen-cronjob-{written}"):
                        return _with_elements(entry)
        return {}

    def subresource_of(self, resource: Resource) -> Subresource | None:
        """The subresource that the resource stands for."""
        kind = (resource.group, resource.version, resource.kind)
        return next((found for found in reversed(self.subresources) if found.of == kind), None)


def _with_elements(entry: dict[str, Value]) -> dict[str, Value]:
    """The rule's values; of those for foreach the first, which the reference gives to every element (store.go)."""
    found = dict(entry.get("values") or {})
    for key, elements in (entry.get("foreachValues") or {}).items():
        if isinstance(elements, list) and elements:
            found[key] = elements[0]
    return found


def read(path: str | Path) -> Values:
    """The values of a file."""
    try:
        loaded = load(path, FILE)
    except FileError as error:
        raise FileError(f"unable to load variable file: {path} ({error})") from error
    if not loaded.get("apiVersion") or not loaded.get("kind"):
        raise FileError(f"values file {path} needs an apiVersion (cli.kyverno.io/v1alpha1) and a kind (Values)")
    return of_spec(loaded)


def of_spec(spec: dict[str, Value]) -> Values:
    """The values of a decoded spec; raises FileError for an operation that cannot be simulated."""
    policies = spec.get("policies") or ()
    everywhere = spec.get("globalValues") or {}
    operation = everywhere.get("request.operation")
    if isinstance(operation, str) and operation not in _OPERATIONS:
        known = ", ".join(_OPERATIONS[1:])
        raise FileError(f'invalid request.operation value "{operation}", must be one of {known}')
    return Values(
        everywhere=everywhere,
        resources=[(entry.get("name", ""), _named(entry.get("resources"))) for entry in policies],
        rules=[(entry.get("name", ""), entry.get("rules") or ()) for entry in policies],
        namespaces=_namespaces(spec),
        namespace_objects=_namespace_objects(spec),
        subresources=tuple(_subresource(entry) for entry in spec.get("subresources") or ()),
    )


def _named(entries: Sequence[dict[str, Value]] | None) -> Named:
    return [(entry.get("name", ""), entry.get("values") or {}) for entry in entries or ()]


def _namespaces(spec: dict[str, Value]) -> dict[str, dict[str, str]]:
    """Labels by namespace; ``namespaces`` goes before ``namespaceSelector``."""
    found = {entry.get("name", ""): entry.get("labels") or {} for entry in spec.get("namespaceSelector") or ()}
    for entry in spec.get("namespaces") or ():
        metadata = entry.get("metadata") or {}
        found[metadata.get("name", "")] = metadata.get("labels") or {}
    return found


def _namespace_objects(spec: dict[str, Value]) -> dict[str, Value]:
    """Namespaces as policies in CEL read them (variables.go: Namespace)."""
    found: dict[str, Value] = {}
    for entry in spec.get("namespaceSelector") or ():
        metadata = {name: entry[name] for name in ("name", "labels") if entry.get(name)}
        found[entry.get("name", "")] = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    for entry in spec.get("namespaces") or ():
        found[(entry.get("metadata") or {}).get("name", "")] = entry
    return {name: {"spec": {}, "status": {}, **entry} for name, entry in found.items()}


def _subresource(entry: dict[str, Value]) -> Subresource:
    own, parent = entry.get("subresource") or {}, entry.get("parentResource") or {}
    name = own.get("name", "").split("/")
    if len(name) < 2:
        raise FileError(f'subresource "{own.get("name", "")}" is not written <plural>/<subresource>')
    return Subresource(_kind(own), _kind(parent), name[1])


def _kind(entry: dict[str, Value]) -> tuple[str, str, str]:
    return entry.get("group", ""), entry.get("version", ""), entry.get("kind", "")


def parse_set(pairs: Iterable[str]) -> dict[str, str]:
    """The values of ``--set``; what is no pair, a part of the object or given twice is ignored (variables/parse.go)."""
    found: dict[str, str] = {}
    for pair in pairs:
        parts = [part.strip() for part in pair.strip().split("=")]
        if len(parts) == 2 and all(parts) and "request.object." not in parts[0]:
            found.setdefault(parts[0], parts[1])
    return found


def read_user(path: str | Path) -> tuple[UserInfo, bool]:
    """Who makes the requests, and whether the file names its apiVersion and kind."""
    try:
        loaded = load(path, _USER_FILE)
    except FileError as error:
        raise FileError(f"failed to load request info ({error})") from error
    user = loaded.get("userInfo") or {}
    info = UserInfo(
        username=user.get("username", ""),
        uid=user.get("uid", ""),
        groups=tuple(user.get("groups") or ()),
        roles=tuple(loaded.get("roles") or ()),
        cluster_roles=tuple(loaded.get("clusterRoles") or ()),
        extra={key: tuple(words) for key, words in (user.get("extra") or {}).items()},
    )
    return info, bool(loaded.get("apiVersion") and loaded.get("kind"))
