"""What GitHub knows of a pull request, by one question: its branches, test merge, our check runs and comments.

By REST the same takes four requests and a page for each hundred comments. Everything here is what stood there when it
was asked; who acts on it must bear that it has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.github.client import Client, GitHubError

MAX_PAGES: Final = 20
"""Pages of a hundred threads; comments beyond are taken for not written."""

_MERGE: Final = """
state baseRefName headRefName headRefOid mergeable headRepository { nameWithOwner }
baseRef { target { oid } }
potentialMergeCommit { oid tree { oid } parents(first: 2) { nodes { oid } } }
"""
_THREADS: Final = """
reviewThreads(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor }
  nodes {
    id path line isOutdated isResolved viewerCanResolve viewerCanUnresolve
    comments(first: 1) { nodes { id body viewerDidAuthor isMinimized } }
  }
}
"""
_CHECKS: Final = """
object(oid: $head) { ... on Commit {
  tree { oid }
  checkSuites(first: 10, filterBy: {appId: $app, checkName: $check}) { nodes {
    checkRuns(first: 50, filterBy: {checkName: $check}) { nodes {
      databaseId name status conclusion externalId annotations(first: 1) { totalCount }
    } }
  } }
} }
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A check run of ours; ``status`` and ``conclusion`` in GitHub's lower case, ``annotations`` how many it bears."""

    id: int
    name: str
    status: str
    conclusion: str = ""
    external_id: str = ""
    annotations: int = 0


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread that begins with a comment of ours. ``line`` is where GitHub shows it in the head, None if nowhere."""

    id: str
    comment: str
    path: str
    line: int | None
    body: str
    is_resolved: bool = False
    is_minimized: bool = False
    can_resolve: bool = False
    can_unresolve: bool = False


@dataclass(frozen=True, slots=True)
class MergeTrial:
    """GitHub's test merge: its commit and tree, and the base's and the head's commit that it merges."""

    sha: str
    tree: str
    base: str
    head: str


@dataclass(frozen=True, slots=True)
class View:
    """The answer. Texts are empty where GitHub tells nothing: no pull request, a branch that is gone."""

    is_open: bool = False
    base_ref: str = ""
    base_tip: str = ""
    head_ref: str = ""
    head_sha: str = ""
    head_repository: str = ""
    head_tree: str = ""
    is_conflicting: bool = False
    merge: MergeTrial | None = None
    runs: tuple[Run, ...] = ()
    threads: tuple[Thread, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: a pull request (None for a commit alone), a commit, and the check run of an App on it."""

    repository: str
    number: int | None
    head_sha: str
    check_name: str = ""
    app_id: int = 0


class PullRequest:
    """Asks when it is first needed, and remembers."""

    def __init__(self, client: Client, subject: Subject) -> None:
        self._client, self._subject = client, subject
        self._view: View | None = None

    @property
    def view(self) -> View:
        """What GitHub said; raises GitHubError."""
        if self._view is None:
            self._view = self._ask()
        return self._view

    def branches(self) -> View:
        """Ask for the branches and the test merge alone; raises GitHubError."""
        found = _pull(self._query(_MERGE, ""))
        if not found:
            raise GitHubError(f"{self._subject.repository} shows no pull request #{self._subject.number}", 404)
        return _branches(found, View())

    def ask_again(self) -> View:
        """Ask for the branches and the test merge once more."""
        found = self._query(_MERGE, "")
        self._view = replace(_branches(_pull(found), self.view), runs=self.view.runs)
        return self._view

    def forget(self) -> None:
        """Ask everything anew when it is needed next."""
        self._view = None

    def _ask(self) -> View:
        found = self._query(_MERGE + _THREADS, _CHECKS if self._subject.app_id else _TREE)
        if self._subject.number is not None and not _pull(found):
            raise GitHubError(f"{self._subject.repository} shows no pull request #{self._subject.number}", 404)
        view = _branches(_pull(found), View())
        commit = found.get("object") or {}
        threads = tuple(self._threads(_pull(found)))
        tree = str((commit.get("tree") or {}).get("oid", ""))
        return replace(view, head_tree=tree, runs=tuple(_runs(commit)), threads=threads)

    def _threads(self, pull: Mapping[str, Any]) -> Iterator[Thread]:
        for _ in range(MAX_PAGES):
            page = pull.get("reviewThreads") or {"nodes": [], "pageInfo": {"hasNextPage": False}}
            yield from _ours(page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return
            pull = _pull(self._query(_THREADS, "", after=page["pageInfo"]["endCursor"]))

    def _query(self, pull: str, commit: str, after: str | None = None) -> Mapping[str, Any]:
        subject = self._subject
        owner, _, name = subject.repository.partition("/")
        known: dict[str, tuple[str, Any]] = {"owner": ("String!", owner), "name": ("String!", name)}
        fields = commit
        if commit:
            known["head"] = "GitObjectID!", subject.head_sha
        if commit == _CHECKS:
            known |= {"app": ("Int!", subject.app_id), "check": ("String!", subject.check_name)}
        if subject.number is not None:
            known["number"] = "Int!", subject.number
            fields += f"pullRequest(number: $number) {{ {pull} }}"
            if "$after" in pull:
                known["after"] = "String", after
        head = ", ".join(f"${word}: {kind}" for word, (kind, _) in known.items())
        text = f"query({head}) {{ repository(owner: $owner, name: $name) {{ {fields} }} }}"
        found = self._client.query(text, {word: value for word, (_, value) in known.items()})
        return found.get("repository") or {}


_TREE: Final = "object(oid: $head) { ... on Commit { tree { oid } } }"


def _pull(found: Mapping[str, Any]) -> Mapping[str, Any]:
    return found.get("pullRequest") or {}


def _branches(pull: Mapping[str, Any], view: View) -> View:
    if not pull:
        return view
    merge = pull.get("potentialMergeCommit")
    return replace(
        view,
        is_open=pull["state"] == "OPEN",
        base_ref=pull["baseRefName"],
        base_tip=((pull["baseRef"] or {}).get("target") or {}).get("oid", ""),
        head_ref=pull["headRefName"],
        head_sha=pull["headRefOid"],
        head_repository=(pull["headRepository"] or {}).get("nameWithOwner", ""),
        is_conflicting=pull["mergeable"] == "CONFLICTING",
        merge=_trial(merge) if merge else None,
    )


def _trial(merge: Mapping[str, Any]) -> MergeTrial | None:
    parents = [one["oid"] for one in merge["parents"]["nodes"]]
    return MergeTrial(merge["oid"], merge["tree"]["oid"], *parents) if len(parents) == 2 else None


def _runs(commit: Mapping[str, Any]) -> Iterator[Run]:
    for suite in (commit.get("checkSuites") or {}).get("nodes") or ():
        for run in (suite["checkRuns"] or {}).get("nodes") or ():
            yield Run(
                id=run["databaseId"],
                name=run["name"],
                status=run["status"].lower(),
                conclusion=(run["conclusion"] or "").lower(),
                external_id=run["externalId"] or "",
                annotations=(run["annotations"] or {}).get("totalCount", 0),
            )


def _ours(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Thread]:
    """The threads that we began; anybody may write what looks like a comment of ours, so others' do not count."""
    for node in nodes:
        first = next(iter(node["comments"]["nodes"]), None)
        if first is not None and first["viewerDidAuthor"]:
            yield Thread(
                id=node["id"],
                comment=first["id"],
                path=node["path"],
                line=None if node["isOutdated"] else node["line"],
                body=first["body"],
                is_resolved=node["isResolved"],
                is_minimized=first["isMinimized"],
                can_resolve=node["viewerCanResolve"],
                can_unresolve=node["viewerCanUnresolve"],
            )


Change = tuple[str, Mapping[str, str]]
"""A mutation's name, and the texts of its input."""

_INPUTS: Final = {
    "updatePullRequestReviewComment": "UpdatePullRequestReviewCommentInput",
    "resolveReviewThread": "ResolveReviewThreadInput",
    "unresolveReviewThread": "UnresolveReviewThreadInput",
    "minimizeComment": "MinimizeCommentInput",
    "unminimizeComment": "UnminimizeCommentInput",
}
MOST_CHANGES: Final = 40
"""Mutations of a request; each of them counts for GitHub's limits as a write of its own."""


def change(client: Client, changes: Iterable[Change]) -> None:
    """Make changes to comments and threads, many by one request; all can be repeated. Raises GitHubError."""
    waiting = list(changes)
    refused: list[str] = []
    for start in range(0, len(waiting), MOST_CHANGES):
        batch = waiting[start : start + MOST_CHANGES]
        head = ", ".join(f"$i{n}: {_INPUTS[name]}!" for n, (name, _) in enumerate(batch))
        fields = " ".join(f"m{n}: {name}(input: $i{n}) {{ clientMutationId }}" for n, (name, _) in enumerate(batch))
        values = {f"i{n}": dict(given) for n, (_, given) in enumerate(batch)}
        refused += client.mutate(f"mutation({head}) {{ {fields} }}", values, len(batch))
    if refused:
        raise GitHubError(f"GraphQL: {'; '.join(sorted(set(refused)))[:1000]}", 403)
