"""Trees of a pull request from GitHub's API: nothing is cloned, and no token leaves this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from bot.diff import changed
from bot.github.cache import ObjectCache
from bot.github.client import Client, GitHubError, SpentError, segment
from bot.github.objects import TEXT_BYTES, Objects
from bot.github.pull_request import MergeTrial, PullRequest, Subject
from bot.jobs import Job
from bot.limits import DEFAULTS
from bot.model import Entry, Snapshot, SourceError, Tree
from bot.source import conflict, not_merged
from engine.model import Problem

WAITS: Final = (1.0, 2.0, 4.0)
"""Seconds between questions for a test merge that GitHub has not made yet; after the last one we do without."""

_MANIFESTS: Final = (".yaml", ".yml", ".json")
_MOST_EXPECTED: Final = 5_000
_MOST_EXPECTED_BYTES: Final = 32 << 20
_SPENT: Final = "the service's limit is PREADMIT_MAX_REQUESTS"
_GONE: Final = "the commit may be gone (a force push, a deleted branch): push again"


class GitHubTree:
    """The tree of one commit."""

    def __init__(self, objects: Objects, ref: str, sha: str) -> None:
        self._objects = objects
        self.ref, self.sha = ref, sha

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        with _explained(f"cannot list the files of {self.ref}"):
            return self._objects.tree(self.sha)

    def entries(self) -> Mapping[str, Entry]:
        """All entries by path; raises SourceError."""
        return self._entries

    def read(self, entries: Iterable[Entry]) -> Mapping[str, bytes]:
        """The contents by name; raises SourceError."""
        with _explained(f"cannot read files of {self.ref}"):
            return self._objects.read(self.sha, entries, self._entries)


class GitHubFiles:
    """Some files of a commit, without a listing of its tree: they come together with other contents."""

    def __init__(self, objects: Objects, ref: str, sha: str, paths: Iterable[str]) -> None:
        self._objects, self._paths = objects, tuple(paths)
        self.ref, self.sha = ref, sha
        objects.expect_at(sha, self._paths)

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        with _explained(f"cannot read files of {self.ref}"):
            return self._objects.at(self.sha, self._paths)

    def entries(self) -> Mapping[str, Entry]:
        """The files that are there, by path; raises SourceError."""
        return self._entries

    def read(self, entries: Iterable[Entry]) -> Mapping[str, bytes]:
        """The contents by name; raises SourceError."""
        with _explained(f"cannot read files of {self.ref}"):
            return self._objects.read(self.sha, entries, {})


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A commit without a change to it, for what its policies say of themselves; ``policy`` is to be explained."""

    tree: Tree
    repository: str
    policy: str | None = None

    def fetch(self) -> Snapshot:
        """Name the tree on all sides."""
        ref = self.tree.ref
        return Snapshot(self.repository, self.tree, self.tree, self.tree, self.tree, ref, ref, explain=self.policy)


@dataclass(frozen=True, slots=True)
class _Sides:
    """The commits to judge: the tip of the base branch, what ``base`` and ``merged`` are, and what is to be said."""

    tip: str
    base: str
    merged: str
    is_merge: bool
    is_written: bool = True
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class GitHubSource:
    """A pull request as GitHub's test merge would have it, or the commit of a merge queue, against its base.

    The base is where the branch stands when ``fetch`` asks, which may be later than the delivery. ``pull`` is what was
    asked about the pull request already; ``most_files`` may be in the tree of a commit.
    """

    client: Client
    job: Job
    cache: ObjectCache | None = None
    pull: PullRequest | None = None
    most_files: int = DEFAULTS.tree_files
    sleep: Callable[[float], None] = field(default=time.sleep)

    def fetch(self) -> Snapshot:
        """Name and list the trees; raises SourceError."""
        job = self.job
        with _explained(f"cannot compare {job.base_ref} with {job.head_sha[:12]}"):
            sides = self._sides()
        objects = Objects(self.client, job.repository, self.cache, self.most_files)
        policies = GitHubTree(objects, job.base_ref, sides.tip)
        base = policies if sides.base == sides.tip else GitHubTree(objects, job.base_ref, sides.base)
        merged = GitHubTree(objects, job.head_ref or job.head_sha, sides.merged)
        head: Tree = merged
        if not sides.is_written:
            paths = [path for path in changed(base, merged) if path.endswith(_MANIFESTS)]
            head = GitHubFiles(objects, merged.ref, job.head_sha, paths)
        objects.expect(_likely_read(policies, base, merged))
        return Snapshot(
            repository=job.repository,
            policies=policies,
            base=base,
            merged=merged,
            head=head,
            base_ref=job.base_ref,
            head_ref=merged.ref,
            default_branch=job.default_branch,
            number=job.number,
            is_merge=sides.is_merge,
            problems=sides.problems,
        )

    def _sides(self) -> _Sides:
        """The test merge where there is one, without waiting where the head has all of its base already."""
        job = self.job
        if job.number is None:  # the commit of a merge queue is a merge itself
            return _Sides(job.base_sha, job.base_sha, job.head_sha, is_merge=True)
        pull = self.pull or PullRequest(self.client, Subject(job.repository, job.number, job.head_sha))
        if found := self._trial(pull):
            return self._of_trial(pull, found)
        tip, fork = self._compare()
        if tip == fork:
            return _Sides(tip, tip, job.head_sha, is_merge=True)
        is_current = (pull.view.base_ref, pull.view.head_sha) == (job.base_ref, job.head_sha)
        for seconds in WAITS if is_current else ():
            if pull.view.is_conflicting:
                return _Sides(tip, fork, job.head_sha, is_merge=False, problems=(conflict(job.base_ref),))
            self.sleep(seconds)
            pull.ask_again()
            if found := self._trial(pull):
                return self._of_trial(pull, found)
        if is_current and (late := pull.view.merge) and late.head == job.head_sha:
            return self._of_trial(pull, late)
        why = not_merged(job.base_ref, "GitHub has made no test merge of it" + (" yet" if is_current else ""))
        return _Sides(tip, fork, job.head_sha, is_merge=False, problems=(why,))

    def _trial(self, pull: PullRequest) -> MergeTrial | None:
        """The test merge of this head with the present tip of its base."""
        view = pull.view
        if view.merge is None or view.base_ref != self.job.base_ref:
            return None
        return view.merge if (view.merge.base, view.merge.head) == (view.base_tip, self.job.head_sha) else None

    def _of_trial(self, pull: PullRequest, trial: MergeTrial) -> _Sides:
        tip = pull.view.base_tip or trial.base
        written = trial.tree == pull.view.head_tree
        problems = (_late(self.job.base_ref, trial.base),) if trial.base != tip else ()
        merged = self.job.head_sha if written else trial.sha
        return _Sides(tip, trial.base, merged, is_merge=True, is_written=written, problems=problems)

    def _compare(self) -> tuple[str, str]:
        """The tip of the base branch and the merge base. The second page has no files: only the commits count here."""
        sides = f"{segment(self.job.base_ref)}...{segment(self.job.head_sha)}"
        found = self.client.get(f"/repos/{self.job.repository}/compare/{sides}", per_page=1, page=2)
        return found["base_commit"]["sha"], found["merge_base_commit"]["sha"]


def _late(base: str, sha: str) -> Problem:
    text = f"GitHub's test merge is that with {base} at {sha[:12]}, which has moved on since; that merge was judged"
    return Problem("merge-late", text, advice="Re-run this check to have the present one judged.")


def _likely_read(policies: GitHubTree, base: GitHubTree, merged: GitHubTree) -> Iterator[Entry]:
    """What a judgement reads sooner or later, so that one request can bring all sides together.

    Policies may stand in any file of the tip. Where there are very many, the configuration may choose among them, and
    they wait until they are asked for.
    """
    everywhere = [entry for entry in policies.entries().values() if _may_hold_manifests(entry)]
    if len(everywhere) <= _MOST_EXPECTED and sum(entry.size for entry in everywhere) <= _MOST_EXPECTED_BYTES:
        yield from everywhere
    for path in changed(base, merged):
        for tree in (base, merged):
            entry = tree.entries().get(path)
            if entry and _may_hold_manifests(entry):
                yield entry


def _may_hold_manifests(entry: Entry) -> bool:
    return entry.is_file and entry.size <= TEXT_BYTES and entry.path.endswith(_MANIFESTS)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn a refusal of GitHub's into what a person can act upon."""
    try:
        yield
    except GitHubError as refused:
        if refused.passing:
            raise
        gone = refused.status in (404, 409, 422)
        advice = _SPENT if isinstance(refused, SpentError) else _GONE if gone else ""
        raise SourceError(f"{what}: {refused}", advice, passing=gone) from None
    except (KeyError, TypeError) as odd:
        raise SourceError(f"{what}: GitHub's answer has another form ({type(odd).__name__})") from None
