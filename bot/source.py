"""Trees from a local git repository: commits read as objects, and the working tree as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from bot.git import Git
from bot.git_objects import GitObjects
from bot.model import SUBMODULE, Entry, Snapshot, SourceError, Tree
from bot.scratch import Scratch, UnmergedError
from bot.worktree import WorkTree
from engine.model import Problem

_REMOTE: Final = re.compile(r"(?:[a-z+]+://[^/]+/|[\w.-]+@[\w.-]+:)(?:.*/)?([\w.-]+/[\w.-]+?)(?:\.git)?/?")
_MOST_NAMED: Final = 5
_UNSHALLOW: Final = (
    "this clone is shallow: run `git fetch --unshallow` (in Actions: actions/checkout with fetch-depth: 0)"
)


class GitTree:
    """The tree of one commit."""

    def __init__(self, objects: GitObjects, ref: str, sha: str) -> None:
        self._objects = objects
        self.ref, self.sha = ref, sha

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return self._objects.entries(self.sha)

    def entries(self) -> Mapping[str, Entry]:
        """All entries by path, in git's order."""
        return self._entries

    def read(self, entries: Iterable[Entry]) -> Mapping[str, bytes]:
        """The contents by name; a submodule has none and is left out."""
        return self._objects.read(entry.sha for entry in entries if entry.mode != SUBMODULE)


@dataclass(frozen=True)
class GitSource:
    """A change in a local repository, which may be bare.

    ``base`` and ``head`` are what the user named, None for the defaults: the default branch, and the working tree with
    uncommitted and untracked files (in a bare repository the commit of HEAD). What is judged is the merge of the two
    against the tip of the base; where they conflict, the head against their merge base.
    """

    directory: Path
    base: str | None = None
    head: str | None = None

    def fetch(self) -> Snapshot:
        """Name the three trees; raises SourceError."""
        default = self.default_branch()
        base_ref = default if self.base is None else self.base
        if self.base is None and not default:
            raise SourceError("cannot tell which branch is the default one", "name the base with --base")
        tip = self._commit(base_ref)
        head = self.tree(self.head)
        parent = head.sha or self._commit("HEAD")
        fork = self._merge_base(tip, parent, base_ref)
        policies = GitTree(self._objects, base_ref, tip)
        merged, problems = (head, ()) if fork == tip else self._merge(policies, head, parent)
        return Snapshot(
            repository=self.repository(),
            policies=policies,
            base=policies if merged else GitTree(self._objects, base_ref, fork),
            merged=merged or head,
            head=head,
            base_ref=short_ref(base_ref),
            head_ref=self.head or self._git.line("symbolic-ref", "--quiet", "--short", "HEAD") or "HEAD",
            default_branch=short_ref(default),
            is_merge=merged is not None,
            problems=problems,
        )

    def _merge(self, tip: GitTree, head: Tree, parent: str) -> tuple[Tree | None, tuple[Problem, ...]]:
        """The test merge; where there is none, why not."""
        scratch = Scratch(self._git)
        base = short_ref(tip.ref)
        try:
            if not head.sha:
                committed = GitTree(self._objects, "HEAD", parent)
                parent = scratch.commit_of(head, parent, committed)
            found = scratch.merge(tip.sha, parent)
        except UnmergedError as why:
            return None, (not_merged(base, str(why)),)
        if found.conflicts:
            return None, (conflict(base, found.conflicts),)
        return GitTree(scratch.objects, head.ref, found.tree), ()

    def tree(self, ref: str | None) -> Tree:
        """The tree of ``ref``; without one the working tree, or HEAD's in a bare repository."""
        if ref is None and not self._bare:
            return WorkTree(self._git, self._objects)
        named = "HEAD" if ref is None else ref
        return GitTree(self._objects, named, self._commit(named))

    def default_branch(self) -> str:
        """The default branch as a ref that resolves here, empty when nothing tells it."""
        remote = self._git.line("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
        own = self._git.line("symbolic-ref", "--quiet", "HEAD") if self._bare else None
        names = [f"refs/{where}/{name}" for name in ("main", "master") for where in ("heads", "remotes/origin")]
        candidates = [ref for ref in (remote, own, *names) if ref]
        return next((ref for ref in candidates if self._git.commit(ref)), "")

    def repository(self) -> str:
        """``owner/name`` from the remote's address, otherwise the directory's name."""
        address = self._git.line("config", "--local", "--get", "remote.origin.url") or ""
        if remote := _REMOTE.fullmatch(address):
            return remote[1]
        top = self.directory.resolve() if self._bare else Path(self._git.line("rev-parse", "--show-toplevel") or ".")
        return top.name.removesuffix(".git") or top.parent.name

    @cached_property
    def _git(self) -> Git:
        return Git(self.directory)

    @cached_property
    def _objects(self) -> GitObjects:
        return GitObjects(self._git)

    @cached_property
    def _bare(self) -> bool:
        return self._git.run("rev-parse", "--is-bare-repository").strip() == b"true"

    def _shallow(self) -> bool:
        return self._git.line("rev-parse", "--is-shallow-repository") == "true"

    def _commit(self, ref: str) -> str:
        found = self._git.commit(ref)
        if found is None and not ref.startswith("refs/"):
            found = self._git.commit(f"refs/remotes/origin/{ref}")  # a CI checkout has no local branch of the base
        if found is None and ref == "HEAD":
            raise SourceError(
                "the repository has no commit yet", "commit the policies first; they are read from the base"
            )
        if found is None:
            advice = _UNSHALLOW if self._shallow() else "see `git branch --all`, or fetch it: `git fetch origin NAME`"
            raise SourceError(f"no commit is named {ref!r} in {self.directory}", advice)
        return found

    def _merge_base(self, tip: str, head: str, base_ref: str) -> str:
        found = self._git.line("merge-base", tip, head)
        if found is None:
            advice = _UNSHALLOW if self._shallow() else "their histories are unrelated; name another base with --base"
            raise SourceError(f"{short_ref(base_ref)} and the head have no common ancestor", advice)
        return found


def conflict(base: str, paths: Sequence[str] = ()) -> Problem:
    """The note that a change cannot be merged as it stands."""
    where = f" in {', '.join(paths[:_MOST_NAMED])}" if paths else ""
    more = f" and {len(paths) - _MOST_NAMED} more files" if len(paths) > _MOST_NAMED else ""
    text = f"This change conflicts with {base}{where}{more}; it was compared with where it left {base}"
    return Problem("merge-conflict", text, advice="Solve the conflict: what is merged then is judged again.")


def not_merged(base: str, why: str) -> Problem:
    """The note that a merge could not be tried."""
    text = f"What {base} would be after the merge is not known ({why}); the change was compared with where it left it"
    return Problem("not-merged", text)


def short_ref(ref: str) -> str:
    """A branch's name without the place where git keeps it."""
    for prefix in ("refs/heads/", "refs/remotes/origin/", "origin/"):
        if ref.startswith(prefix):
            return ref.removeprefix(prefix)
    return ref
