"""The line from a source to a judgement: the only place where the stages meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bot import anchors, cleanups, diff, manifests, moved, policy_tree
from bot import config as configuration
from bot.changes import Change, pair, standing
from bot.config import Config
from bot.custom_kinds import CustomKinds
from bot.explain import explain
from bot.findings import Showing, Shown, apart, show
from bot.limits import DEFAULTS, Limits
from bot.manifests import Side
from bot.model import Finding, Judgement, Snapshot, Source, Tree, Verdict
from bot.policy_tree import PolicyTree
from bot.source import GitSource
from bot.yaml_files import YamlFiles
from engine import admission, resources
from engine.admission import Admission
from engine.model import Problem
from engine.resources import Resource

_GRAVITY = {verdict: number for number, verdict in enumerate(Verdict)}
_CHANGED = "policy-change"


def judge(source: Source, limits: Limits = DEFAULTS) -> Judgement:
    """Judge a change: policies of the base, resources that the change adds, changes or deletes."""
    snapshot = source.fetch()
    policies, base, merged = files = _files(snapshot, limits)
    for tree in files:
        tree.bound()
    config, broken = read_config(snapshot.policies, limits)
    paths = diff.changed(snapshot.base, snapshot.merged)
    custom = CustomKinds(policies, YamlFiles(snapshot.merged, limits, paths))
    chosen = policy_tree.read(policies, config, CustomKinds(policies))
    old = manifests.read(base, paths, config, custom)
    new = manifests.read(merged, paths, config, custom)
    shift = moved.between(snapshot.merged, snapshot.head, new.contents)
    pairs = pair(old.resources, new.resources)
    unread, before = standing(old.unread, new.unread, pairs)
    changes = [change for change in pairs if not policy_tree.is_kyvernos(change.resource)]
    asked = _asked(changes, lambda change: admission.admit(chosen.judge, change.old, change.new))
    showing = Showing(snapshot.repository, int(time.time()), new.contents, shift)
    shown = [show(found, showing) for found in asked.admissions]
    judged = _judgement(snapshot, config, chosen, shown)
    return replace(
        judged,
        events=tuple(admission.events(asked.admissions)),
        unjudged=(*broken, *chosen.unjudged, *shift.problems((*unread, *asked.unjudged))),
        problems=(
            *snapshot.problems,
            *chosen.problems,
            *shift.problems(
                (
                    *before,
                    *new.notes,
                    *asked.notes,
                    *_cleaned_up(chosen, asked.admissions),
                    *_policy_changes(pairs, paths, merged, config),
                )
            ),
        ),
        ignored=new.ignored,
        commentable=anchors.find(snapshot.base, snapshot.merged, _found_in(judged, new), new.contents, shift),
    )


def _files(snapshot: Snapshot, limits: Limits) -> tuple[YamlFiles, YamlFiles, YamlFiles]:
    """The files that judge, those before the change and those with it; each tree is listed once."""
    policies, merged = YamlFiles(snapshot.policies, limits), YamlFiles(snapshot.merged, limits)
    base = policies if snapshot.base is snapshot.policies else YamlFiles(snapshot.base, limits)
    return policies, base, merged


def scan(source: GitSource, ref: str | None, limits: Limits = DEFAULTS) -> Judgement:
    """Judge every resource of a tree with the policies of the same tree."""
    tree = source.tree(ref)
    snapshot = Snapshot(source.repository(), tree, tree, tree, tree, tree.ref, tree.ref)
    files = YamlFiles(tree, limits)
    files.bound()
    config, broken = read_config(tree, limits)
    custom = CustomKinds(files)
    chosen = policy_tree.read(files, config, custom)
    side = manifests.read(files, tree.entries(), config, custom)
    every = [Change(None, resource) for resource in side.resources if not policy_tree.is_kyvernos(resource)]
    asked = _asked(every, lambda change: admission.scan(chosen.judge, change.resource))
    showing = Showing(snapshot.repository, int(time.time()))
    shown = [show(found, showing) for found in asked.admissions]
    return replace(
        _judgement(snapshot, config, chosen, shown),
        unjudged=(*broken, *chosen.unjudged, *side.unread, *asked.unjudged),
        problems=(
            *chosen.problems,
            *side.notes,
            *asked.notes,
            *_cleaned_up(chosen, asked.admissions),
        ),
        ignored=side.ignored,
        scan=True,
    )


def _cleaned_up(chosen: PolicyTree, admissions: Sequence[Admission]) -> Sequence[Problem]:
    return cleanups.notes(chosen.cleanups, chosen.judge.cluster, admissions)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The answers, and the resources that are not judged: those that a rule would have judged, and the others."""

    admissions: tuple[Admission, ...]
    unjudged: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def _asked(changes: Iterable[Change], admit: Callable[[Change], Admission]) -> _Asked:
    """Ask about each change. What SOPS encrypted is not judged, which matters only where a rule would speak of it."""
    admissions: list[Admission] = []
    unjudged: list[Problem] = []
    notes: list[Problem] = []
    for change in changes:
        found = admit(change)
        if change.new is None or not change.new.is_encrypted:
            admissions.append(found)
            unjudged += found.unjudged
        elif found.answers or found.unjudged:
            unjudged.append(resources.encrypted(change.new))
        else:
            notes.append(resources.encrypted(change.new))
    return _Asked(tuple(admissions), tuple(unjudged), tuple(notes))


def read_config(tree: Tree, limits: Limits = DEFAULTS) -> tuple[Config, tuple[Problem, ...]]:
    """The repository's configuration; the defaults where it has none."""
    for path in configuration.PATHS:
        entry = tree.entries().get(path)
        if entry is not None and entry.is_file:
            config, broken = configuration.parse(tree.read([entry])[entry.sha], path)
            return replace(config, limits=limits), broken
    return Config(limits=limits), ()


def _judgement(snapshot: Snapshot, config: Config, chosen: PolicyTree, shown: Sequence[Shown]) -> Judgement:
    findings = apart(finding for one in shown for finding in one.findings)
    if (more := len(findings) - config.limits.findings) > 0:
        findings = sorted(findings, key=_gravity)[: config.limits.findings]
    return Judgement(
        repository=snapshot.repository,
        base_ref=snapshot.base_ref,
        base_sha=snapshot.policies.sha,
        head_sha=snapshot.head.sha,
        head_ref=snapshot.head_ref,
        number=snapshot.number,
        is_merge=snapshot.is_merge,
        digest=chosen.digest,
        surroundings=chosen.surroundings,
        explanation=None if snapshot.explain is None else explain(chosen, snapshot.explain),
        policies=len(chosen.policies) + len(chosen.cel.policies),
        resources=len(shown),
        findings=tuple(findings),
        findings_left_out=max(0, more),
        rows=tuple(one.row for one in shown if one.row is not None),
        reports=tuple(one.report for one in shown if one.report is not None),
        enforce=config.enforce,
        comments=config.comments,
        most_comments=config.limits.comments,
    )


def _policy_changes(pairs: Iterable[Change], paths: Sequence[str], merged: YamlFiles, config: Config) -> list[Problem]:
    """The policies and configuration that the change itself touches: they judge nothing before they are merged."""
    touched = [change for change in pairs if policy_tree.is_policy(change.resource)]
    notes = [_of_base(one.resource) for one in touched]
    for path in paths:
        if path in (*configuration.PATHS, config.values):
            text = "the configuration is changed here; this change was judged by that of the base"
            notes.append(Problem(_CHANGED, text, path, 1))
    if brought := [one.new for one in touched if one.new]:
        from bot import preview  # only changes of policies need it

        notes += preview.notes(merged, brought, paths, config)
    return notes


def _of_base(policy: Resource) -> Problem:
    text = f"{policy.kind} {policy.name} is changed here; this change was judged by the policies of the base"
    return Problem(_CHANGED, text, policy.document.file, policy.document.position(policy.base).line)


def _found_in(judged: Judgement, new: Side) -> Iterable[str]:
    """The head's files with findings, those with the gravest first."""
    ordered = sorted(judged.findings, key=_gravity)
    return (found.file for found in ordered if found.file in new.contents)


def _gravity(found: Finding) -> int:
    return _GRAVITY[found.verdict]
