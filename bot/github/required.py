"""Which checks GitHub requires before a merge into the default branch of each repository, and from which App.

Rulesets tell it to whom may read metadata (page "REST API endpoints for rules"), a protected branch to whom may read
contents (page "REST API endpoints for branches"); neither needs the right to administer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from bot.github.auth import App
from bot.github.client import Client, GitHubError, segment

MOST_REPOSITORIES: Final = 20
"""Looked at, by two requests each."""

_ANY: Final = -1
"""GitHub's number for no App in particular, where it does not leave it out."""


def required_checks(app: App, installations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of each repository ``repository``, ``branch`` and ``checks``: objects of ``context`` and ``app``, its id or None.

    Archived repositories are left out, and what is beyond the bound. Raises GitHubError.
    """
    found: list[Mapping[str, Any]] = []
    for installation in installations:
        if installation.get("suspended_at") or len(found) >= MOST_REPOSITORIES:
            continue
        client = app.client(int(installation["id"]))
        try:
            found += islice(_of_installation(client), MOST_REPOSITORIES - len(found))
        finally:
            client.close()
    return found


def _of_installation(client: Client) -> Iterator[Mapping[str, Any]]:
    for one in client.pages("/installation/repositories", "repositories"):
        if not one.get("archived") and not one.get("disabled"):
            name, branch = str(one["full_name"]), str(one["default_branch"])
            checks = [*_by_rulesets(client, name, branch), *_by_protection(client, name, branch)]
            yield {"repository": name, "branch": branch, "checks": checks}


def _by_rulesets(client: Client, repository: str, branch: str) -> Iterator[Mapping[str, Any]]:
    for rule in client.pages(f"/repos/{repository}/rules/branches/{segment(branch)}"):
        if rule.get("type") == "required_status_checks":
            for check in (rule.get("parameters") or {}).get("required_status_checks") or ():
                yield _check(check.get("context"), check.get("integration_id"))


def _by_protection(client: Client, repository: str, branch: str) -> Iterator[Mapping[str, Any]]:
    try:
        found = client.get(f"/repos/{repository}/branches/{segment(branch)}")
    except GitHubError as missing:
        if missing.status == 404:
            return  # nothing was ever pushed
        raise
    required = (found.get("protection") or {}).get("required_status_checks") or {}
    for check in required.get("checks") or ():
        yield _check(check.get("context"), check.get("app_id"))


def _check(context: object, app: object) -> Mapping[str, Any]:
    return {"context": str(context), "app": None if app == _ANY else app}
