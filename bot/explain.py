"""What a policy says of itself and what its rules do: the answer to ``/preadmit explain POLICY``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from bot.model import Explained, ExplainedRule, Explanation
from bot.policy_tree import PolicyTree
from engine.cel_records import CelPolicy
from engine.policies import AnyPolicy, Policy, Rule

MOST_NAMES: Final = 50
_ANNOTATION: Final = "policies.kyverno.io/"
_CEL_RULES: Final = ("validations", "mutations", "generate", "auditAnnotations")


def explain(chosen: PolicyTree, name: str) -> Explanation:
    """The policies of this name (``NAME`` or ``NAMESPACE/NAME``); where there is none, which names there are."""
    every: list[AnyPolicy] = [*chosen.policies, *(one.policy for one in chosen.cleanups), *chosen.cel.policies]
    found = tuple(_explained(policy) for policy in every if name in (policy.key, policy.name))
    others = () if found else tuple(sorted({policy.key for policy in every})[:MOST_NAMES])
    return Explanation(name, found, others)


def _explained(policy: AnyPolicy) -> Explained:
    said = {word: policy.annotations.get(_ANNOTATION + word, "") for word in ("title", "severity", "category")}
    return Explained(
        kind=policy.kind,
        key=policy.key,
        file=policy.document.file,
        line=policy.document.position(policy.base).line,
        description=policy.annotations.get(f"{_ANNOTATION}description", ""),
        rules=tuple(
            _cel_rules(policy) if isinstance(policy, CelPolicy) else (_rule(policy, one) for one in policy.rules)
        ),
        **said,
    )


def _rule(policy: Policy, rule: Rule) -> ExplainedRule:
    """One rule; its action is that of a cluster without regard to overrides for namespaces."""
    validate = rule.raw.get("validate") or {}
    does = [
        (rule.has_validate, f"validate by {rule.validate_kind}"),
        (rule.has_mutate, "mutate existing resources" if rule.mutates_existing else "mutate"),
        (rule.has_generate, "generate"),
        (rule.has_verify_images, "verify images"),
    ]
    decides = rule.has_validate or rule.has_verify_images
    return ExplainedRule(
        name=rule.name,
        does=", ".join(word for is_so, word in does if is_so),
        action=policy.action(rule, None, {}).value if decides else "",
        messages=tuple(filter(None, (_text(validate.get("message")), *_messages(validate.get("cel"))))),
    )


def _messages(cel: Any) -> Iterator[str]:
    for one in (cel or {}).get("expressions") or ():
        yield _text(one.get("message") or one.get("messageExpression"))


def _cel_rules(policy: CelPolicy) -> Iterator[ExplainedRule]:
    """One for each expression that decides or changes something; they have no names but their places."""
    for field in _CEL_RULES:
        for number, one in enumerate(policy.spec.get(field) or ()):
            message = _text(one.get("message") or one.get("messageExpression"))
            action = policy.default_action.value if field == "validations" else ""
            yield ExplainedRule(f"{field}[{number}]", "", action, tuple(filter(None, [message])))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
