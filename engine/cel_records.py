"""The records of policies whose rules are CEL: those of policies.kyverno.io and of Kubernetes itself.

Upstream: the types of policies.kyverno.io (api/policies.kyverno.io/v1beta1) and of admissionregistration.k8s.io; all
versions of a kind say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from engine.documents import Document
from engine.model import Action, Path, Value

GROUP: Final = "policies.kyverno.io"
KUBERNETES: Final = "admissionregistration.k8s.io"

_SOURCES: Final = {
    "ValidatingPolicy": "KyvernoValidatingPolicy",
    "ImageValidatingPolicy": "KyvernoImageValidatingPolicy",
    "MutatingPolicy": "KyvernoMutatingPolicy",
    "GeneratingPolicy": "KyvernoGeneratingPolicy",
    "ValidatingAdmissionPolicy": "ValidatingAdmissionPolicy",
    "MutatingAdmissionPolicy": "MutatingAdmissionPolicy",
}


class CelPolicy(Struct, frozen=True):
    """A policy whose rules are CEL, as written; nulls are gone and the schema's defaults filled in.

    ``base`` is where it stands in its document.
    """

    kind: str
    api_version: str
    name: str
    namespace: str
    annotations: Mapping[str, str]
    labels: Mapping[str, str]
    spec: dict[str, Value]
    document: Document
    base: Path = ()

    @property
    def key(self) -> str:
        """``namespace/name``, or ``name`` where there is no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def family(self) -> str:
        """The kind without ``Namespaced``: what the policy does, wherever it applies."""
        return self.kind.removeprefix("Namespaced")

    @property
    def is_namespaced(self) -> bool:
        """Whether it sees its own namespace only."""
        return self.kind.startswith("Namespaced")

    @property
    def source(self) -> str:
        """What reports name as the source of its results (upstream: pkg/utils/report/source.go)."""
        return _SOURCES.get(self.family, "kyverno")

    @property
    def background(self) -> bool:
        """Whether it takes part in background scans."""
        return self._enabled("background")

    @property
    def admission(self) -> bool:
        """Whether it takes part in admission."""
        return self._enabled("admission")

    @property
    def process(self) -> str:
        """What a report says of when the policy is asked (upstream: ToPolicyReportResult in pkg/utils/report)."""
        match self.family:
            case "ValidatingAdmissionPolicy" | "MutatingAdmissionPolicy":
                return "background scan"
            case "GeneratingPolicy":
                return "admission review"
            case "DeletingPolicy":
                return ""
        return "background scan" if self.background else "admission review" if self.admission else ""

    @property
    def is_json(self) -> bool:
        """Whether it judges any JSON document rather than an admission request."""
        return (self.spec.get("evaluation") or {}).get("mode") == "JSON"

    @property
    def mutates_existing(self) -> bool:
        """Whether it patches resources that exist, beside what is admitted."""
        switch = (self.spec.get("evaluation") or {}).get("mutateExisting") or {}
        return switch.get("enabled") is True

    @property
    def denies(self) -> bool:
        """Whether a failure denies the request: ``validationActions`` has Deny, or says nothing."""
        return "Deny" in (self.spec.get("validationActions") or ("Deny",))

    @property
    def default_action(self) -> Action:
        """What a failure means to the admission request, without regard to bindings."""
        return Action.ENFORCE if self.denies else Action.AUDIT

    @property
    def ignores_errors(self) -> bool:
        """Whether ``failurePolicy`` lets a request pass that cannot be judged."""
        return self.spec.get("failurePolicy") == "Ignore"

    def _enabled(self, name: str) -> bool:
        switch = (self.spec.get("evaluation") or {}).get(name) or {}
        return switch.get("enabled") is not False


class Binding(Struct, frozen=True):
    """A ValidatingAdmissionPolicyBinding or MutatingAdmissionPolicyBinding."""

    kind: str
    name: str
    spec: dict[str, Value]
    document: Document
    base: Path = ()

    @property
    def policy(self) -> tuple[str, str]:
        """Kind and name of the policy that it binds."""
        return self.kind.removesuffix("Binding"), self.spec.get("policyName", "")

    @property
    def action(self) -> Action:
        """What a failure means to the admission request."""
        return Action.ENFORCE if "Deny" in (self.spec.get("validationActions") or ()) else Action.AUDIT


class CelException(Struct, frozen=True):
    """A PolicyException of policies.kyverno.io."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    spec: dict[str, Value]
    document: Document
    base: Path = ()

    @property
    def key(self) -> str:
        """``namespace/name``, or ``name`` where there is no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def names(self, policy: CelPolicy) -> bool:
        """Whether it is meant for the policy: by kind and name (upstream: NewProvider of each kind's engine)."""
        return any((ref["kind"], ref["name"]) == (policy.kind, policy.name) for ref in self.spec["policyRefs"])


class CelPolicySet(Struct, frozen=True):
    """All that documents hold of policies in CEL, in their order."""

    policies: tuple[CelPolicy, ...] = ()
    bindings: tuple[Binding, ...] = ()
    exceptions: tuple[CelException, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.policies or self.bindings or self.exceptions)

    def __add__(self, other: CelPolicySet) -> CelPolicySet:
        return CelPolicySet(
            self.policies + other.policies, self.bindings + other.bindings, self.exceptions + other.exceptions
        )


CelRecord = CelPolicy | Binding | CelException
_PROXIES = frozenset({"Envoy", "HTTP"})


def record_of(value: dict[str, Value], document: Document, base: Path) -> CelRecord:
    """What a strictly read value is."""
    kind, metadata, spec = value["kind"], value["metadata"], value.get("spec", {})
    name, namespace = metadata["name"], metadata.get("namespace", "")
    if kind.endswith("Binding"):
        return Binding(kind, name, spec, document, base)
    if kind == "PolicyException":
        return CelException(name, namespace, metadata.get("labels", {}), spec, document, base)
    return CelPolicy(
        kind=kind,
        api_version=value["apiVersion"],
        name=name,
        namespace=namespace if kind.startswith("Namespaced") else "",
        annotations=metadata.get("annotations", {}),
        labels=metadata.get("labels", {}),
        spec=spec,
        document=document,
        base=base,
    )


def unable(record: CelRecord) -> str:
    """Why a policy cannot be asked, "" where it can."""
    judges_proxies = isinstance(record, CelPolicy) and (record.spec.get("evaluation") or {}).get("mode") in _PROXIES
    return "it judges the requests of a proxy" if judges_proxies else ""


def set_of(found: Iterable[CelRecord]) -> CelPolicySet:
    """Records by what they are."""
    return CelPolicySet(
        policies=tuple(item for item in found if isinstance(item, CelPolicy)),
        bindings=tuple(item for item in found if isinstance(item, Binding)),
        exceptions=tuple(item for item in found if isinstance(item, CelException)),
    )
