"""What the App asks of GitHub: its permissions and events, each with the reason; and the manifest made of them.

GitHub: "Registering a GitHub App from a manifest" (docs.github.com), "Permissions required for GitHub Apps".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

PERMISSIONS: Final[Mapping[str, str]] = {
    "checks": "write",  # the check run, and its re-run button
    "contents": "read",  # policies and manifests, and pushes to base branches
    "metadata": "read",  # GitHub gives it to every App
    "pull_requests": "write",  # review comments, and commands in them
}
EVENTS: Final = ("pull_request", "pull_request_review_comment", "push", "repository")
"""Events of check runs, check suites and installations come to every App without being asked for."""


@dataclass(frozen=True, slots=True)
class Extra:
    """An event that only some want, with the permission to read to which GitHub ties it."""

    event: str
    permission: str


MERGE_QUEUE: Final = Extra("merge_group", "merge_queues")
CONVERSATION: Final = Extra("issue_comment", "issues")
"""Comments in the conversation of a pull request are those of an issue to GitHub: it refuses an App with this event and
without this permission ("Default events are not supported by permissions")."""

EXTRAS: Final[Mapping[str, Extra]] = {"merge_queue": MERGE_QUEUE, "conversation": CONVERSATION}
"""By the options that ask for them."""

_DESCRIPTION: Final = (
    "Gives a pull request the answer that the cluster would give: Kyverno policies on changed manifests."
)


class ManifestError(Exception):
    """The App cannot be described so; ``str()`` says what is wrong and what to give."""


@dataclass(frozen=True, slots=True)
class AppManifest:
    """What the person who registers the App decides. ``url`` is where GitHub reaches the service."""

    name: str
    url: str
    extras: tuple[Extra, ...] = ()

    def document(self, redirect_url: str) -> dict[str, Any]:
        """The manifest as GitHub's form takes it; raises ManifestError."""
        events, permissions = list(EVENTS), dict(PERMISSIONS)
        for extra in self.extras:
            events.append(extra.event)
            permissions[extra.permission] = "read"
        return {
            "name": self._name(),
            "url": self._address(),
            "description": _DESCRIPTION,
            "hook_attributes": {"url": f"{self._address()}/webhook", "active": True},
            "redirect_url": redirect_url,
            "public": False,
            "default_events": sorted(events),
            "default_permissions": permissions,
        }

    def _name(self) -> str:
        if not 0 < len(self.name) <= 34:
            raise ManifestError("the App's name needs 1 to 34 characters; give another with --name")
        return self.name

    def _address(self) -> str:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ManifestError(f"{self.url!r} is no address like https://preadmit.example.com")
        if parts.username or parts.password:
            raise ManifestError("the service's address must not hold a user or a password")
        return self.url.rstrip("/").removesuffix("/webhook")


def web_address(api_url: str) -> str:
    """Where people see the GitHub whose API stands at ``api_url``.

    ``https://HOST/api/v3`` is an Enterprise Server's, ``https://api.HOST`` GitHub's own or one with data residency.
    """
    parts = urlsplit(api_url)
    if parts.path.rstrip("/") == "/api/v3":
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
