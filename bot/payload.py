"""The fields of a webhook's payload, each held to what GitHub documents of it; UnexpectedError where it is not so."""

from __future__ import annotations

import re
from typing import Any, Final

_SHA: Final = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_LOGIN: Final = re.compile(r"[\w-]{1,100}(?:\[bot\])?", re.ASCII)


class UnexpectedError(Exception):
    """A payload without what GitHub documents; the text names it."""


def login_of(payload: dict[str, Any]) -> str:
    """The login of who caused the event."""
    found = text_of(object_of(payload, "sender"), "login")
    if not _LOGIN.fullmatch(found):
        raise UnexpectedError("the payload's sender has no name")
    return found


def object_of(payload: dict[str, Any], key: str) -> dict[str, Any]:
    """A field that is an object."""
    found = payload.get(key)
    if not isinstance(found, dict):
        raise UnexpectedError(f"the payload has no object {key!r}")
    return found


def text_of(payload: dict[str, Any], key: str) -> str:
    """A field that is a text, and not an empty one."""
    found = payload.get(key)
    if not isinstance(found, str) or not found:
        raise UnexpectedError(f"the payload has no text {key!r}")
    return found


def number_of(payload: dict[str, Any], key: str) -> int:
    """A field that is a whole number above 0."""
    found = payload.get(key)
    if type(found) is not int or found <= 0:
        raise UnexpectedError(f"the payload has no number {key!r}")
    return found


def sha_of(payload: dict[str, Any], key: str = "sha") -> str:
    """A field that names a commit."""
    found = text_of(payload, key)
    if not _SHA.fullmatch(found):
        raise UnexpectedError(f"the payload's {key!r} names no commit")
    return found


def full_name_of(repository: dict[str, Any]) -> str:
    """A repository as ``owner/name``: safe as part of a path."""
    found = text_of(repository, "full_name")
    if not _REPOSITORY.fullmatch(found) or any(part in (".", "..") for part in found.split("/")):
        raise UnexpectedError("the payload's repository has no name")
    return found


def repository_of(payload: dict[str, Any]) -> str:
    """The payload's own repository, as ``owner/name``."""
    return full_name_of(object_of(payload, "repository"))


def installation_of(payload: dict[str, Any]) -> int:
    """GitHub adds the installation to what it sends to an App, and not to a repository's own webhook."""
    if not isinstance(payload.get("installation"), dict):
        raise UnexpectedError("the payload names no installation: the webhook must be that of a GitHub App")
    return number_of(payload["installation"], "id")
