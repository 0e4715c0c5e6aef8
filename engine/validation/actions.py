"""validate and mutate rules (upstream: pkg/policy/validate/validate.go, pkg/policy/mutate/validate.go)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Path, Value
from engine.policies import Rule
from engine.schema import Fault
from engine.validation import generate
from engine.validation.faults import invalid
from engine.validation.patterns import OF_VALIDATE, first_refused, shown

_WAYS = ("pattern", "anyPattern", "deny", "foreach", "podSecurity", "cel")
_LOOP_WAYS = ("pattern", "anyPattern", "deny")
_CEL_PRECONDITIONS = "celPrecondition can only be used with validate.cel"

Refusal = tuple[str, str, Path]
"""The reference's name of the place, its text, and the place below the action."""


def check(rule: Rule) -> Iterator[Fault]:
    """The rule's action."""
    for action, present, refusals in (
        ("mutate", rule.has_mutate, _mutate),
        ("validate", rule.has_validate, _validate),
    ):
        if present:
            for where, text, path in refusals(rule):
                message = f"path: spec.rules[{rule.index}].{action}.{where}.: {text}"
                yield invalid(message, "spec", "rules", rule.index, action, *path)
                return
    if rule.has_generate:
        yield from generate.check_rule(rule)


def _validate(rule: Rule) -> Iterator[Refusal]:
    validate = rule.raw["validate"]
    count = sum(validate.get(way) is not None for way in _WAYS)
    count += bool((validate.get("manifests") or {}).get("attestors"))
    if count != 1:
        listed = "pattern, anyPattern, deny, foreach, cel"
        yield "", f"one of {listed} must be specified" if not count else f"only one of {listed} can be specified", ()
    yield from _patterns(validate)
    for index, loop in enumerate(validate.get("foreach") or ()):
        text = _loop(loop)
        if text:
            yield "", text, ("foreach", index)
    if rule.raw.get("celPreconditions") is not None and validate.get("cel") is None:
        yield "", _CEL_PRECONDITIONS, ()
    text = _cel(validate.get("cel") or {})
    if text:
        yield "", text, ("cel",)


def _patterns(validate: dict[str, Value]) -> Iterator[Refusal]:
    found = first_refused(validate.get("pattern"), ("pattern",), OF_VALIDATE)
    if found is not None:
        yield f"pattern.{shown(found[1], 1)}", found[0], found[1]
    any_pattern = validate.get("anyPattern")
    if any_pattern is not None and type(any_pattern) is not list:
        from engine.patch.scalars import json_kind  # hardly ever needed

        cause = f"json: cannot unmarshal {json_kind(any_pattern)} into Go value of type []interface {{}}"
        yield "anyPattern", f"failed to deserialize anyPattern, expect array: {cause}", ("anyPattern",)
        return
    for index, pattern in enumerate(any_pattern or ()):
        found = first_refused(pattern, ("anyPattern", index), OF_VALIDATE)
        if found is not None:
            yield f"anyPattern[{index}].{shown(found[1], 2)}", found[0], found[1]


def _loop(loop: dict[str, Value]) -> str:
    if not loop.get("list"):
        return "foreach.list is required"
    count = sum(loop.get(way) is not None for way in _LOOP_WAYS) + bool(loop.get("foreach"))
    if count == 1:
        return ""
    listed = "pattern, anyPattern, deny, or a nested foreach"
    return f"only one of {listed} can be specified" if count else f"one of {listed} must be specified"


def _cel(cel: dict[str, Value]) -> str:
    if any(not item.get("expression") for item in cel.get("expressions") or ()):
        return "cel.expressions.expression is required"
    text = _parameters(cel.get("paramKind"), cel.get("paramRef"))
    if text:
        return text
    for annotation in cel.get("auditAnnotations") or ():
        for name in ("key", "valueExpression"):
            if not annotation.get(name):
                return f"cel.auditAnnotation.{name} is required"
    return ""


def _parameters(kind: dict[str, Value] | None, reference: dict[str, Value] | None) -> str:
    """Parameters need both what they are and where they are."""
    if kind is not None:
        for name in ("apiVersion", "kind"):
            if not kind.get(name):
                return f"cel.paramKind.{name} is required"
        if reference is None:
            return "cel.paramRef is required"
    if reference is not None:
        if bool(reference.get("name")) == (reference.get("selector") is not None):
            return "one of cel.paramRef.name or cel.paramRef.selector must be set"
        if reference.get("parameterNotFoundAction") is None:
            return "cel.paramRef.parameterNotFoundAction is required"
        if kind is None:
            return "cel.paramKind is required"
    return ""


def _mutate(rule: Rule) -> Iterator[Refusal]:
    mutate = rule.raw["mutate"]
    merge, patch = mutate.get("patchStrategicMerge") is not None, bool(mutate.get("patchesJson6902"))
    if mutate.get("foreach"):
        if merge or patch:
            text = "only one of `foreach`, `patchStrategicMerge`, or `patchesJson6902` is allowed"
            yield "foreach", text, ("foreach",)
        yield from _mutate_loops(mutate["foreach"], "", ("foreach",))
        return
    if merge and patch:
        yield "foreach", "only one of `patchStrategicMerge` or `patchesJson6902` is allowed", ()
    if rule.raw.get("celPreconditions") is not None:
        yield "", _CEL_PRECONDITIONS, ()


def _mutate_loops(loops: list[dict[str, Value]], tag: str, path: Path) -> Iterator[Refusal]:
    """Each loop holds one patch, or loops and nothing else; after a nested one upstream looks no further."""
    for index, loop in enumerate(loops):
        tag += f"foreach[{index}]"
        place = (*path, index)
        merge, patch = loop.get("patchStrategicMerge") is not None, bool(loop.get("patchesJson6902"))
        if loop.get("foreach"):
            if merge or patch or any(loop.get(name) is not None for name in ("context", "preconditions")):
                yield tag, "a nested foreach cannot contain other declarations", place
            yield from _mutate_loops(loop["foreach"], tag, (*place, "foreach"))
            return
        if merge == patch:
            yield tag, "only one of `patchStrategicMerge` or `patchesJson6902` is allowed", place
