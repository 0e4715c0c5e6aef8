"""What the policies that a change brings would say once they are merged: notes, and never part of the verdict.

They are read and asked as those of the base are, within the same limits, about a bounded number of files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from msgspec.structs import replace

from bot import cel_tree, manifests, policy_tree
from bot.config import Config
from bot.custom_kinds import CustomKinds
from bot.model import SourceError
from bot.yaml_files import YamlFiles
from engine import admission
from engine.judge import Judge
from engine.model import Problem, Result
from engine.policies import AnyPolicy
from engine.resources import Resource

MOST_FILES: Final = 500
"""Files that are looked at, those of the change first."""

_MOST_NAMED: Final = 5
Name = tuple[str, str, str]
"""File, kind and name of a policy."""


def notes(merged: YamlFiles, changed: Iterable[Resource], paths: Sequence[str], config: Config) -> list[Problem]:
    """What the ``changed`` policies of the tree would say of its resources, or why a cluster would refuse them.

    ``paths`` are the files of the change; the configuration is that of the base.
    """
    names = {_name(resource) for resource in changed}
    files = {file for file, _, _ in names}
    if not names:
        return []
    custom = CustomKinds(merged)
    try:
        chosen = policy_tree.read(merged, config, custom)
        looked_at = list(islice(dict.fromkeys([*paths, *merged.by_path]), MOST_FILES))
        side = manifests.read(merged, looked_at, config, custom)
    except SourceError as beyond:
        return [Problem("policy-preview", f"What the changed policies would say is not known: {beyond}")]
    refused = [replace(one, message=f"once merged: {one.message}") for one in chosen.unjudged if one.file in files]
    policies = [policy for policy in chosen.policies if _policy_name(policy) in names]
    in_cel = replace(chosen.cel, policies=tuple(one for one in chosen.cel.policies if _policy_name(one) in names))
    known = chosen.judge.cluster
    judge = Judge(policies, known, chosen.exceptions, cel_tree.judge(in_cel, known))
    resources = [one for one in side.resources if not (policy_tree.is_policy(one) or one.is_encrypted)]
    found = _faults(judge, resources)
    every: list[AnyPolicy] = [*policies, *in_cel.policies]
    return refused + [_note(policy, found[_policy_name(policy)], len(resources)) for policy in every]


def _faults(judge: Judge, resources: Iterable[Resource]) -> dict[Name, dict[str, bool]]:
    """The resources that each policy finds fault with, and whether it would deny them."""
    found: dict[Name, dict[str, bool]] = defaultdict(dict)
    for resource in resources:
        for answer in admission.admit(judge, None, resource).answers:
            if answer.response.result in (Result.FAIL, Result.ERROR) and not answer.is_background:
                told = found[_policy_name(answer.policy)]
                told[str(resource.identity)] = told.get(str(resource.identity), False) or answer.blocked
    return found


def _note(policy: AnyPolicy, faults: dict[str, bool], count: int) -> Problem:
    what = f"once merged, {policy.kind} {policy.key} would find fault with {len(faults):,} of {count:,} resources here"
    named = ", ".join(islice(faults, _MOST_NAMED)) + (" and others" if len(faults) > _MOST_NAMED else "")
    denied = sum(faults.values())
    text = f"{what}{f', and deny {denied:,} of them if they were new' if denied else ''}{f': {named}' if named else ''}"
    return Problem("policy-preview", text, policy.document.file, policy.document.position(policy.base).line)


def _name(resource: Resource) -> Name:
    return resource.document.file, resource.kind, resource.name


def _policy_name(policy: AnyPolicy) -> Name:
    return policy.document.file, policy.kind, policy.name
