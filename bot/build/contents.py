"""What a file is by what it says: its documents' apiVersion, kind and metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from bot.build.what import What
from engine import documents
from engine.cel_records import GROUP, KUBERNETES
from engine.kinds import TABLE, group_of

_READ = documents.Limits(file_bytes=1 << 31)  # who read the file has looked at its size
_SIGN = re.compile(rb"""^[ \t]*["']?(?:apiVersion|kind)["']?[ \t]*:""", re.MULTILINE)
_TOP = re.compile(rb"""\n["']?(apiVersion|kind|metadata)["']?:[ ]*["']?([^\s"'#]*)""")

KNOWN = frozenset((row.group, row.kind) for row in TABLE)
"""Groups and kinds that every cluster has."""

KYVERNOS = frozenset({"kyverno.io", GROUP})
"""Groups of the resources that judge and are not judged."""

_POLICY_KINDS = re.compile(
    r"(?:Cluster)?(?:Policy|CleanupPolicy)|PolicyException|GlobalContextEntry"
    r"|(?:Namespaced)?(?:Validating|Mutating|Generating|Deleting|ImageValidating)Policy"
    r"|(?:Validating|Mutating)AdmissionPolicy(?:Binding)?"
)
_POLICY_GROUPS = KYVERNOS | {KUBERNETES}
_GROUPS: dict[str, tuple[What, str]] = {
    "cli.kyverno.io": (What.KYVERNO_TEST, "a file of the Kyverno CLI"),
    "chainsaw.kyverno.io": (What.TOOL, "a file of Chainsaw"),
    "kustomize.config.k8s.io": (What.KUSTOMIZATION, "a kustomization"),
    "kind.x-k8s.io": (What.TOOL, "a cluster of kind"),
    "k3d.io": (What.TOOL, "a cluster of k3d"),
    "ctlptl.dev": (What.TOOL, "a cluster of ctlptl"),
    "eksctl.io": (What.TOOL, "a cluster of eksctl"),
    "kubeadm.k8s.io": (What.TOOL, "a configuration of kubeadm"),
    "audit.k8s.io": (What.TOOL, "an audit policy of the API server"),
    "backstage.io": (What.TOOL, "an entry of Backstage's catalog"),
    "skaffold": (What.TOOL, "a configuration of Skaffold"),
}


_SPECIAL_GROUPS = _POLICY_GROUPS | _GROUPS.keys()


class Said(NamedTuple):
    """What a file is, and why."""

    what: What
    why: str


def signs(content: bytes) -> bool:
    """Whether the bytes, however broken, have a line that begins with apiVersion or kind, or both words as in JSON."""
    text = content.replace(b"\0", b"")
    return _SIGN.search(text) is not None or (b'"apiVersion"' in text and b'"kind"' in text)


def classify(content: bytes, path: str) -> Said | None:
    """What the documents are; None where the file is broken and shows no sign of a manifest."""
    if _plainly_manifests(content):
        return Said(What.MANIFEST, "it has apiVersion, kind and metadata")
    loaded = documents.load(content, path, limits=_READ)
    if loaded.problems:
        return Said(What.MANIFEST, "it has apiVersion or kind, but cannot be read") if signs(content) else None
    return _of([document.value for document in loaded.documents])


def _plainly_manifests(content: bytes) -> bool:
    """The common case, without parsing: block YAML of resources that no tool and no policy engine owns."""
    found = _TOP.findall(b"\n" + content)
    if {key for key, _ in found} != {b"apiVersion", b"kind", b"metadata"} or (b"kind", b"Config") in found:
        return False
    groups = {group_of(value.decode("utf-8", "replace")) for key, value in found if key == b"apiVersion"}
    return not groups & _SPECIAL_GROUPS


def _of(values: Iterable[Any]) -> Said:
    said = [_document(value) for value in values if value is not None]
    for what in (What.MANIFEST, What.POLICY):
        if (first := next((one for one in said if one.what is what), None)) is not None:
            return first
    special = [one for one in said if one.what is not What.NO_MANIFEST]
    return special[0] if special else Said(What.NO_MANIFEST, "it has no document with apiVersion and kind")


def _document(value: Any) -> Said:
    if not isinstance(value, dict):
        return Said(What.NO_MANIFEST, "it is a list or text")
    version, kind = value.get("apiVersion"), value.get("kind")
    if version is None and kind is None:
        return _shape(value)
    if version is None or kind is None:
        partial = "metadata" in value
        what = What.MANIFEST if partial else What.NO_MANIFEST
        return Said(what, "it has only one of apiVersion and kind")
    group = group_of(str(version))
    if group in _GROUPS:
        return Said(*_GROUPS[group])
    if kind == "Config" and ("clusters" in value or "contexts" in value):
        return Said(What.KUBECONFIG, "a configuration of Kubernetes' clients")
    if group in _POLICY_GROUPS and _POLICY_KINDS.fullmatch(str(kind)):
        return Said(What.POLICY, "it holds policies")
    is_list = isinstance(value.get("items"), list)
    if "metadata" not in value and not is_list and (group, kind) not in KNOWN:
        return Said(What.TOOL, f"a {kind} without metadata is no resource of a cluster")
    return Said(What.MANIFEST, "it has apiVersion and kind")


def _shape(value: dict[str, Any]) -> Said:
    if "openapi" in value or "swagger" in value:
        return Said(What.OPENAPI, "an OpenAPI description")
    if isinstance(value.get("services"), dict):
        return Said(What.COMPOSE, "it has services, but no apiVersion and kind")
    return Said(What.NO_MANIFEST, "it has no apiVersion and kind")
