"""The fake's GraphQL for lists of open pull requests, in a schema of the part of GitHub's that is asked."""

from __future__ import annotations

from typing import Any

from graphql import build_schema, graphql_sync

from tests.fake_github import routes
from tests.fake_github.routes import Call
from tests.fake_github.state import Pull, RefusedError, Repository

_SCHEMA = build_schema("""
scalar GitObjectID
scalar DateTime
enum PullRequestState { OPEN CLOSED MERGED }
type Query { repository(owner: String!, name: String!): Repository }
type Repository {
  pullRequests(states: [PullRequestState!], baseRefName: String, first: Int, after: String): PullRequestConnection!
}
type PageInfo { hasNextPage: Boolean! endCursor: String }
type PullRequestConnection { nodes: [PullRequest] pageInfo: PageInfo! }
type PullRequest {
  number: Int! baseRefName: String! headRefOid: GitObjectID! updatedAt: DateTime!
  commits(last: Int): PullRequestCommitConnection!
}
type PullRequestCommitConnection { nodes: [PullRequestCommit] }
type PullRequestCommit { commit: Commit! }
input CheckSuiteFilter { appId: Int checkName: String }
type Commit { checkSuites(first: Int, filterBy: CheckSuiteFilter): CheckSuiteConnection }
type CheckSuiteConnection { nodes: [CheckSuite] }
type CheckSuite { checkRuns(first: Int): CheckRunConnection }
type CheckRunConnection { nodes: [CheckRun] }
type CheckRun { name: String! status: String! conclusion: String }
""")


def graphql(call: Call) -> tuple[int, Any]:
    """Lists of pull requests here, everything else where it was."""
    if "pullRequests(" not in call.body["query"]:
        return routes.graphql(call)

    def repository(info: Any, owner: str, name: str) -> Any:
        try:
            found = call.state.find(owner, name)
        except RefusedError:
            return None
        return {"pullRequests": lambda info, **asked: _listed(found, **asked)}

    done = graphql_sync(_SCHEMA, call.body["query"], {"repository": repository}, variable_values=call.body["variables"])
    assert not done.errors, done.errors
    return 200, {"data": done.data}


def _listed(
    found: Repository, states: list[str], first: int, baseRefName: str | None = None, after: str | None = None
) -> dict[str, Any]:
    wanted = [p for p in found.pulls.values() if p.state.upper() in states and baseRefName in (None, p.base_ref)]
    start = int(after or 0)
    info = {"hasNextPage": start + first < len(wanted), "endCursor": str(start + first)}
    return {"nodes": [_pull(found, one) for one in wanted[start : start + first]], "pageInfo": info}


def _pull(found: Repository, pull: Pull) -> dict[str, Any]:
    def suites(info: Any, first: int, filterBy: dict[str, Any]) -> dict[str, Any]:
        runs = [one for one in found.check_runs if one.head_sha == pull.head_sha and one.app.id == filterBy["appId"]]
        listed = [
            {"name": run.name, "status": run.status.upper(), "conclusion": (run.conclusion or "").upper() or None}
            for run in runs
        ]
        return {"nodes": [{"checkRuns": {"nodes": listed}}] if runs else []}

    return {
        "number": pull.number,
        "baseRefName": pull.base_ref,
        "headRefOid": pull.head_sha,
        "updatedAt": pull.updated,
        "commits": {"nodes": [{"commit": {"checkSuites": suites}}]},
    }
