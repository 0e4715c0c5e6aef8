"""The line from a source to a judgement: the only place where the stages meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import dirname, join, normpath

from bot import config as configuration
from bot import diff, policy_tree
from bot.build import places, plain
from bot.changes import Change, pair
from bot.config import Config
from bot.findings import Shown, show
from bot.model import SUBMODULE, Entry, Ignored, Judgement, LineRange, Snapshot, Source, Tree
from bot.policy_tree import SUFFIXES, PolicyTree
from bot.source import GitSource
from engine import admission, documents, resources
from engine.admission import Admission
from engine.model import Problem
from engine.resources import Resource

_POLICY_GROUPS = frozenset({"kyverno.io", "policies.kyverno.io"})


@dataclass(frozen=True, slots=True)
class _Side:
    """The manifests of one version: their resources, the contents of their files, and what could not be read.

    ``unread`` might have been denied; ``notes`` are what is judged in another place, or in none of this repository.
    """

    resources: tuple[Resource, ...]
    contents: Mapping[str, bytes]
    unread: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    ignored: tuple[Ignored, ...]


def judge(source: Source) -> Judgement:
    """Judge a change: policies of the base, resources that the change adds, changes or deletes."""
    snapshot = source.fetch()
    config, broken = read_config(snapshot.policies)
    chosen = policy_tree.read(snapshot.policies, config)
    paths = diff.changed(snapshot.base, snapshot.head)
    old = _read(snapshot.base, paths, config)
    new = _read(snapshot.head, paths, config)
    pairs = pair(old.resources, new.resources)
    changes = [change for change in pairs if not _is_policy(change.resource)]
    asked = _asked(changes, lambda change: admission.admit(chosen.judge, change.old, change.new))
    now = int(time.time())
    shown = [show(found, snapshot.repository, now, new.contents) for found in asked.admissions]
    events = [_event(found) for found in asked.admissions]
    return replace(
        _judgement(snapshot, config, chosen, shown),
        events=tuple(text for texts in events for text in texts),
        unjudged=(*broken, *chosen.unjudged, *new.unread, *asked.unjudged),
        problems=(*snapshot.problems, *chosen.problems, *new.notes, *asked.notes, *_policy_changes(pairs)),
        ignored=new.ignored,
        commentable=_commentable(changes, old, new),
    )


def scan(source: GitSource, ref: str | None) -> Judgement:
    """Judge every resource of a tree with the policies of the same tree."""
    tree = source.tree(ref)
    snapshot = Snapshot(source.repository(), tree, tree, tree, tree.ref, tree.ref)
    config, broken = read_config(tree)
    chosen = policy_tree.read(tree, config)
    side = _read(tree, tree.entries(), config)
    every = [Change(None, resource) for resource in side.resources if not _is_policy(resource)]
    asked = _asked(every, lambda change: admission.scan(chosen.judge, change.resource))
    now = int(time.time())
    shown = [show(found, snapshot.repository, now, {}) for found in asked.admissions]
    return replace(
        _judgement(snapshot, config, chosen, shown),
        unjudged=(*broken, *chosen.unjudged, *side.unread, *asked.unjudged),
        problems=(*chosen.problems, *side.notes, *asked.notes),
        ignored=side.ignored,
        scan=True,
    )


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
        elif found.answers:
            unjudged.append(resources.encrypted(change.new))
        else:
            notes.append(resources.encrypted(change.new))
    return _Asked(tuple(admissions), tuple(unjudged), tuple(notes))


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
    files = {entry.path: entry for entry in policy_tree.yaml_files(tree)}
    asked = [entries[path] for path in paths if path in entries and _is_asked(entries[path], config)]
    readable = [entry.path for entry in asked if entry.path in files]
    contents = tree.read([files[path] for path in plain.wanted(readable, files)])
    classified = plain.classify(readable, files, lambda path: tree.read([files[path]])[files[path].sha])
    others = [_other(entry, tree, config) for entry in asked if entry.path not in files]
    found: list[documents.Document] = []
    unread = [problem for problem, is_note in others if not is_note]
    kept: dict[str, bytes] = {}
    ignored: list[Ignored] = []
    for path in readable:
        if not classified[path].is_loaded:
            ignored.append(Ignored(path, classified[path].why))
            continue
        kept[path] = contents[files[path].sha]
        loaded = documents.load(kept[path], path)
        found += loaded.documents
        unread += loaded.problems
    judged, faults = resources.read(found, namespace=config.namespace)
    unread += [fault for fault in faults if fault.code != resources.ENCRYPTED]
    return _Side(judged, kept, tuple(unread), tuple(problem for problem, is_note in others if is_note), tuple(ignored))


def _is_asked(entry: Entry, config: Config) -> bool:
    """Whether an entry may hold manifests; what a submodule holds, its name does not tell."""
    named = entry.path.endswith(SUFFIXES) or entry.mode == SUBMODULE
    return named and config.manifests.match(entry.path)


def _other(entry: Entry, tree: Tree, config: Config) -> tuple[Problem, bool]:
    """Why an entry is not read, and whether nothing of this repository goes unjudged by that."""
    if entry.is_file:
        return policy_tree.too_large(entry), places.by_name(entry.path) is not None
    if entry.mode == SUBMODULE:
        text = "a submodule is another repository, whose manifests are not judged here"
        return Problem("submodule", text, entry.path, 1, 1, "Let that repository judge its own changes."), True
    target = _target(entry, tree)
    if target is not None and target.is_file and _is_asked(target, config):
        text = f"a symbolic link; {target.path}, to which it leads, is judged where it stands"
        return Problem("symlink", text, entry.path, 1, 1), True
    text = "a symbolic link to what is no manifest of this repository is not followed"
    return Problem("symlink", text, entry.path, 1, 1, "Put the file itself here, or rename the link."), False


def _target(entry: Entry, tree: Tree) -> Entry | None:
    """The entry that a link leads to, in one step, without leaving the tree."""
    written = tree.read([entry])[entry.sha].decode("utf-8", "backslashreplace")
    return tree.entries().get(normpath(join(dirname(entry.path), written)))


def _is_policy(resource: Resource) -> bool:
    return resource.group in _POLICY_GROUPS


def _policy_changes(pairs: Iterable[Change]) -> list[Problem]:
    """The policies that the change itself touches: they judge nothing before they are merged."""
    changed = [change.resource for change in pairs if _is_policy(change.resource)]
    return [
        Problem(
            "policy-change",
            f"{resource.kind} {resource.name} is changed here; this change was judged by the policies of the base",
            resource.document.file,
            resource.document.position(resource.base).line,
        )
        for resource in changed
    ]


def _event(found: Admission) -> list[str]:
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
