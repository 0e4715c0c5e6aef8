"""What each address of the fake does, with GitHub's rules: rights, limits, and refusals in its words."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.fake_github import shapes
from tests.fake_github.graphql import answer
from tests.fake_github.repository import lines_of
from tests.fake_github.state import CheckRun, Comment, Identity, RefusedError, Repository, State

MAX_TEXT = 65_535
MAX_COMMENT = 65_536
MAX_ANNOTATIONS = 50
MAX_FILES = 3_000


@dataclass(frozen=True)
class Call:
    """A request whose sender is known (None for an App's JWT); ``headers`` are those of the answer."""

    state: State
    who: Identity | None
    may_write: bool
    query: dict[str, str]
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    def page(self, items: list[Any]) -> list[Any]:
        """The asked-for page."""
        size, number = int(self.query.get("per_page", 30)), int(self.query.get("page", 1))
        return items[(number - 1) * min(size, 100) :][: min(size, 100)]

    def write(self) -> Identity:
        """The sender, when it may write."""
        if self.who is None or not self.may_write:
            raise RefusedError(403, "Resource not accessible by integration")
        return self.who


def access_token(call: Call, installation: str) -> tuple[int, Any]:
    if call.who is not None:
        raise RefusedError(401, "A JSON web token could not be decoded")
    token, ends = call.state.issue_token()
    return 201, {"token": token, "expires_at": datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def tree(call: Call, found: Repository, name: str) -> tuple[int, Any]:
    recursive = "recursive" in call.query
    sha, entries = found.git.tree(name, recursive=recursive)
    most = call.state.most_entries
    rows = [
        {"path": e.path, "mode": e.mode, "type": e.type, "sha": e.sha} | ({} if e.size is None else {"size": e.size})
        for e in entries[:most]
    ]
    url = f"{call.state.url}/repos/{found.full_name}/git/trees/{sha}"
    return 200, {"sha": sha, "url": url, "tree": rows, "truncated": len(entries) > most}


def blob(call: Call, found: Repository, sha: str) -> tuple[int, Any]:
    content = found.git.blob(sha)
    return 200, {
        "sha": sha,
        "node_id": "B_1",
        "size": len(content),
        "url": f"{call.state.url}/repos/{found.full_name}/git/blobs/{sha}",
        "content": base64.encodebytes(content).decode(),
        "encoding": "base64",
    }


def compare(call: Call, found: Repository, sides: str) -> tuple[int, Any]:
    base, head = (found.git.sha(side) for side in sides.split("..."))
    if base is None or head is None:
        raise RefusedError(404, "Not Found")
    try:
        fork = found.git.line("merge-base", base, head)
    except KeyError:
        raise RefusedError(404, f"No common ancestor between {base} and {head}.") from None
    ahead = found.git.line("rev-list", f"{base}..{head}").split()
    behind = found.git.line("rev-list", f"{head}..{base}").split()
    url = f"{call.state.url}/repos/{found.full_name}/compare/{sides}"
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind", (True, True): "diverged"}
    names = ("url", "html_url", "permalink_url", "diff_url", "patch_url")
    return 200, dict.fromkeys(names, url) | {
        "base_commit": shapes.commit(call.state.url, found, base),
        "merge_base_commit": shapes.commit(call.state.url, found, fork),
        "status": status[bool(ahead), bool(behind)],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [shapes.commit(call.state.url, found, sha) for sha in call.page(ahead[::-1])],
    }


def branch_rules(call: Call, found: Repository, name: str) -> tuple[int, Any]:
    ruleset = {"ruleset_source_type": "Repository", "ruleset_source": found.full_name, "ruleset_id": 1}
    parameters = {"required_status_checks": found.required, "strict_required_status_checks_policy": False}
    required = {"type": "required_status_checks", "parameters": parameters}
    rules: list[dict[str, Any]] = [{"type": "deletion"}, *[required] * bool(found.required)]
    return 200, call.page([rule | ruleset for rule in rules] if name == "main" else [])


def branch(call: Call, found: Repository, name: str) -> tuple[int, Any]:
    sha = found.git.sha(name)
    if sha is None:
        raise RefusedError(404, "Branch not found")
    return 200, shapes.branch(call.state.url, found, name, sha)


def pull(call: Call, found: Repository, number: str) -> tuple[int, Any]:
    one = found.pulls.get(int(number))
    if one is None:
        raise RefusedError(404, "Not Found")
    return 200, shapes.pull(call.state.url, found, one)


def pull_files(call: Call, found: Repository, number: str) -> tuple[int, Any]:
    one = found.pulls[int(number)]
    fork = found.git.line("merge-base", found.git.sha(one.base_ref) or "", one.head_sha)
    rows = []
    for changed in call.page(found.git.differences(fork, one.head_sha)[:MAX_FILES]):
        row = shapes.pull_file(call.state.url, found, one.head_sha, changed)
        rows.append(row if changed.path in found.unshown else row | {"patch": changed.patch})
    return 200, rows


def commit_pulls(call: Call, found: Repository, sha: str) -> tuple[int, Any]:
    ours = [one for one in found.pulls.values() if one.head_sha == sha and one.head_repository == found.full_name]
    return 200, call.page([shapes.pull(call.state.url, found, one) for one in ours])


def commit_check_runs(call: Call, found: Repository, ref: str) -> tuple[int, Any]:
    sha = found.git.sha(ref)
    if sha is None:
        raise RefusedError(422, f"No commit found for SHA: {ref}")
    wanted = [
        run
        for run in reversed(found.check_runs)
        if run.head_sha == sha
        and call.query.get("check_name", run.name) == run.name
        and call.query.get("app_id", str(run.app.id)) == str(run.app.id)
    ]
    listed = [shapes.check_run(call.state.url, found, run) for run in call.page(wanted)]
    return 200, {"total_count": len(wanted), "check_runs": listed}


def create_check_run(call: Call, found: Repository) -> tuple[int, Any]:
    who = call.write()
    if found.git.sha(call.body["head_sha"]) is None:
        raise RefusedError(422, f"No commit found for SHA: {call.body['head_sha']}")
    run = CheckRun(next(call.state.ids), call.body["name"], call.body["head_sha"], who)
    _change(run, call.body)
    found.check_runs.append(run)
    return 201, shapes.check_run(call.state.url, found, run)


def update_check_run(call: Call, found: Repository, run_id: str) -> tuple[int, Any]:
    who = call.write()
    run = _run(found, run_id)
    if run.app != who:
        raise RefusedError(
            403, f"Invalid app_id `{who.id}` - check run can only be modified by the GitHub App that created it."
        )
    _change(run, call.body)
    return 200, shapes.check_run(call.state.url, found, run)


def annotations(call: Call, found: Repository, run_id: str) -> tuple[int, Any]:
    kept = _run(found, run_id).annotations
    empty = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    href = f"https://github.com/{found.full_name}/blob"
    return 200, call.page([empty | one | {"blob_href": href} for one in kept])


def _run(found: Repository, run_id: str) -> CheckRun:
    for run in found.check_runs:
        if str(run.id) == run_id:
            return run
    raise RefusedError(404, "Not Found")


def _change(run: CheckRun, body: dict[str, Any]) -> None:
    output = body.get("output")
    if output is not None:
        _check_output(output)
    if body.get("status") == "completed" and "conclusion" not in body:
        raise RefusedError(422, "Invalid request. conclusion is required when status is completed")
    run.history.append(body)
    for name in ("status", "conclusion", "external_id", "started_at", "completed_at", "name"):
        if name in body:
            setattr(run, name, body[name])
    if body.get("status") in ("queued", "in_progress"):
        run.conclusion = run.completed_at = None
    if output is not None:
        run.title, run.summary = output["title"], output["summary"]
        run.text = output.get("text", run.text)
        run.annotations += output.get("annotations", [])


def _check_output(output: dict[str, Any]) -> None:
    for name in ("summary", "text"):
        if len(output.get(name) or "") > MAX_TEXT:
            raise RefusedError(422, f"Invalid request. Only {MAX_TEXT} characters are allowed; {name} is too long.")
    given = output.get("annotations", [])
    if len(given) > MAX_ANNOTATIONS:
        raise RefusedError(422, f"Invalid request. No more than {MAX_ANNOTATIONS} items are allowed.")
    for one in given:
        if len(one["message"].encode()) > 64 * 1024 or len(one.get("title") or "") > 255:
            raise RefusedError(422, "Invalid request. An annotation is too long.")
        if not one["path"] or one["start_line"] < 1 or one["end_line"] < one["start_line"]:
            raise RefusedError(422, "Invalid request. An annotation has no place.")


def list_comments(call: Call, found: Repository, number: str) -> tuple[int, Any]:
    ours = [one for one in found.comments if one.pull == int(number)]
    return 200, call.page([shapes.comment(call.state.url, found, one) for one in ours])


def permission(call: Call, found: Repository, login: str) -> tuple[int, Any]:
    level = found.permissions.get(login)
    if level is None:
        raise RefusedError(404, f"{login} is not a user")
    return 200, {"permission": level, "role_name": level, "user": shapes.collaborator(call.state.url, login, level)}


def list_issue_comments(call: Call, found: Repository, number: str) -> tuple[int, Any]:
    since = call.query.get("since", "")
    ours = [one for one in found.issue_comments if one["issue_url"].endswith(f"/issues/{number}")]
    return 200, call.page([one for one in ours if one["updated_at"] >= since])


def create_issue_comment(call: Call, found: Repository, number: str) -> tuple[int, Any]:
    who = call.write()
    if int(number) not in found.pulls:
        raise RefusedError(404, "Not Found")
    _check_body(call.body["body"])
    made = shapes.issue_comment(call.state.url, found, int(number), next(call.state.ids), who, call.body["body"])
    found.issue_comments.append(made)
    return 201, made


def create_review(call: Call, found: Repository, number: str) -> tuple[int, Any]:
    who = call.write()
    one = found.pulls.get(int(number))
    if one is None:
        raise RefusedError(404, "Not Found")
    body, commit = call.body, call.body.get("commit_id", one.head_sha)
    if body.get("event") == "COMMENT" and not body.get("body"):
        raise RefusedError(422, "Unprocessable Entity", ["Body can't be blank"])
    _check_body(body.get("body", ""))
    base = found.git.sha(one.base_ref)
    assert base
    changed = found.git.differences(found.git.line("merge-base", base, commit), commit)
    shown = {one.path: lines_of(one.patch) for one in changed[:MAX_FILES] if one.path not in found.unshown}
    for comment in body.get("comments", ()):
        _check_body(comment["body"])
        lines = shown.get(comment["path"], set())
        if not {comment["line"], comment.get("start_line", comment["line"])} <= lines:
            raise RefusedError(422, "Unprocessable Entity", ["Line could not be resolved"])
    review_id = next(call.state.ids)
    made = shapes.review(call.state.url, found, one.number, review_id, who.login, commit, body.get("body", ""))
    found.reviews.append(made)
    for comment in body.get("comments", ()):
        place = comment["path"], comment["line"], comment["body"], comment.get("start_line")
        found.comments.append(Comment(next(call.state.ids), review_id, one.number, who.login, commit, *place))
    return 200, made


def _check_body(text: str) -> None:
    if len(text) > MAX_COMMENT:
        raise RefusedError(422, "Unprocessable Entity", [f"Body is too long (maximum is {MAX_COMMENT} characters)"])


def graphql(call: Call) -> tuple[int, Any]:
    if call.who is None:
        raise RefusedError(401, "Bad credentials")
    return 200, answer(call.state, call.who, call.may_write, call.body)
