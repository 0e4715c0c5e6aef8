"""What policies and exceptions of kyverno.io are once they were read (``policy_reading``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from engine import selectors
from engine.cel_records import CelPolicy, CelPolicySet
from engine.documents import Document
from engine.model import Action, Path, Problem, Value
from engine.values import wildcard

NOT_EVALUATED = "not-evaluated"
NEVER_DENIES = "not-evaluated-background"
"""The code for what is not evaluated either, but works behind admission and denies nothing."""

_ZERO_IS_ABSENT = frozenset({"message", "patchesJson6902"})
"""Fields that Go holds by value: empty ones make an action no less empty."""
_SET_IF_THERE = frozenset({"data", "foreach", "generateExisting"})
"""Fields of ``generate`` that Go holds by reference: even empty ones make it an action."""


class Rule(Struct, frozen=True):
    """A rule; ``raw`` is the whole of it, ``index`` its place in the policy (of the rule that it came from)."""

    name: str
    raw: dict[str, Value]
    index: int

    @property
    def has_validate(self) -> bool:
        """Whether the rule validates."""
        return _is_set(self.raw.get("validate"))

    @property
    def has_mutate(self) -> bool:
        """Whether the rule mutates, be it the admitted resource or existing ones."""
        return _is_set(self.raw.get("mutate"))

    @property
    def mutates_existing(self) -> bool:
        """Whether the rule mutates other resources than the admitted one."""
        return bool((self.raw.get("mutate") or {}).get("targets"))

    @property
    def has_generate(self) -> bool:
        """Whether the rule generates resources."""
        return any(value or key in _SET_IF_THERE for key, value in (self.raw.get("generate") or {}).items())

    @property
    def has_verify_images(self) -> bool:
        """Whether the rule verifies images."""
        return any(self.raw.get("verifyImages") or ())

    @property
    def checks_images(self) -> bool:
        """Whether a verifyImages rule is asked among validations too (rule_types.go: HasVerifyImageChecks)."""
        return any(image.get("verifyDigest") or image.get("required") for image in self.raw.get("verifyImages") or ())

    @property
    def validate_kind(self) -> str:
        """Which of ``manifests podSecurity cel deny pattern anyPattern foreach assert`` validates, else ``none``.

        In the order in which upstream looks for them (pkg/engine/validation.go, validate_resource.go).
        """
        validate = self.raw.get("validate") or {}
        if (validate.get("manifests") or {}).get("attestors"):
            return "manifests"
        for kind in ("podSecurity", "cel"):
            if validate.get(kind):
                return kind
        kinds = ("deny", "pattern", "anyPattern", "foreach", "assert")
        return next((kind for kind in kinds if validate.get(kind) is not None), "none")


def _is_set(action: dict[str, Value] | None) -> bool:
    return any(value or key not in _ZERO_IS_ABSENT for key, value in (action or {}).items())


class Policy(Struct, frozen=True):
    """A ClusterPolicy or Policy; ``rules`` as written, without those that autogen adds.

    A CleanupPolicy or ClusterCleanupPolicy is one without rules: all that it says is in ``spec``.

    Numbers in it are int where they are whole (Go's int64), in ``anyPattern`` float, as upstream decodes them. Nulls
    are gone and the schema's defaults filled in. ``base`` is where it stands in its document.
    """

    kind: str
    api_version: str
    name: str
    namespace: str
    annotations: Mapping[str, str]
    labels: Mapping[str, str]
    spec: dict[str, Value]
    rules: tuple[Rule, ...]
    document: Document
    base: Path = ()

    @property
    def key(self) -> str:
        """``namespace/name``, or ``name`` where there is no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def is_namespaced(self) -> bool:
        """Whether it is a Policy or CleanupPolicy, which see their own namespace only."""
        return self.kind in ("Policy", "CleanupPolicy")

    @property
    def cleans_up(self) -> bool:
        """Whether it deletes resources on a schedule, and says nothing at admission."""
        return self.kind in ("CleanupPolicy", "ClusterCleanupPolicy")

    @property
    def background(self) -> bool:
        """Whether it takes part in background scans."""
        return self.spec.get("background") is not False

    @property
    def match_conditions(self) -> Sequence[Mapping[str, str]]:
        """What has to hold in CEL for the policy to be asked at all."""
        return (self.spec.get("webhookConfiguration") or {}).get("matchConditions") or ()

    @property
    def ignores_errors(self) -> bool:
        """Whether a request passes that cannot be judged (upstream: GetFailurePolicy)."""
        webhook = self.spec.get("webhookConfiguration") or {}
        return (webhook.get("failurePolicy") or self.spec.get("failurePolicy")) == "Ignore"

    @property
    def apply_one(self) -> bool:
        """Whether the first rule that applies ends the policy."""
        return self.spec.get("applyRules") == "One"

    def action(self, rule: Rule, namespace: str | None, namespace_labels: Mapping[str, str]) -> Action:
        """What a failure of the rule means in a namespace; None asks without regard to overrides.

        The rule's overrides, its own action, the spec's overrides, the spec's action: the first that says something
        (upstream: failureActionForRule in pkg/engine/api/engineresponse.go).
        """
        own = _rule_action(rule, namespace, namespace_labels)
        if own is None and namespace is not None:
            own = _override(self.spec.get("validationFailureActionOverrides"), namespace, namespace_labels)
        return _action(own or self.spec.get("validationFailureAction") or "Audit")


def _rule_action(rule: Rule, namespace: str | None, labels: Mapping[str, str]) -> str | None:
    if rule.has_validate:
        validate = rule.raw["validate"]
        if namespace is not None:
            found = _override(validate.get("failureActionOverrides"), namespace, labels)
            if found is not None:
                return found
        own: str | None = validate.get("failureAction")
        return own
    actions = [image["failureAction"] for image in rule.raw.get("verifyImages") or () if "failureAction" in image]
    return next((action for action in actions if action == "Enforce"), actions[0] if actions else None)


def _override(overrides: Value, namespace: str, labels: Mapping[str, str]) -> str | None:
    """The action of the first override that names the namespace and whose selector holds."""
    for override in overrides or ():
        names, selector = override.get("namespaces"), override.get("namespaceSelector")
        if "action" not in override:
            continue
        if names is not None and not any(wildcard.match(name, namespace) for name in names):
            continue
        if selector is None or selectors.compile(selector)(labels):
            return str(override["action"])
    return None


def _action(written: str) -> Action:
    return Action.ENFORCE if written in ("Enforce", "enforce") else Action.AUDIT


class PolicyException(Struct, frozen=True):
    """A PolicyException of kyverno.io."""

    name: str
    namespace: str
    api_version: str
    raw: dict[str, Value]
    document: Document
    base: Path = ()

    @property
    def key(self) -> str:
        """``namespace/name``, or ``name`` where there is no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


AnyPolicy = Policy | CelPolicy


class PolicySet(Struct, frozen=True):
    """What documents hold of policies, in their order.

    ``cleanups`` are those that delete on a schedule, ``cel`` those whose rules are CEL. ``unsupported`` are policies
    that this engine does not evaluate, a problem each; ``problems`` is what is wrong with the others, none of which is
    in any of the other fields.
    """

    policies: tuple[Policy, ...]
    exceptions: tuple[PolicyException, ...]
    cleanups: tuple[Policy, ...]
    unsupported: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    cel: CelPolicySet = CelPolicySet()


def build(value: dict[str, Value], document: Document, base: Path) -> Policy:
    """The policy that a strictly read value is."""
    metadata, spec = value["metadata"], value["spec"]
    return Policy(
        kind=value["kind"],
        api_version=value["apiVersion"],
        name=metadata["name"],
        namespace=metadata.get("namespace", ""),
        annotations=metadata.get("annotations", {}),
        labels=metadata.get("labels", {}),
        spec=spec,
        rules=tuple(Rule(raw["name"], raw, index) for index, raw in enumerate(spec.get("rules", ()))),
        document=document,
        base=base,
    )
