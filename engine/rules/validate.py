"""Which validation a ``validate`` block, or an element of a foreach, asks for: deny before patterns before foreach."""

from __future__ import annotations

from engine.model import Value
from engine.rules import validate_deny, validate_foreach, validate_pattern
from engine.rules.reply import Body


def compile(rule: str, raw: dict[str, Value], policy_namespace: str) -> Body | None:
    """The body of a validate rule; None where the block asks for nothing (as ``assert`` does since 1.19)."""
    message = str(raw.get("message") or "")

    def check(block: dict[str, Value], nesting: int) -> Body | None:
        if block.get("deny") is not None:
            return validate_deny.compile(rule, message, block["deny"])
        if block.get("pattern") is not None:
            return validate_pattern.compile(rule, message, block["pattern"])
        if block.get("anyPattern") is not None:
            return validate_pattern.compile_any(rule, message, block["anyPattern"])
        if block.get("foreach") is not None:
            return validate_foreach.compile(rule, block["foreach"], policy_namespace, nesting, check)
        return None

    return check(raw, 0)
