"""The line from a source to a judgement: the only place where the stages meet."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot import config as configuration
from bot import diff, policy_tree
from bot.build import plain
from bot.build.plain import What
from bot.changes import Change, pair
from bot.config import Config
from bot.findings import Shown, show
from bot.model import Entry, Ignored, Judgement, LineRange, Snapshot, Source, Tree
from bot.policy_tree import MAX_FILE, SUFFIXES, PolicyTree
from bot.source import GitSource
from engine import admission, documents, resources
from engine.model import Problem
from engine.resources import Resource

_POLICY_GROUPS = frozenset({"kyverno.io", "policies.kyverno.io"})


@dataclass(frozen=True, slots=True)
class _Side:
    """The manifests of one version: their resources, the contents of their files, and what could not be read."""

    resources: tuple[Resource, ...]
    contents: Mapping[str, bytes]
    problems: tuple[Problem, ...]
    ignored: tuple[Ignored, ...]


def judge(source: Source) -> Judgement:
    """Judge a change: policies of the base, resources that the change adds, changes or deletes."""
    snapshot = source.fetch()
    config, broken = read_config(snapshot.policies)
    chosen = policy_tree.read(snapshot.policies, config)
    paths = diff.changed(snapshot.base, snapshot.head)
    old = _read(snapshot.base, paths, config)
    new = _read(snapshot.head, paths, config)
    changes = [change for change in pair(old.resources, new.resources) if not _is_policy(change.resource)]
    admissions = [admission.admit(chosen.judge, change.old, change.new) for change in changes]
    now = int(time.time())
    shown = [show(found, snapshot.repository, now, new.contents) for found in admissions]
    events = [_event(found) for found in admissions]
    base = _judgement(snapshot, config, chosen, shown)
    return replace(
        base,
        events=tuple(text for texts in events for text in texts),
        unjudged=(*broken, *chosen.unjudged, *new.problems),
        problems=(*snapshot.problems, *chosen.problems, *_policy_changes(old, new)),
        ignored=new.ignored,
        commentable=_commentable(changes, old, new),
    )


def scan(source: GitSource, ref: str | None) -> Judgement:
    """Judge every resource of a tree with the policies of the same tree."""
    tree = source.tree(ref)
    snapshot = Snapshot(source.repository(), tree, tree, tree, tree.ref, tree.ref)
    config, broken = read_config(tree)
    chosen = policy_tree.read(tree, config)
    side = _read(tree, tuple(entry.path for entry in policy_tree.yaml_files(tree)), config)
    judged = [resource for resource in side.resources if not _is_policy(resource)]
    now = int(time.time())
    shown = [show(admission.scan(chosen.judge, resource), snapshot.repository, now, {}) for resource in judged]
    return replace(
        _judgement(snapshot, config, chosen, shown),
        unjudged=(*broken, *chosen.unjudged, *side.problems),
        problems=chosen.problems,
        ignored=side.ignored,
        scan=True,
    )


def read_config(tree: Tree) -> tuple[Config, tuple[Problem, ...]]:
    """The repository's configuration; the defaults where it has none."""
    for path in configuration.PATHS:
        entry = tree.entries().get(path)
        if entry is not None and entry.is_file:
            return configuration.parse(tree.read([entry])[entry.sha], path)
    return Config(), ()


def _judgement(snapshot: Snapshot, config: Config, chosen: PolicyTree, shown: Sequence[Shown]) -> Judgement:
    return Judgement(
        repository=snapshot.repository,
        base_ref=snapshot.base_ref,
        base_sha=snapshot.policies.sha,
        head_sha=snapshot.head.sha,
        head_ref=snapshot.head_ref,
        number=snapshot.number,
        policies=len(chosen.policies),
        resources=len(shown),
        findings=tuple(finding for one in shown for finding in one.findings),
        rows=tuple(one.row for one in shown if one.row is not None),
        reports=tuple(one.report for one in shown if one.report is not None),
        enforce=config.enforce,
        comments=config.comments,
    )


def _read(tree: Tree, paths: Iterable[str], config: Config) -> _Side:
    """The resources in those files of a tree that are manifests."""
    entries = tree.entries()
    asked = [path for path in paths if path in entries and path.endswith(SUFFIXES) and config.manifests.match(path)]
    problems = [_unreadable(entries[path]) for path in asked if not _readable(entries[path])]
    readable = [path for path in asked if _readable(entries[path])]
    contents = tree.read([entries[path] for path in readable])
    classified = plain.classify(readable, list(entries), lambda path: tree.read([entries[path]])[entries[path].sha])
    found: list[documents.Document] = []
    kept: dict[str, bytes] = {}
    ignored: list[Ignored] = []
    for path in readable:
        what = classified[path]
        if what.what not in (What.MANIFEST, What.POLICY):
            ignored.append(Ignored(path, what.why))
            continue
        content = contents[entries[path].sha]
        loaded = documents.load(content, path)
        found += loaded.documents
        problems += loaded.problems
        kept[path] = content
    judged, faults = resources.read(found)
    return _Side(judged, kept, (*problems, *faults), tuple(ignored))


def _readable(entry: Entry) -> bool:
    return entry.is_file and entry.size <= MAX_FILE


def _unreadable(entry: Entry) -> Problem:
    if entry.is_file:
        text = f"the file has {entry.size} bytes, more than the limit of {MAX_FILE}"
        return Problem("too-large", text, entry.path, advice="split the file")
    if entry.mode == "120000":
        text = "a symbolic link is not followed"
        return Problem("symlink", text, entry.path, advice="the file that it points to is judged when it changes")
    return Problem("submodule", "a submodule is another repository", entry.path, advice="judge it there")


def _is_policy(resource: Resource) -> bool:
    return resource.group in _POLICY_GROUPS


def _policy_changes(old: _Side, new: _Side) -> list[Problem]:
    """The policies that the change itself touches: they judge nothing before they are merged."""
    changed = [change.resource for change in pair(old.resources, new.resources) if _is_policy(change.resource)]
    return [
        Problem(
            "policy-change",
            f"{resource.kind} {resource.name} is changed here; this change was judged by the policies of the base",
            resource.document.file,
            resource.document.position(resource.base).line,
        )
        for resource in changed
    ]


def _event(found: admission.Admission) -> list[str]:
    return [admission.event(found.resource, answer) for answer in found.blocked]


def _commentable(changes: Sequence[Change], old: _Side, new: _Side) -> dict[str, tuple[LineRange, ...]]:
    """The head lines that may carry a comment, for the files of judged resources.

    GitHub shows a moved file as a rename, where only the lines that differ from the old file can carry one.
    """
    before: dict[str, bytes] = {}
    for change in changes:
        if change.new is not None and change.old is not None:
            file, moved_from = change.new.document.file, change.old.document.file
            before.setdefault(file, old.contents.get(file, old.contents[moved_from]))
    files = sorted({change.new.document.file for change in changes if change.new is not None})
    return {file: diff.commentable(before.get(file, old.contents.get(file)), new.contents[file]) for file in files}
