"""Wildcard kinds (upstream: validateKinds and validateWildcard in validate.go)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Path, Value
from engine.policies import Policy, Rule
from engine.regex import later
from engine.schema import Fault
from engine.validation.faults import invalid
from engine.validation.metadata import METADATA_ONLY, only_metadata

_OF_THE_REQUEST = later(r"\{\{\s*(request\.|serviceAccountName|serviceAccountNamespace)[^{}]*\}\}")


def check(policy: Policy) -> Iterator[Fault]:
    """What a rule for every kind may not do."""
    for rule in policy.rules:
        for place, path, kinds in _places(rule):
            text = _refusal(kinds, policy.background, rule)
            if text:
                yield invalid(f"path: spec.rules[{rule.index}].{place}.kinds: {text}", *path)


def _places(rule: Rule) -> Iterator[tuple[str, Path, list[str]]]:
    for name in ("match", "exclude"):
        block = rule.raw.get(name) or {}
        base: Path = ("spec", "rules", rule.index, name)
        for list_name in ("any", "all"):
            for index, item in enumerate(block.get(list_name) or ()):
                yield f"{name}.{list_name}[{index}]", (*base, list_name, index, "resources", "kinds"), _kinds(item)
        yield name, (*base, "resources", "kinds"), _kinds(block)


def _kinds(item: dict[str, Value]) -> list[str]:
    return (item.get("resources") or {}).get("kinds") or []


def _refusal(kinds: list[str], background: bool, rule: Rule) -> str:
    if "*" not in kinds:
        return ""
    if background:
        return (
            "wildcard policy not allowed in background mode. Set spec.background=false to disable background mode "
            "for this policy rule "
        )
    if len(kinds) > 1:
        return "wildcard policy can not deal with more than one kind"
    validate = rule.raw.get("validate") or {}
    if rule.has_generate or rule.has_verify_images or validate.get("foreach") is not None:
        return "wildcard policy does not support rule type"
    has_pattern = validate.get("pattern") is not None or validate.get("anyPattern") is not None
    if (has_pattern or rule.has_mutate) and not only_metadata(rule):
        return METADATA_ONLY
    conditions = (validate.get("deny") or {}).get("conditions")
    if type(conditions) is list and not all(_asks_metadata(condition.get("key")) for condition in conditions):
        return METADATA_ONLY
    return ""


def _asks_metadata(key: Value) -> bool:
    if type(key) is not str or "request.object.metadata." in key:
        return True
    return _OF_THE_REQUEST.search(key) is not None and "request.object.spec" not in key
