"""The fake's answers in GitHub's shapes; the OpenAPI description holds them to what GitHub really sends."""

from __future__ import annotations

from typing import Any

from tests.fake_github.repository import Difference
from tests.fake_github.state import MOMENT, CheckRun, Comment, Identity, Pull, Repository


def _words(text: str) -> list[str]:
    return text.split()


_REPOSITORY_URLS = _words(
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments "
    "downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels "
    "languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags "
    "teams trees"
)
_USER_URLS = _words("followers following gists starred subscriptions organizations repos events received_events")


def user(url: str, login: str) -> dict[str, Any]:
    """A simple user; the Apps' end in ``[bot]``."""
    links = {f"{name}_url": f"{url}/users/{login}/{name}" for name in _USER_URLS}
    return links | {
        "login": login,
        "id": sum(login.encode()),
        "node_id": "U_1",
        "avatar_url": f"{url}/avatar",
        "gravatar_id": "",
        "url": f"{url}/users/{login}",
        "html_url": f"{url}/{login}",
        "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False,
    }


def app(url: str, identity: Identity) -> dict[str, Any]:
    """An integration."""
    return {
        "id": identity.id,
        "slug": identity.slug,
        "node_id": "A_1",
        "owner": user(url, "octo"),
        "name": identity.slug,
        "description": "",
        "external_url": "https://example.com",
        "html_url": f"https://github.com/apps/{identity.slug}",
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "permissions": {"checks": "write", "contents": "read", "metadata": "read"},
        "events": ["pull_request"],
    }


def repository(url: str, found: Repository) -> dict[str, Any]:
    """A full repository."""
    owner, name = found.full_name.split("/")
    api = f"{url}/repos/{found.full_name}"
    web = f"https://github.com/{found.full_name}"
    links = {f"{word}_url": f"{api}/{word}" for word in _REPOSITORY_URLS}
    flags = _words("has_downloads has_issues has_projects has_wiki has_pages archived disabled fork")
    counts = _words("forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count")
    return {
        **links,
        **dict.fromkeys(flags, False),
        **dict.fromkeys(counts, 0),
        "id": found.id,
        "node_id": "R_1",
        "name": name,
        "full_name": found.full_name,
        "owner": user(url, owner),
        "private": found.private,
        "html_url": web,
        "description": None,
        "url": api,
        "clone_url": f"{web}.git",
        "git_url": f"git://github.com/{found.full_name}.git",
        "ssh_url": f"git@github.com:{found.full_name}.git",
        "svn_url": web,
        "default_branch": found.git.default_branch,
        "homepage": None,
        "language": None,
        "mirror_url": None,
        "license": None,
        "pushed_at": MOMENT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }


def pull(url: str, found: Repository, one: Pull) -> dict[str, Any]:
    """A pull request, with what only the single one has."""
    api = f"{url}/repos/{found.full_name}/pulls/{one.number}"
    issue = f"{url}/repos/{found.full_name}/issues/{one.number}"
    owner = found.full_name.split("/")[0]
    author = user(url, (one.head_repository or found.full_name).split("/")[0])
    links = {"self": api, "html": api, "issue": issue, "comments": f"{issue}/comments", "statuses": f"{api}/statuses"}
    links |= {"commits": f"{api}/commits", "review_comments": f"{api}/comments", "review_comment": f"{api}/comments"}
    empty = _words("body closed_at merged_at merge_commit_sha milestone assignee auto_merge mergeable merged_by")
    counts = _words("comments review_comments commits additions deletions changed_files")
    head_repository = None
    if one.head_repository == found.full_name:
        head_repository = repository(url, found)
    elif one.head_repository is not None:
        head_repository = repository(url, Repository(1, one.head_repository, found.git))
    return {
        **dict.fromkeys(empty),
        **dict.fromkeys(counts, 1),
        "url": api,
        "id": one.number,
        "node_id": "PR_1",
        "html_url": f"https://github.com/{found.full_name}/pull/{one.number}",
        "diff_url": f"{api}.diff",
        "patch_url": f"{api}.patch",
        "issue_url": issue,
        "commits_url": f"{api}/commits",
        "review_comments_url": f"{api}/comments",
        "review_comment_url": f"{api}/comments",
        "comments_url": f"{issue}/comments",
        "statuses_url": f"{api}/statuses",
        "number": one.number,
        "state": one.state,
        "draft": one.draft,
        "locked": False,
        "title": "change",
        "user": author,
        "labels": [],
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "author_association": "CONTRIBUTOR",
        "merged": False,
        "mergeable_state": "unknown",
        "maintainer_can_modify": False,
        "_links": {name: {"href": href} for name, href in links.items()},
        "head": {
            "label": f"{author['login']}:{one.head_ref}",
            "ref": one.head_ref,
            "sha": one.head_sha,
            "repo": head_repository,
            "user": author,
        },
        "base": {
            "label": f"{owner}:{one.base_ref}",
            "ref": one.base_ref,
            "sha": found.git.sha(one.base_ref),
            "repo": repository(url, found),
            "user": user(url, owner),
        },
    }


def check_run(url: str, found: Repository, run: CheckRun) -> dict[str, Any]:
    """A check run."""
    api = f"{url}/repos/{found.full_name}/check-runs/{run.id}"
    return {
        "id": run.id,
        "node_id": "CR_1",
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": api,
        "html_url": f"https://github.com/{found.full_name}/runs/{run.id}",
        "details_url": "https://example.com",
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "name": run.name,
        "check_suite": {"id": run.app.id},
        "app": app(url, run.app),
        "pull_requests": [],
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{api}/annotations",
        },
    }


def review(
    url: str, found: Repository, number: int, review_id: int, author: str, commit: str, body: str
) -> dict[str, Any]:
    """A submitted review."""
    api = f"{url}/repos/{found.full_name}/pulls/{number}"
    return {
        "id": review_id,
        "node_id": "PRR_1",
        "user": user(url, author),
        "body": body,
        "state": "COMMENTED",
        "html_url": f"{api}#pullrequestreview-{review_id}",
        "pull_request_url": api,
        "_links": {"html": {"href": api}, "pull_request": {"href": api}},
        "submitted_at": MOMENT,
        "commit_id": commit,
        "author_association": "NONE",
    }


def comment(url: str, found: Repository, one: Comment) -> dict[str, Any]:
    """A review comment."""
    api = f"{url}/repos/{found.full_name}/pulls/comments/{one.id}"
    parent = f"{url}/repos/{found.full_name}/pulls/{one.pull}"
    return {
        "url": api,
        "pull_request_review_id": one.review,
        "id": one.id,
        "node_id": "PRRC_1",
        "diff_hunk": "@@ -1 +1 @@",
        "path": one.path,
        "commit_id": one.commit,
        "original_commit_id": one.commit,
        "user": user(url, one.author),
        "body": one.body,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "html_url": f"{parent}#discussion_r{one.id}",
        "pull_request_url": parent,
        "author_association": "NONE",
        "_links": {"self": {"href": api}, "html": {"href": parent}, "pull_request": {"href": parent}},
        "line": one.line,
        "side": "RIGHT",
    }


def branch(url: str, found: Repository, name: str, sha: str) -> dict[str, Any]:
    """A branch with what protects it."""
    address = f"{url}/repos/{found.full_name}/branches/{name}"
    required = {"contexts": [one["context"] for one in found.protected], "checks": found.protected}
    protection: dict[str, Any] = {"enabled": bool(found.protected), "required_status_checks": required}
    return {
        "name": name,
        "commit": commit(url, found, sha),
        "_links": {"self": address, "html": address},
        "protected": bool(found.protected),
        "protection": protection,
        "protection_url": f"{address}/protection",
    }


def commit(url: str, found: Repository, sha: str) -> dict[str, Any]:
    """A commit."""
    api = f"{url}/repos/{found.full_name}/commits"
    git = found.git
    person = {"name": "Octo", "email": "octo@example.com", "date": MOMENT}
    parents = git.line("rev-list", "--parents", "-n", "1", sha).split()[1:]
    tree = git.line("rev-parse", f"{sha}^{{tree}}")
    return {
        "url": f"{api}/{sha}",
        "sha": sha,
        "node_id": "C_1",
        "html_url": f"{api}/{sha}",
        "comments_url": f"{api}/{sha}/comments",
        "author": None,
        "committer": None,
        "parents": [{"sha": parent, "url": f"{api}/{parent}"} for parent in parents],
        "commit": {
            "url": f"{api}/{sha}",
            "author": person,
            "committer": person,
            "message": "change",
            "comment_count": 0,
            "tree": {"sha": tree, "url": f"{api}/{tree}"},
        },
    }


def collaborator(url: str, login: str, level: str) -> dict[str, Any]:
    """A user with what they may do in a repository."""
    return user(url, login) | {"role_name": level}


def issue_comment(
    url: str, found: Repository, number: int, comment_id: int, who: Identity, body: str
) -> dict[str, Any]:
    """A comment on a pull request as a whole, by an App."""
    api = f"{url}/repos/{found.full_name}/issues"
    return {
        "id": comment_id,
        "node_id": "IC_1",
        "url": f"{api}/comments/{comment_id}",
        "html_url": f"https://github.com/{found.full_name}/pull/{number}#issuecomment-{comment_id}",
        "issue_url": f"{api}/{number}",
        "body": body,
        "user": user(url, who.login),
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "author_association": "NONE",
        "performed_via_github_app": app(url, who),
    }


_CHANGES = {"A": "added", "D": "removed", "R": "renamed", "C": "copied"}


def pull_file(url: str, found: Repository, head: str, changed: Difference) -> dict[str, Any]:
    """A file of a pull request, without its patch."""
    made: dict[str, Any] = {
        "sha": changed.sha,
        "filename": changed.path,
        "status": _CHANGES.get(changed.letter, "modified"),
        "additions": 1,
        "deletions": 1,
        "changes": 2,
        "blob_url": f"https://github.com/{found.full_name}/blob/{head}/{changed.path}",
        "raw_url": f"https://github.com/{found.full_name}/raw/{head}/{changed.path}",
        "contents_url": f"{url}/repos/{found.full_name}/contents/{changed.path}?ref={head}",
    }
    return made if changed.old == changed.path else made | {"previous_filename": changed.old}
