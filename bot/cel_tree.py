"""The policies in CEL of one tree, and what judges by them; a tree without any imports nothing of it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from bot.config import Config
from engine.cel_records import CelPolicy, CelPolicySet
from engine.cluster import Cluster
from engine.inventory import Place
from engine.model import Problem

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

    definitions = known.inventory.listed(_DEFINITIONS) if known.inventory is not None else ()
    return CelJudge(found, known, schemas=crds.schemas(definitions))


def refused(cel: CelJudge | None) -> tuple[list[Problem], list[Problem]]:
    """The policies that do not compile: those that might have denied the change, and the others."""
    problems = cel.problems if cel is not None else ()
    denying = [problem for policy, problem in problems if policy.family not in _BACKGROUND]
    return denying, [problem for policy, problem in problems if policy.family in _BACKGROUND]
