"""``validate.deny`` (upstream: validateDeny in handlers/validation/validate_resource.go)."""

from __future__ import annotations

from engine import variables
from engine.conditions import blocks
from engine.context import Context
from engine.errors import EngineError
from engine.model import RuleResponse, RuleType, Value
from engine.rules import origin
from engine.rules.reply import Body, Reply, Scope

_NOT_TEXT = "the produced message didn't resolve to a string, check your policy definition."


def compile(rule: str, message: str, deny: dict[str, Value]) -> Body:
    """A rule body that fails where the conditions hold; ``deny: {}`` always does."""
    reply = Reply(rule, RuleType.VALIDATION)
    raw = deny.get("conditions")
    holds = blocks.compile(raw)
    texts = {"": variables.compile(message)}
    passed = reply.passed(f"validation rule '{rule}' passed.")

    def judge(context: Context, scope: Scope | None) -> RuleResponse | None:
        try:
            denied, reason = holds(context)
        except EngineError as error:
            return reply.error("failed to check deny conditions", error)
        if not denied:
            return passed
        template = texts.get(reason)
        if template is None:
            template = texts[reason] = variables.compile("; ".join(part for part in (message, reason) if part))
        path = origin.of_conditions(raw, scope.path if scope else None)
        return reply.failed(_message(rule, message, reason, template, context), path)

    return judge


def _message(rule: str, message: str, reason: str, template: variables.Template, context: Context) -> str:
    if not message and not reason:
        return f"validation error: rule {rule} failed"
    try:
        text = template(context)
    except EngineError:
        return reason  # a variable that cannot be resolved loses the rule's own message (trap 21)
    return text if isinstance(text, str) else _NOT_TEXT
