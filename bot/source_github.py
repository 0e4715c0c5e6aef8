"""Trees of a pull request from GitHub's API: nothing is cloned, and no token leaves this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.diff import changed
from bot.github.cache import ObjectCache
from bot.github.client import Client, GitHubError, segment
from bot.github.objects import TEXT_BYTES, Objects
from bot.jobs import Job
from bot.model import Entry, Snapshot, SourceError

_MANIFESTS: Final = (".yaml", ".yml", ".json")
_MOST_EXPECTED: Final = 5_000
_MOST_EXPECTED_BYTES: Final = 32 << 20
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


@dataclass(frozen=True, slots=True)
class GitHubSource:
    """A pull request's head against the merge base with its base branch; policies come from that branch's tip.

    The tip is where the branch stands when ``fetch`` asks, which may be later than the delivery.
    """

    client: Client
    job: Job
    cache: ObjectCache | None = None

    def fetch(self) -> Snapshot:
        """Name and list the trees; raises SourceError."""
        job = self.job
        with _explained(f"cannot compare {job.base_ref} with {job.head_sha[:12]}"):
            tip, fork = self._compare()
        objects = Objects(self.client, job.repository, self.cache)
        policies = GitHubTree(objects, job.base_ref, tip)
        base = policies if fork == tip else GitHubTree(objects, job.base_ref, fork)
        head = GitHubTree(objects, job.head_ref or job.head_sha, job.head_sha)
        objects.expect(_likely_read(policies, base, head))
        return Snapshot(
            repository=job.repository,
            policies=policies,
            base=base,
            merged=head,
            head=head,
            base_ref=job.base_ref,
            head_ref=head.ref,
            default_branch=job.default_branch,
            number=job.number,
            is_merge=fork == tip,
        )

    def _compare(self) -> tuple[str, str]:
        """The tip of the base branch and the merge base. The second page has no files: only the commits count here."""
        sides = f"{segment(self.job.base_ref)}...{segment(self.job.head_sha)}"
        found = self.client.get(f"/repos/{self.job.repository}/compare/{sides}", per_page=1, page=2)
        return found["base_commit"]["sha"], found["merge_base_commit"]["sha"]


def _likely_read(policies: GitHubTree, base: GitHubTree, head: GitHubTree) -> Iterator[Entry]:
    """What a judgement reads sooner or later, so that one request can bring all sides together.

    Policies may stand in any file of the tip. Where there are very many, the configuration may choose among them, and
    they wait until they are asked for.
    """
    everywhere = [entry for entry in policies.entries().values() if _may_hold_manifests(entry)]
    if len(everywhere) <= _MOST_EXPECTED and sum(entry.size for entry in everywhere) <= _MOST_EXPECTED_BYTES:
        yield from everywhere
    for path in changed(base, head):
        for tree in (base, head):
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
        raise SourceError(f"{what}: {refused}", _GONE if gone else "", passing=gone) from None
    except (KeyError, TypeError) as odd:
        raise SourceError(f"{what}: GitHub's answer has another form ({type(odd).__name__})") from None
