"""``mutate`` rules on the admitted resource (upstream: pkg/engine/mutate/mutation.go, handlers/mutation)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from engine import context_entries, variables
from engine.conditions import blocks
from engine.context import Context
from engine.errors import EngineError
from engine.model import Result, RuleResponse, RuleType, Value
from engine.patch import difference, json_patch, strategic_merge
from engine.patch.scalars import ResultError
from engine.rules.reply import Body, Reply, Scope
from engine.rules.validate_foreach import element_values, listed
from engine.values.numbers import floats, renumber

Patch = Callable[[Value], Value | None]
"""Gives the patched resource, None where nothing changed; raises EngineError."""


class Outcome(Struct, frozen=True):
    """What a mutation, or one round of a foreach, came to; ``value`` is the resource after it."""

    result: Result
    message: str
    value: Value


Mutation = Callable[[Context, Value], Outcome]
"""Mutates a resource in a context; never raises."""


def compile(rule: str, raw_rule: dict[str, Value], policy_namespace: str) -> Body:
    """A rule body whose responses carry the patched resource."""
    reply = Reply(rule, RuleType.MUTATION)
    mutation = compile_mutation(raw_rule, policy_namespace)

    def mutate(context: Context, _scope: Scope | None) -> RuleResponse:
        value = context.request.resource.value
        return _response(reply, value, mutation(context, value))

    return mutate


def compile_mutation(raw_rule: dict[str, Value], policy_namespace: str) -> Mutation:
    """What a mutate rule does to a resource, be it the admitted one or a target."""
    mutate = raw_rule["mutate"]
    if mutate.get("foreach") is not None:
        loops = [_loop(raw, policy_namespace) for raw in mutate["foreach"]]
        return lambda context, value: _loops(loops, context, value, 0)
    patch_of = _whole_rule(raw_rule)
    return lambda context, value: _apply(patch_of, context, value)


def _response(reply: Reply, before: Value, outcome: Outcome) -> RuleResponse:
    if outcome.result is not Result.PASS:
        emptied = outcome.result is Result.ERROR
        return RuleResponse(reply.rule, reply.type, outcome.result, outcome.message, emptied=emptied)
    changed = difference.changed_paths(before, outcome.value)
    return RuleResponse(
        rule=reply.rule,
        type=reply.type,
        result=Result.PASS,
        message=success(outcome.value),
        path=changed[0] if changed else (),
        patched=outcome.value,
    )


def success(value: Value) -> str:
    """The message of a mutation that changed something."""
    metadata = value.get("metadata") or {}
    text = f"mutated {value.get('kind', '')}/{metadata.get('name', '')}"
    namespace = metadata.get("namespace")
    return f"{text} in namespace {namespace}" if namespace else text


def _whole_rule(raw_rule: dict[str, Value]) -> Callable[[Context], Patch | None]:
    """The patch of a rule. Upstream substitutes the rule as a whole: a bad variable anywhere in it is an error."""
    template = variables.compile(floats(raw_rule))
    if template.constant:
        patch = _patch(template.value["mutate"])
        return lambda _context: patch
    return lambda context: _patch(template.evaluate(context)["mutate"])


def _patch(mutate: dict[str, Value]) -> Patch | None:
    if mutate.get("patchStrategicMerge") is not None:
        return strategic_merge.compile(mutate["patchStrategicMerge"])
    if mutate.get("patchesJson6902"):
        return json_patch.compile(mutate["patchesJson6902"])
    return None


def _apply(patch_of: Callable[[Context], Patch | None], context: Context, value: Value) -> Outcome:
    try:
        patch = patch_of(context)
    except EngineError as error:
        return Outcome(Result.ERROR, f"variable substitution failed: {error}", value)
    if patch is None:
        return Outcome(Result.ERROR, "empty mutate rule", value)
    try:
        patched = patch(value)
    except ResultError as error:
        return Outcome(Result.ERROR, f"failed to unmarshal patched resource: {error}", value)
    except EngineError as error:
        return Outcome(Result.ERROR, f"failed to patch resource: {error}", value)
    if patched is None:
        return Outcome(Result.SKIP, "no patches applied", value)
    return Outcome(Result.PASS, "resource patched", renumber(patched))


class Loop(Struct, frozen=True):
    """One compiled foreach of a mutation."""

    expression: str
    descending: bool
    entries: context_entries.Declared
    preconditions: blocks.Block
    patch_of: Callable[[Context], Patch | None]
    inner: Sequence[Loop]


def _loop(raw: dict[str, Value], policy_namespace: str) -> Loop:
    order = raw.get("order")
    merges = raw.get("patchStrategicMerge") is not None
    patches = {key: raw.get(key) for key in ("patchStrategicMerge", "patchesJson6902")}
    template = variables.compile(floats(patches))
    constant = _patch(template.value) if template.constant else None
    return Loop(
        expression=str(raw.get("list") or ""),
        descending=merges if order is None else order == "Descending",
        entries=context_entries.compile(raw.get("context"), policy_namespace),
        preconditions=blocks.compile(raw.get("preconditions")),
        patch_of=(lambda _context: constant) if template.constant else (lambda context: _patch(template(context))),
        inner=[_loop(item, policy_namespace) for item in raw.get("foreach") or ()],
    )


def _loops(loops: Sequence[Loop], context: Context, value: Value, nesting: int) -> Outcome:
    applied = 0
    for loop in loops:
        try:
            elements = listed(loop.expression, context)
        except EngineError as error:
            text = f"failed to evaluate list {loop.expression}: {error}: {error}"
            return Outcome(Result.ERROR, text, value)
        outcome = _elements(loop, elements, context, value, nesting)
        if outcome.result is Result.ERROR:
            return Outcome(Result.ERROR, f"failed to mutate elements: {outcome.message}", value)
        if outcome.result is Result.SKIP:
            continue
        applied += 1
        value = outcome.value
        context.supply_object(value)
    text = f"{applied} elements processed"
    return Outcome(Result.PASS if applied else Result.SKIP, text, value)


def _elements(loop: Loop, elements: list[Value], context: Context, before: Value, nesting: int) -> Outcome:
    value = before
    order = range(len(elements) - 1, -1, -1) if loop.descending else range(len(elements))
    for index in order:
        if elements[index] is None:
            continue
        below = context.child(values=element_values(elements[index], index, nesting))
        below.add(loop.entries.available(below))
        try:
            met, _ = loop.preconditions(below)
        except EngineError as error:
            text = f"failed to evaluate mutate.foreach[{index}].preconditions: {error}"
            return Outcome(Result.ERROR, text, value)
        if not met:
            continue
        outcome = _loops(loop.inner, below, value, nesting + 1) if loop.inner else _apply(loop.patch_of, below, value)
        if outcome.result is Result.ERROR:
            return outcome
        if outcome.result is Result.PASS:
            value = outcome.value
    if value is before:
        return Outcome(Result.SKIP, "no patches applied", value)
    return Outcome(Result.PASS, "", value)
