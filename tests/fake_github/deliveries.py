"""Webhook deliveries as GitHub signs and sends them."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from typing import Any

from tests.fake_github import shapes
from tests.fake_github.state import MOMENT, CheckRun, Pull, Repository, State

SECRET = "It's a Secret to Everybody"
INSTALLATION = 99


def headers(event: str, body: bytes, secret: str = SECRET, delivery: str = "") -> dict[str, str]:
    """The headers of a delivery."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/1234567",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }


def pull_request(
    state: State, repository: Repository, pull: Pull, action: str = "opened", **more: Any
) -> dict[str, Any]:
    """The payload of a ``pull_request`` event."""
    return common(state, repository) | {
        "action": action,
        "number": pull.number,
        "pull_request": shapes.pull(state.url, repository, pull),
        **more,
    }


def check_run(state: State, repository: Repository, run: CheckRun) -> dict[str, Any]:
    """The payload of ``check_run.rerequested``, which for a fork names no pull request."""
    return common(state, repository) | {
        "action": "rerequested",
        "check_run": shapes.check_run(state.url, repository, run),
    }


def requested_action(state: State, repository: Repository, run: CheckRun, identifier: str) -> dict[str, Any]:
    """The payload of a button of a check run that was pressed."""
    pressed = {"action": "requested_action", "requested_action": {"identifier": identifier}}
    return check_run(state, repository, run) | pressed


def issue_comment(state: State, repository: Repository, pull: Pull, body: str, sender: str) -> dict[str, Any]:
    """The payload of ``issue_comment.created`` on a pull request."""
    api = f"{state.url}/repos/{repository.full_name}/pulls/{pull.number}"
    author = shapes.user(state.url, sender)
    written = {"id": next(state.ids), "body": body, "user": author, "created_at": MOMENT, "updated_at": MOMENT}
    issue = {"number": pull.number, "state": pull.state, "pull_request": {"url": api}}
    return common(state, repository) | {"action": "created", "issue": issue, "comment": written, "sender": author}


def check_suite(state: State, repository: Repository, head_sha: str) -> dict[str, Any]:
    """The payload of ``check_suite.rerequested``."""
    suite = {"id": 1, "head_sha": head_sha, "pull_requests": [], "app": shapes.app(state.url, state.app)}
    return common(state, repository) | {"action": "rerequested", "check_suite": suite}


def encode(payload: dict[str, Any]) -> bytes:
    """The body."""
    return json.dumps(payload).encode()


def common(state: State, repository: Repository) -> dict[str, Any]:
    """What every payload of an App has."""
    return {
        "repository": shapes.repository(state.url, repository),
        "installation": {"id": INSTALLATION, "node_id": "I_1"},
        "sender": shapes.user(state.url, "octo"),
    }
