"""What the fake GitHub knows: repositories, pull requests, check runs, reviews, tokens, and who asked for what."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fake_github.repository import BareRepository

MOMENT = "2024-01-01T00:00:00Z"


class RefusedError(Exception):
    """An answer that is an error: status, message, and what GitHub says in ``errors``."""

    def __init__(self, status: int, message: str, errors: list[Any] | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.errors, self.headers = status, message, errors, headers


@dataclass
class Repository:
    """A repository with its place in the API."""

    id: int
    full_name: str
    git: BareRepository
    private: bool = False
    pulls: dict[int, Pull] = field(default_factory=dict)
    check_runs: list[CheckRun] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    issue_comments: list[dict[str, Any]] = field(default_factory=list)
    permissions: dict[str, str] = field(default_factory=dict)
    required: list[dict[str, Any]] = field(default_factory=list)
    """The checks that a ruleset requires for the branch main."""

    protected: list[dict[str, Any]] = field(default_factory=list)
    """Those that its protection requires."""

    unshown: set[str] = field(default_factory=set)
    """Files whose patch is left out for its size: none of their lines can bear a comment."""

    def test_merge(self, pull: Pull, tip: str) -> tuple[str, str | None]:
        """Whether a pull request can be merged, and the commit that tried it: GitHub makes it some time after."""
        if pull.merge_of != (tip, pull.head_sha):
            if pull.lag > 0:
                pull.lag -= 1
                return "UNKNOWN", pull.merge
            pull.merge_of = tip, pull.head_sha
            pull.merge = self.git.merge(tip, pull.head_sha)
            if pull.merge:
                self.git.run("update-ref", f"refs/pull/{pull.number}/merge", pull.merge)
        return ("MERGEABLE" if pull.merge else "CONFLICTING"), pull.merge


@dataclass
class Pull:
    """A pull request; ``head_repository`` is None once the fork is gone.

    ``merge`` is the test merge of the two commits ``merge_of``; it stays as it is for ``lag`` questions.
    """

    number: int
    base_ref: str
    head_ref: str
    head_sha: str
    head_repository: str | None
    state: str = "open"
    draft: bool = False
    updated: str = MOMENT
    merge: str | None = None
    merge_of: tuple[str, str] | None = None
    lag: int = 0


@dataclass
class CheckRun:
    """A check run; ``history`` are the bodies that made it what it is."""

    id: int
    name: str
    head_sha: str
    app: Identity
    status: str = "queued"
    conclusion: str | None = None
    external_id: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Comment:
    """A review comment with its thread; ``edits`` are the bodies that it had, ``minimized`` is why it is hidden."""

    id: int
    review: int
    pull: int
    author: str
    commit: str
    path: str
    line: int
    body: str
    start_line: int | None = None
    resolved: bool = False
    minimized: str = ""
    edits: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Delivered:
    """A delivery as GitHub remembers it: what it sent, and the status that it was answered with (0: not at all)."""

    id: int
    guid: str
    event: str
    payload: dict[str, Any]
    status: int
    moment: str = MOMENT


@dataclass(frozen=True)
class Identity:
    """An App: who is behind a token."""

    id: int
    slug: str

    @property
    def login(self) -> str:
        """The user that the App's comments have."""
        return f"{self.slug}[bot]"


@dataclass(frozen=True)
class Request:
    """One request as the fake saw it."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


@dataclass
class Fault:
    """An answer to give instead of the right one; ``after`` true when the work is done all the same."""

    method: str
    path: re.Pattern[str]
    status: int
    times: int
    headers: dict[str, str]
    message: str
    after: bool


@dataclass
class State:
    """Everything that a test may look at or set."""

    root: Path
    app: Identity = Identity(4711, "preadmit")
    clock: Callable[[], float] = time.time
    token_seconds: int = 3600
    most_entries: int = 100_000
    """Of one listing; a longer one is cut (rest/git/trees)."""
    archives: bool = True
    contents_write: bool = False
    refused_changes: bool = False
    url: str = ""
    deliveries: list[Delivered] = field(default_factory=list)
    permissions: dict[str, str] = field(
        default_factory=lambda: {"checks": "write", "contents": "read", "metadata": "read", "pull_requests": "write"}
    )
    events: list[str] = field(
        default_factory=lambda: ["pull_request", "pull_request_review_comment", "push", "repository"]
    )
    hook: dict[str, str] = field(
        default_factory=lambda: {
            "url": "https://preadmit.example.com/webhook",
            "content_type": "json",
            "insecure_ssl": "0",
        }
    )
    conversions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What a code buys that GitHub gives for a registered App."""
    repositories: dict[str, Repository] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    tokens: dict[str, tuple[Identity, float]] = field(default_factory=dict)
    read_only_tokens: set[str] = field(default_factory=set)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1000))

    def repository(self, full_name: str, *, private: bool = False) -> Repository:
        """Make a repository."""
        git = BareRepository(self.root / f"{full_name.replace('/', '+')}.git")
        made = Repository(next(self.ids), full_name, git, private)
        self.repositories[full_name.lower()] = made
        return made

    def find(self, owner: str, name: str) -> Repository:
        """The repository, or 404."""
        found = self.repositories.get(f"{owner}/{name}".lower())
        if found is None:
            raise RefusedError(404, "Not Found")
        return found

    def pull(
        self, repository: Repository, head: str, base: str = "main", *, fork: str | None = None, number: int = 0
    ) -> Pull:
        """Open a pull request from a branch, kept under ``refs/pull`` as GitHub does."""
        sha = repository.git.sha(head)
        assert sha, head
        number = number or next(self.ids)
        repository.git.run("update-ref", f"refs/pull/{number}/head", sha)
        made = Pull(number, base, head, sha, fork or repository.full_name)
        repository.pulls[number] = made
        return made

    def push(self, repository: Repository, pull: Pull, files: dict[str, str | bytes | None]) -> str:
        """Add a commit to the pull request's branch; its name."""
        pull.head_sha = repository.git.commit(pull.head_ref, files)
        repository.git.run("update-ref", f"refs/pull/{pull.number}/head", pull.head_sha)
        return pull.head_sha

    def fail(
        self,
        method: str,
        path: str,
        status: int,
        *,
        times: int = 1,
        message: str = "Server Error",
        after: bool = False,
        **headers: str,
    ) -> None:
        """Answer the next ``times`` requests to paths that match with an error."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.append(Fault(method, re.compile(path), status, times, named, message, after))

    def fault(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, used up."""
        for fault in self.faults:
            if fault.times > 0 and fault.method == method and fault.path.search(path):
                fault.times -= 1
                return fault
        return None

    def issue_token(self, identity: Identity | None = None, *, read_only: bool = False) -> tuple[str, float]:
        """A token and the moment of its end."""
        token = "ghs_" + secrets.token_hex(18)
        ends = self.clock() + self.token_seconds
        self.tokens[token] = (identity or self.app, ends)
        if read_only:
            self.read_only_tokens.add(token)
        return token, ends

    def seen(self, method: str = "", path: str = "") -> list[Request]:
        """The requests so far, of a method and with paths that match."""
        return [one for one in self.requests if one.method.startswith(method) and re.search(path, one.path)]
