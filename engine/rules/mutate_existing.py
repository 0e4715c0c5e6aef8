"""``mutate`` rules with ``targets`` (upstream: handlers/mutation/mutate_existing.go, load_targets.go).

The resource that sets off the rule stays as it is; each target answers for itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from engine import context_entries, kind_selector, selectors, variables
from engine.conditions import blocks
from engine.context import Context
from engine.errors import EngineError, SubstitutionError
from engine.inventory import BUILT_IN, Inventory, Place
from engine.kinds import TABLE
from engine.model import Result, RuleResponse, RuleType, Value
from engine.rules import mutate
from engine.rules.mutate import Mutation
from engine.rules.reply import Reply, Several
from engine.values import wildcard
from engine.values.numbers import floats, renumber
from engine.variables import Template

_FIELDS = ("apiVersion", "kind", "namespace", "name", "uid", "selector")


class Target(Struct, frozen=True):
    """One entry of ``targets``: which resources, and what must hold of each."""

    index: int
    spec: Template
    entries: context_entries.Declared
    preconditions: blocks.Block | None


def compile(rule: str, raw_rule: dict[str, Value], policy_namespace: str) -> Several:
    """A rule that mutates existing resources; the policy's namespace bounds where they are, "" does not."""
    reply = Reply(rule, RuleType.MUTATION)
    mutation = mutate.compile_mutation(raw_rule, policy_namespace)
    targets = [_target(index, raw, policy_namespace) for index, raw in enumerate(raw_rule["mutate"]["targets"])]

    def judge(context: Context) -> list[RuleResponse]:
        found: list[tuple[Target, Value]] = []
        errors: list[str] = []
        for target in targets:
            try:
                found += [(target, value) for value in _found(target, context, policy_namespace)]
            except EngineError as error:
                errors.append(str(error))
        responses = [reply.error(f": {'; '.join(errors)}")] if errors else []
        return responses + [_mutated(reply, mutation, target, value, context) for target, value in found]

    return judge


def _target(index: int, raw: dict[str, Value], policy_namespace: str) -> Target:
    preconditions = raw.get("preconditions")
    return Target(
        index=index,
        spec=variables.compile(floats({key: raw[key] for key in _FIELDS if key in raw})),
        entries=context_entries.compile(raw.get("context"), policy_namespace),
        preconditions=None if preconditions is None else blocks.compile(preconditions),
    )


def _found(target: Target, context: Context, policy_namespace: str) -> Iterator[Value]:
    try:
        spec = target.spec(context)
    except EngineError as error:
        raise SubstitutionError(f"failed to substitute variables in target[{target.index}]: {error}") from error
    inventory = context.cluster.inventory
    if inventory is None:
        raise EngineError("no resources are known among which its targets could be")
    namespace, name = policy_namespace or str(spec.get("namespace") or ""), str(spec.get("name") or "")
    place = _place(spec, inventory)
    if namespace and name and not wildcard.contains(namespace) and not wildcard.contains(name):
        value = inventory.get(place, namespace, name)
        if value is None:
            raise EngineError(f'{place.qualified} "{name}" not found')
        yield renumber(value)
        return
    selector = spec.get("selector")
    selects = selectors.compile(selector) if selector is not None else None
    for value in inventory.listed(place):
        metadata = value.get("metadata") or {}
        if selects is not None and not selects(metadata.get("labels") or {}):
            continue
        if _fits(namespace, metadata.get("namespace") or "") and _fits(name, metadata.get("name") or ""):
            yield renumber(value)


def _fits(pattern: str, text: str) -> bool:
    return not pattern or wildcard.match(pattern, text)


def _place(spec: dict[str, Value], inventory: Inventory) -> Place:
    """Where resources of the kind are; the reference's offline client only finds plurals that add an s."""
    wanted = kind_selector.parse(f"{spec.get('apiVersion') or ''}/{spec.get('kind') or ''}")
    if inventory.offline:
        plural = f"{wanted.kind.lower()}s"
        found = next((place for place in (*inventory.kinds, *BUILT_IN) if place.plural == plural), None)
        if found is not None:
            return found
        raise EngineError("not found")
    places = inventory.of_kind(wanted.kind, wanted.group)
    places += [Place(*row[:2], row.plural) for row in TABLE if row.kind == wanted.kind and "/" not in row.plural]
    if not places:
        raise EngineError(f"no resource of kind {wanted.kind} is known")
    return places[0]


def _mutated(reply: Reply, mutation: Mutation, target: Target, value: Value, context: Context) -> RuleResponse:
    """The answer for one target; what its context holds stays for the next, as upstream leaves it."""
    context.put("target", value)
    context.add(target.entries.available(context))
    if target.preconditions is not None:
        try:
            met, reason = target.preconditions(context)
        except EngineError as error:
            return reply.error("failed to evaluate preconditions", error)
        if not met:
            return reply.skipped("; ".join(part for part in ("preconditions not met", reason) if part))
    outcome = mutation(context, value)
    if outcome.result is not Result.PASS:
        return reply.make(outcome.result, outcome.message)
    return RuleResponse(reply.rule, reply.type, Result.PASS, mutate.success(outcome.value), target=outcome.value)
