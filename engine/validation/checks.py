"""All checks of a policy, in the reference's order (upstream: Validate in pkg/validation/policy/validate.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from engine.kinds import Namespaced, is_namespaced
from engine.model import Problem
from engine.policies import Policy
from engine.schema import Fault
from engine.validation import kinds, overrides, rules, structure, variables
from engine.validation.faults import invalid, problem


def validate(policy: Policy, *, namespaced: Namespaced | None = is_namespaced) -> tuple[Problem, ...]:
    """What is wrong with a policy; one with a problem is not evaluated.

    Checks come in the reference's order, and those after the first that finds something are not made; the first
    problem's message is the reference's. ``namespaced``: what a cluster tells of kinds; the reference's commands
    have none, and take each for one that lives in a namespace.
    """
    for check in _checks(namespaced):
        faults = tuple(check(policy))
        if faults:
            return tuple(problem(policy.document, policy.base, fault) for fault in faults)
    return ()


def reason(policy: Policy, problems: tuple[Problem, ...], *, namespaced: Namespaced | None = is_namespaced) -> str:
    """Why the reference refuses a policy in which ``validate`` found ``problems``.

    What it finds in the shape it tells together, each thing once (field.ErrorList's ToAggregate); else the first.
    """
    texts = list(dict.fromkeys(found.message for found in problems))
    if len(texts) > 1 and texts == list(dict.fromkeys(fault.message for fault in structure.check(policy, namespaced))):
        return f"[{', '.join(texts)}]"
    return texts[0]


def _head(policy: Policy) -> Iterator[Fault]:
    if policy.kind == "ClusterPolicy" and policy.namespace:
        yield invalid("A clusterpolicy should not have the namespace defined", "metadata", "namespace")


def _match_conditions(policy: Policy) -> Iterator[Fault]:
    if not policy.match_conditions:
        return
    from engine import match_conditions  # a repository without CEL reads none of it

    found = list(match_conditions.faults(policy))
    texts = " ".join(text for _, text in found)
    for index, _ in found:
        path = ("spec", "webhookConfiguration", "matchConditions", index, "expression")
        yield invalid(f"match conditions compilation errors: [{texts}]", *path)


def _processing(policy: Policy) -> Iterator[Fault]:
    if policy.spec.get("admission") is not False:
        return
    if not policy.background:
        yield invalid("disabling both admission and background processing is not allowed", "spec", "admission")
    elif any(rule.has_mutate or rule.has_generate or rule.has_verify_images for rule in policy.rules):
        yield invalid("disabling admission processing is only allowed with validation policies", "spec", "admission")


def _checks(namespaced: Namespaced | None) -> tuple[Callable[[Policy], Iterator[Fault]], ...]:
    return (
        _head,
        _match_conditions,
        variables.check,
        partial(structure.check, namespaced=namespaced),
        overrides.check,
        _processing,
        kinds.check,
        rules.check,
    )
