"""The policies in CEL of one tree, and what judges by them; a tree without any imports nothing of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING

from bot.config import Config
from engine.cel_records import CelPolicy, CelPolicySet
from engine.cluster import Cluster
from engine.inventory import Place
from engine.model import Problem
from engine.policies import Policy, Rule

if TYPE_CHECKING:
    from engine.cel_policies.judge import CelJudge

_DEFINITIONS = Place("apiextensions.k8s.io", "v1", "customresourcedefinitions")
_BACKGROUND = frozenset({"GeneratingPolicy", "DeletingPolicy"})


def chosen(found: CelPolicySet, config: Config) -> CelPolicySet:
    """What the configuration lets count; a copy in another file would only say everything twice."""
    unique: dict[Hashable, CelPolicy] = {}
    for policy in found.policies:
        if config.policies.match(policy.document.file):
            unique.setdefault((policy.kind, policy.key, repr(policy.spec), repr(policy.annotations)), policy)
    return CelPolicySet(
        policies=tuple(unique.values()),
        bindings=tuple(one for one in found.bindings if config.policies.match(one.document.file)),
        exceptions=tuple(one for one in found.exceptions if config.exceptions.match(one.document.file)),
    )


def judge(found: CelPolicySet, known: Cluster) -> CelJudge | None:
    """What judges by the policies; None where there are none."""
    if not found.policies:
        return None
    from engine.cel_policies.judge import CelJudge
    from engine.patch.structured import crds
    from engine.patch.structured.types import DEDUCED

    definitions = known.inventory.listed(_DEFINITIONS) if known.inventory is not None else ()
    declared = crds.schemas(definitions)
    # A cluster knows the schema of every kind that it admits; without it, the values tell what they are.
    return CelJudge(found, known, schemas=lambda version, kind: declared(version, kind) or DEDUCED)


def warnings(policies: Iterable[Policy]) -> list[Problem]:
    """The expressions of classic policies that do not compile: their rules fail whatever they are asked about."""
    found: list[Problem] = []
    for policy in policies:
        for rule in policy.rules:
            if (rule.raw.get("validate") or {}).get("cel"):
                found += _warnings(policy, rule)
    return found


def _warnings(policy: Policy, rule: Rule) -> Iterator[Problem]:
    from engine.rules import validate_cel

    for path, line, fault in validate_cel.faults(rule):
        where = (*policy.base, *path)
        place = policy.document.position(where)
        number = min(place.line + line, policy.document.last_line(where)) if line > 1 else place.line
        text = f"rule {rule.name} of {policy.kind} {policy.key} fails whatever it is asked about: {fault}"
        yield Problem("expression", text, policy.document.file, number, place.column, "Correct the expression.")


def refused(cel: CelJudge | None) -> tuple[list[Problem], list[Problem]]:
    """The policies that do not compile: those that might have denied the change, and the others."""
    problems = cel.problems if cel is not None else ()
    denying = [problem for policy, problem in problems if policy.family not in _BACKGROUND]
    return denying, [problem for policy, problem in problems if policy.family in _BACKGROUND]
