"""The fake's GraphQL: the part of GitHub's schema that is used, over real git and the fake's state.

Each query is also held against GitHub's published schema, where that stands beside the checkout.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync, parse, validate

from bot.moved import aligned
from tests.fake_github.repository import BareRepository
from tests.fake_github.state import CheckRun, Comment, Identity, Pull, RefusedError, Repository, State

PLACE = Path(__file__).parents[2] / "../shared/github/graphql.schema.gz"

_SCHEMA = build_schema(
    """
scalar GitObjectID
type Query { repository(owner: String!, name: String!): Repository }
type Repository {
  object(oid: GitObjectID, expression: String): GitObject
  pullRequest(number: Int!): PullRequest
}
interface GitObject { oid: GitObjectID! }
type Blob implements GitObject { oid: GitObjectID! byteSize: Int! text: String }
type Tree implements GitObject { oid: GitObjectID! }
type Commit implements GitObject {
  oid: GitObjectID!
  tree: Tree!
  parents(first: Int): CommitConnection!
  checkSuites(first: Int, filterBy: CheckSuiteFilter): CheckSuiteConnection
}
type CommitConnection { nodes: [Commit] }
type Ref { target: GitObject }
input CheckSuiteFilter { appId: Int checkName: String }
input CheckRunFilter { appId: Int checkName: String }
type CheckSuiteConnection { nodes: [CheckSuite] }
type CheckSuite { checkRuns(first: Int, filterBy: CheckRunFilter): CheckRunConnection }
type CheckRunConnection { nodes: [CheckRun] }
type CheckRun {
  databaseId: Int
  name: String!
  status: String!
  conclusion: String
  externalId: String
  annotations(first: Int): CheckAnnotationConnection
}
type CheckAnnotationConnection { totalCount: Int! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
enum PullRequestState { OPEN CLOSED MERGED }
enum MergeableState { MERGEABLE CONFLICTING UNKNOWN }
type PullRequest {
  number: Int!
  state: PullRequestState!
  baseRefName: String!
  baseRef: Ref
  headRefName: String!
  headRefOid: GitObjectID!
  headRepository: HeadRepository
  mergeable: MergeableState!
  potentialMergeCommit: Commit
  reviewThreads(first: Int, after: String): PullRequestReviewThreadConnection!
}
type HeadRepository { nameWithOwner: String! }
type PullRequestReviewThreadConnection { nodes: [PullRequestReviewThread] pageInfo: PageInfo! }
type PullRequestReviewThread {
  id: ID!
  path: String!
  line: Int
  isOutdated: Boolean!
  isResolved: Boolean!
  viewerCanResolve: Boolean!
  viewerCanUnresolve: Boolean!
  comments(first: Int): PullRequestReviewCommentConnection!
}
type PullRequestReviewCommentConnection { nodes: [PullRequestReviewComment] }
type PullRequestReviewComment { id: ID! body: String! viewerDidAuthor: Boolean! isMinimized: Boolean! }
type Mutation {
  updatePullRequestReviewComment(input: UpdatePullRequestReviewCommentInput!): Done
  resolveReviewThread(input: ResolveReviewThreadInput!): Done
  unresolveReviewThread(input: UnresolveReviewThreadInput!): Done
  minimizeComment(input: MinimizeCommentInput!): Done
  unminimizeComment(input: UnminimizeCommentInput!): Done
}
enum ReportedContentClassifiers { ABUSE DUPLICATE OFF_TOPIC OUTDATED RESOLVED SPAM }
input UpdatePullRequestReviewCommentInput { pullRequestReviewCommentId: ID! body: String! }
input ResolveReviewThreadInput { threadId: ID! }
input UnresolveReviewThreadInput { threadId: ID! }
input UnminimizeCommentInput { subjectId: ID! }
input MinimizeCommentInput { subjectId: ID! classifier: ReportedContentClassifiers! }
type Done { clientMutationId: String }
"""
)


@cache
def _published() -> GraphQLSchema | None:
    """GitHub's schema, None where it is absent."""
    if not PLACE.exists():
        return None
    with gzip.open(PLACE, "rt", encoding="utf-8") as file:
        return build_schema(file.read(), assume_valid=True)


@cache
def faults_of_query(text: str) -> tuple[str, ...]:
    """What GitHub's schema says against a query."""
    schema = _published()
    return () if schema is None else tuple(error.message for error in validate(schema, parse(text)))


def answer(state: State, who: Identity, may_write: bool, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request: data, and errors where there are some."""
    named = [one for one in (body.get("variables") or {}).values() if isinstance(one, str) and len(one) == 40]
    root: dict[str, Any] = {"repository": lambda info, owner, name: _repository(state, who, owner, name, named)}
    for name, change in _CHANGES.items():
        root[name] = _mutation(state, who, may_write, change)
    done = graphql_sync(_SCHEMA, body["query"], root, variable_values=body.get("variables"))
    found: dict[str, Any] = {"data": done.data}
    if done.errors:
        found["errors"] = [{"message": error.message, **(error.extensions or {})} for error in done.errors]
    return found


def _repository(state: State, who: Identity, owner: str, name: str, named: list[str]) -> dict[str, Any]:
    try:
        found = state.find(owner, name)
    except RefusedError:
        raise GraphQLError(
            f"Could not resolve to a Repository with the name '{owner}/{name}'.", extensions={"type": "NOT_FOUND"}
        ) from None

    blobs = found.git.blobs(named) if len(named) > 2 else {}  # many at once, which is quick

    def one(info: Any, number: int) -> Any:
        pull = found.pulls.get(number)
        if pull is None:
            raise GraphQLError(
                f"Could not resolve to a PullRequest with the number of {number}.", extensions={"type": "NOT_FOUND"}
            )
        return _pull(state, who, found, pull)

    return {
        "object": lambda info, oid=None, expression=None: _object(found, oid or expression, blobs),
        "pullRequest": one,
    }


def _page(items: list[Callable[[], Any]], first: int, after: str | None) -> dict[str, Any]:
    start = int(after or 0)
    last = start + first
    info = {"hasNextPage": last < len(items), "endCursor": str(last)}
    return {"nodes": [item() for item in items[start:last]], "pageInfo": info}


def _object(found: Repository, name: str, blobs: dict[str, bytes]) -> dict[str, Any] | None:
    if name in blobs:
        return _blob(name, blobs[name])
    try:
        oid = found.git.line("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        kind = found.git.line("cat-file", "-t", oid)
    except KeyError:
        return None
    if kind == "commit":
        return _commit(found, oid)
    if kind != "blob":
        return {"__typename": "Tree", "oid": oid}
    return _blob(oid, found.git.blob(oid))


def _blob(oid: str, content: bytes) -> dict[str, Any]:
    text = None if b"\0" in content[:8000] else content.decode("utf-8", "replace")[:512_000]
    return {"__typename": "Blob", "oid": oid, "byteSize": len(content), "text": text}


def _commit(found: Repository, sha: str) -> dict[str, Any]:
    parents = found.git.line("rev-list", "--parents", "-n", "1", sha).split()[1:]
    return {
        "__typename": "Commit",
        "oid": sha,
        "tree": {"__typename": "Tree", "oid": found.git.line("rev-parse", f"{sha}^{{tree}}")},
        "parents": lambda info, first=10: {"nodes": [{"__typename": "Commit", "oid": one} for one in parents[:first]]},
        "checkSuites": lambda info, first=10, filterBy=None: _suites(found, sha, filterBy or {}),
    }


def _suites(found: Repository, sha: str, wanted: dict[str, Any]) -> dict[str, Any]:
    runs = [run for run in found.check_runs if run.head_sha == sha and wanted.get("appId", run.app.id) == run.app.id]

    def listed(info: Any, first: int = 10, filterBy: Any = None) -> Any:
        name = (filterBy or {}).get("checkName")
        return {"nodes": [_run(run) for run in reversed(runs) if name in (None, run.name)][:first]}

    return {"nodes": [{"checkRuns": listed}] if runs else []}


def _run(run: CheckRun) -> dict[str, Any]:
    return {
        "databaseId": run.id,
        "name": run.name,
        "status": run.status.upper(),
        "conclusion": run.conclusion.upper() if run.conclusion else None,
        "externalId": run.external_id,
        "annotations": lambda info, first=1: {"totalCount": len(run.annotations)},
    }


def _pull(state: State, who: Identity, found: Repository, pull: Pull) -> dict[str, Any]:
    tip = found.git.sha(f"refs/heads/{pull.base_ref}")
    mergeable, merge = found.test_merge(pull, tip) if pull.state == "open" and tip else ("UNKNOWN", None)
    threads = [one for one in found.comments if one.pull == pull.number]
    head = {"nameWithOwner": pull.head_repository} if pull.head_repository else None
    return {
        "number": pull.number,
        "state": pull.state.upper(),
        "baseRefName": pull.base_ref,
        "baseRef": {"target": {"__typename": "Commit", "oid": tip}} if tip else None,
        "headRefName": pull.head_ref,
        "headRefOid": pull.head_sha,
        "headRepository": head,
        "mergeable": mergeable,
        "potentialMergeCommit": _commit(found, merge) if merge else None,
        "reviewThreads": lambda info, first=10, after="": _page(
            [lambda one=one: _thread(state, who, found, pull, one) for one in threads], first, after
        ),
    }


def _thread(state: State, who: Identity, found: Repository, pull: Pull, one: Comment) -> dict[str, Any]:
    """GitHub moves a thread with its line, until that line changes: then it is outdated."""
    lines = _lines(found.git, one.commit, pull.head_sha, one.path)
    line = lines[one.line - 1] if one.line <= len(lines) else 0
    comment = {
        "id": f"PRRC_{one.id}",
        "body": one.body,
        "viewerDidAuthor": one.author == who.login,
        "isMinimized": bool(one.minimized),
    }
    return {
        "id": f"PRRT_{one.id}",
        "path": one.path,
        "line": line or None,
        "isOutdated": not line,
        "isResolved": one.resolved,
        "viewerCanResolve": state.contents_write and not one.resolved,
        "viewerCanUnresolve": state.contents_write and one.resolved,
        "comments": lambda info, first=1: {"nodes": [comment]},
    }


@lru_cache(maxsize=1000)
def _lines(git: BareRepository, commit: str, head: str, path: str) -> tuple[int, ...]:
    before, after = git.content(commit, path), git.content(head, path)
    return () if before is None or after is None else aligned(before, after)


def _found(state: State, node: str) -> Comment:
    for repository in state.repositories.values():
        for one in repository.comments:
            if node in (f"PRRC_{one.id}", f"PRRT_{one.id}"):
                return one
    raise GraphQLError(f"Could not resolve to a node with the global id of '{node}'", extensions={"type": "NOT_FOUND"})


def _mutation(state: State, who: Identity, may_write: bool, change: Callable[..., None]) -> Callable[..., Any]:
    def done(info: Any, input: dict[str, Any]) -> dict[str, Any]:
        if not may_write or state.refused_changes:
            raise GraphQLError("Resource not accessible by integration", extensions={"type": "FORBIDDEN"})
        change(state, who, **input)
        return {"clientMutationId": None}

    return done


def _update(state: State, who: Identity, pullRequestReviewCommentId: str, body: str) -> None:
    one = _found(state, pullRequestReviewCommentId)
    if one.author != who.login:
        raise GraphQLError("Resource not accessible by integration", extensions={"type": "FORBIDDEN"})
    one.edits.append(one.body)
    one.body = body


def _resolve(state: State, who: Identity, threadId: str, *, resolved: bool) -> None:
    if not state.contents_write:
        raise GraphQLError("Resource not accessible by integration", extensions={"type": "FORBIDDEN"})
    _found(state, threadId).resolved = resolved


def _minimize(state: State, who: Identity, subjectId: str, classifier: str = "") -> None:
    _found(state, subjectId).minimized = classifier


_CHANGES: dict[str, Callable[..., None]] = {
    "updatePullRequestReviewComment": _update,
    "resolveReviewThread": lambda state, who, **given: _resolve(state, who, resolved=True, **given),
    "unresolveReviewThread": lambda state, who, **given: _resolve(state, who, resolved=False, **given),
    "minimizeComment": _minimize,
    "unminimizeComment": _minimize,
}
