"""The shape of a policy and its rules (upstream: the Validate methods of api/kyverno/v1)."""

from __future__ import annotations

from collections.abc import Iterator

from engine import selectors
from engine.autogen import ANNOTATION
from engine.kinds import Namespaced
from engine.model import Path, Value
from engine.policies import Policy, Rule
from engine.schema import Fault, written
from engine.validation import generate, pod_security
from engine.validation.conflict import matches_nothing
from engine.validation.faults import bad_value, forbidden, invalid, required

_SUBJECTS = ("User", "Group", "ServiceAccount")


def check(policy: Policy, namespaced: Namespaced | None) -> Iterator[Fault]:
    """All that the reference reports at once of a policy's shape."""
    if policy.annotations.get(ANNOTATION) == "all":
        text = "Autogen annotation does not support 'all' anymore, remove the annotation or set it to a valid value"
        yield forbidden(("metadata", "annotations"), text)
    yield from long_name(policy)
    yield from _spec(policy)
    yield from _duplicate_names(policy)
    for rule in policy.rules:
        yield from _rule(policy, rule, namespaced)
    if policy.is_namespaced and policy.spec.get("validationFailureActionOverrides"):
        text = "Use of validationFailureActionOverrides is supported only with ClusterPolicy"
        yield forbidden(("spec", "validationFailureActionOverrides"), text)


def long_name(policy: Policy) -> Iterator[Fault]:
    """A name is stored in a label."""
    if len(policy.name) > 63:
        yield invalid("name: Too long: may not be more than 63 bytes", "metadata", "name")


def _spec(policy: Policy) -> Iterator[Fault]:
    spec = policy.spec
    webhook = spec.get("webhookConfiguration") or {}
    for old, new in (("webhookTimeoutSeconds", "timeoutSeconds"), ("failurePolicy", "failurePolicy")):
        if old in spec and new in webhook:
            text = f"remove the deprecated field and use spec.webhookConfiguration.{new} instead"
            yield forbidden(("spec", old), text)
    if "generateExistingOnPolicyUpdate" in spec:
        text = "remove the deprecated field and use spec.generate[*].generateExisting instead"
        yield forbidden(("spec", "generateExistingOnPolicyUpdate"), text)
    yield from _mutate_targets(policy)
    for path, seconds in (
        (("spec", "webhookTimeoutSeconds"), spec.get("webhookTimeoutSeconds")),
        (("spec", "webhookConfiguration", "timeoutSeconds"), webhook.get("timeoutSeconds")),
    ):
        if seconds is not None and not 1 <= seconds <= 30:
            text = f"{written(path)}: Invalid value: {seconds}: the timeout value must be between 1 and 30 seconds"
            yield invalid(text, *path)


def _mutate_targets(policy: Policy) -> Iterator[Fault]:
    for rule in policy.rules:
        if not rule.has_mutate:
            continue
        mutate = rule.raw["mutate"]
        wanted = policy.spec.get("mutateExistingOnPolicyUpdate") or mutate.get("mutateExistingOnPolicyUpdate")
        if wanted and not mutate.get("targets"):
            text = f"rules[{rule.index}].mutate.targets has to be specified when mutateExistingOnPolicyUpdate is set"
            yield forbidden(("spec", "mutateExistingOnPolicyUpdate"), text)


def _duplicate_names(policy: Policy) -> Iterator[Fault]:
    seen: set[str] = set()
    for rule in policy.rules:
        if rule.name in seen:
            yield bad_value(("spec", "rules", rule.index, "name"), f"Duplicate rule name: '{rule.name}'")
        seen.add(rule.name)


def _rule(policy: Policy, rule: Rule, namespaced: Namespaced | None) -> Iterator[Fault]:
    path: Path = ("spec", "rules", rule.index)
    yield from _rule_type(rule, path)
    if matches_nothing(rule):
        yield bad_value(path, "Rule is matching an empty set")
    for name in ("match", "exclude"):
        yield from match_block(rule.raw.get(name), (*path, name), policy.is_namespaced)
    yield from _target_namespaces(policy, rule, path)
    yield from pod_security.check((rule.raw.get("validate") or {}).get("podSecurity"), path)
    if rule.has_generate:
        yield from generate.check_shape(rule.raw["generate"], path, policy, namespaced)


def _rule_type(rule: Rule, path: Path) -> Iterator[Fault]:
    count = sum((rule.has_mutate, rule.has_validate, rule.has_generate, rule.has_verify_images))
    if count == 0:
        text = (
            f"No operation defined in the rule '{rule.name}'."
            "(supported operations: mutate,validate,generate,verifyImages)"
        )
        yield bad_value(path, text)
    elif count > 1:
        text = (
            f"Multiple operations defined in the rule '{rule.name}', only one operation "
            "(mutate,validate,generate,verifyImages) is allowed per rule"
        )
        yield bad_value(path, text)
    if rule.raw.get("imageExtractors") is not None and not rule.has_verify_images:
        text = f"Invalid rule spec for rule '{rule.name}', imageExtractors can only be defined for verifyImages rule"
        yield bad_value((*path, "imageExtractors"), text)


def _target_namespaces(policy: Policy, rule: Rule, path: Path) -> Iterator[Fault]:
    if not policy.is_namespaced:
        return
    for index, target in enumerate((rule.raw.get("mutate") or {}).get("targets") or ()):
        namespace = target.get("namespace")
        if namespace and namespace != policy.namespace:
            text = "This field can be ignored or should have value of the namespace where the policy is being created"
            shown = f'{written((*path, "targets", index, "namespace"))}: Invalid value: "{namespace}": {text}'
            yield invalid(shown, *path, "mutate", "targets", index, "namespace")


def match_block(block: dict[str, Value] | None, path: Path, namespaced: bool) -> Iterator[Fault]:
    """The filters of a match or exclude block."""
    if not block:
        return
    for name in ("any", "all"):
        for index, item in enumerate(block.get(name) or ()):
            yield from _filter(item, (*path, name, index), namespaced)
    yield from _filter(block, path, namespaced)


def _filter(item: dict[str, Value], path: Path, namespaced: bool) -> Iterator[Fault]:
    yield from user_info(item, path)
    resources = item.get("resources") or {}
    selector = resources.get("selector")
    if selector is not None and not selectors.has_wildcard(selector):
        text = selectors.fault(selector)
        if not text and selectors.is_empty(selector):
            text = "The requirements are not specified in selector"
        if text:
            yield _at(bad_value((*path, "selector"), text), (*path, "resources", "selector"))
    if namespaced and resources.get("namespaces"):
        text = "Filtering namespaces not allowed in namespaced policies"
        yield _at(forbidden((*path, "namespaces"), text), (*path, "resources", "namespaces"))


def _at(fault: Fault, path: Path) -> Fault:
    """The fault at its true place; upstream's text leaves out ``resources``."""
    return fault._replace(path=path)


def no_users(block: dict[str, Value], path: Path) -> Iterator[Fault]:
    """What a block says of users where it may say nothing of them."""
    for name in ("any", "all"):
        for index, item in enumerate(block.get(name) or ()):
            for field in ("roles", "clusterRoles", "subjects"):
                if item.get(field):
                    yield forbidden((*path, name, index, field), "Usage of user info is forbidden")


def user_info(item: dict[str, Value], path: Path) -> Iterator[Fault]:
    """Subjects and roles."""
    for index, subject in enumerate(item.get("subjects") or ()):
        place = (*path, "subjects", index)
        kind = subject.get("kind", "")
        if not kind:
            yield required((*place, "kind"))
        elif kind not in _SUBJECTS:
            yield bad_value((*place, "kind"), "kind must be 'User', 'Group', or 'ServiceAccount'", kind)
        if not subject.get("name"):
            yield required((*place, "name"))
        if kind == "ServiceAccount" and not subject.get("namespace"):
            yield required((*place, "namespace"), "namespace is required when Kind is ServiceAccount")
    for index, role in enumerate(item.get("roles") or ()):
        if len(role.split(":")) != 2:
            yield bad_value((*path, "roles", index), "Role is expected to be in namespace:name format", role)
