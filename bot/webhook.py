"""A webhook delivery, judged by its headers and body alone: pure, without network or clock.

``parse`` says what a delivery means: a ``Job``, nothing to do (``Ignored``), or not to be trusted (``Refused``).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MAX_BYTES: Final = 25 * 1024 * 1024
"""GitHub sends no larger payload (docs: webhook events and payloads)."""

CHECK_PREFIX: Final = "preadmit: "
"""A check run is named by this and the base branch: a verdict belongs to a head *and* what it is merged into."""

_JUDGED: Final = {"opened", "reopened", "synchronize", "ready_for_review"}
_SHA: Final = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_DELIVERY: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_EXTERNAL: Final = re.compile(r"pull/(\d{1,12})(?: |$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Job:
    """A pull request to judge, as the delivery named it.

    ``number`` is None and ``base_ref`` empty where a re-request does not tell them (GitHub names no pull requests of
    forks): the worker looks them up. ``afresh`` resets a check run that is complete to in progress.
    ``head_repository`` is empty when the fork was deleted.
    """

    delivery: str
    installation: int
    repository: str
    head_sha: str
    number: int | None = None
    base_ref: str = ""
    base_sha: str = ""
    head_ref: str = ""
    head_repository: str = ""
    default_branch: str = ""
    event: str = ""
    afresh: bool = False

    @property
    def check_name(self) -> str:
        """The name of the check run."""
        return CHECK_PREFIX + self.base_ref


@dataclass(frozen=True, slots=True)
class Ignored:
    """A genuine delivery that asks for no work."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A delivery that is not GitHub's, or that cannot be read; ``status`` is HTTP's."""

    status: int
    reason: str


class _UnexpectedError(Exception):
    """A payload without what GitHub documents; the text names it."""


def parse(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], app_id: int | None = None
) -> Job | Ignored | Refused:
    """Judge a delivery. Any of ``secrets`` may have signed it; ``app_id`` is our App, whose re-requests count."""
    given = {name.lower(): value for name, value in headers.items()}
    if len(body) > MAX_BYTES:
        return Refused(413, "the payload is larger than 25 MB")
    if not is_signed(given.get("x-hub-signature-256", ""), body, secrets):
        return Refused(401, "the signature is missing or wrong")
    if given.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return Refused(415, "set the webhook's content type to application/json")
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return Refused(400, "the payload is no JSON")
    if not isinstance(payload, dict):
        return Refused(400, "the payload is no object")
    try:
        return _event(given.get("x-github-event", ""), given.get("x-github-delivery", ""), payload, app_id)
    except _UnexpectedError as missing:
        return Refused(400, str(missing))


def is_signed(signature: str, body: bytes, secrets: Sequence[str]) -> bool:
    """True when one of the secrets made the signature; takes as long whichever it is, and whether or not."""
    found = False
    for secret in secrets:
        made = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        found |= bool(secret) and hmac.compare_digest(made.encode(), signature.encode("utf-8", "replace"))
    return found


def external_number(external_id: str) -> int | None:
    """The pull request that a check run of ours was made for."""
    found = _EXTERNAL.match(external_id)
    return int(found[1]) if found else None


def _event(event: str, delivery: str, payload: dict[str, Any], app_id: int | None) -> Job | Ignored | Refused:
    if not _DELIVERY.fullmatch(delivery):
        return Refused(400, "the delivery has no id")
    action = payload.get("action")
    match event, action:
        case "ping", _:
            return Ignored("pong")
        case "pull_request", str() if action in _JUDGED or (action == "edited" and _base_changed(payload)):
            return _pull_request(delivery, payload, f"{event}.{action}")
        case "check_run", "rerequested":
            return _check_run(delivery, payload, app_id)
        case "check_suite", "rerequested":
            return _check_suite(delivery, payload, app_id)
        case "push", _:
            return Ignored(_push(payload))
        case _:
            return Ignored(f"nothing to do for {event[:50]}{f'.{action[:50]}' if isinstance(action, str) else ''}")


def _base_changed(payload: dict[str, Any]) -> bool:
    changes = payload.get("changes")
    return isinstance(changes, dict) and "base" in changes


def _pull_request(delivery: str, payload: dict[str, Any], event: str) -> Job | Ignored:
    pull = _object(payload, "pull_request")
    if pull.get("state") == "closed":
        return Ignored("the pull request is closed")
    head, base = _object(pull, "head"), _object(pull, "base")
    fork = head.get("repo")
    return Job(
        delivery=delivery,
        installation=_installation(payload),
        repository=_repository(payload),
        head_sha=_sha(head),
        number=_number(pull, "number"),
        base_ref=_text(base, "ref"),
        base_sha=_sha(base),
        head_ref=_text(head, "ref"),
        head_repository=_full_name(fork) if isinstance(fork, dict) else "",
        default_branch=_text(_object(payload, "repository"), "default_branch"),
        event=event,
        afresh=event in ("pull_request.edited", "pull_request.reopened"),
    )


def _check_run(delivery: str, payload: dict[str, Any], app_id: int | None) -> Job | Ignored:
    run = _object(payload, "check_run")
    if not _is_ours(run, app_id):
        return Ignored("the check run is another App's")
    name = _text(run, "name")
    if not name.startswith(CHECK_PREFIX):
        return Ignored("the check run has no name that this bot gives")
    return Job(
        delivery=delivery,
        installation=_installation(payload),
        repository=_repository(payload),
        head_sha=_sha(run, "head_sha"),
        number=external_number(str(run.get("external_id") or "")),
        base_ref=name.removeprefix(CHECK_PREFIX),
        event="check_run.rerequested",
        afresh=True,
    )


def _check_suite(delivery: str, payload: dict[str, Any], app_id: int | None) -> Job | Ignored:
    suite = _object(payload, "check_suite")
    if not _is_ours(suite, app_id):
        return Ignored("the check suite is another App's")
    return Job(
        delivery=delivery,
        installation=_installation(payload),
        repository=_repository(payload),
        head_sha=_sha(suite, "head_sha"),
        event="check_suite.rerequested",
        afresh=True,
    )


def _is_ours(checked: dict[str, Any], app_id: int | None) -> bool:
    app = checked.get("app")
    return app_id is not None and isinstance(app, dict) and app.get("id") == app_id


def _push(payload: dict[str, Any]) -> str:
    default = _text(_object(payload, "repository"), "default_branch")
    if payload.get("ref") == f"refs/heads/{default}":
        return "pushes to the default branch ask for no work yet"
    return "the push is not to the default branch"


def _object(payload: dict[str, Any], key: str) -> dict[str, Any]:
    found = payload.get(key)
    if not isinstance(found, dict):
        raise _UnexpectedError(f"the payload has no object {key!r}")
    return found


def _text(payload: dict[str, Any], key: str) -> str:
    found = payload.get(key)
    if not isinstance(found, str) or not found:
        raise _UnexpectedError(f"the payload has no text {key!r}")
    return found


def _number(payload: dict[str, Any], key: str) -> int:
    found = payload.get(key)
    if type(found) is not int or found <= 0:
        raise _UnexpectedError(f"the payload has no number {key!r}")
    return found


def _sha(payload: dict[str, Any], key: str = "sha") -> str:
    found = _text(payload, key)
    if not _SHA.fullmatch(found):
        raise _UnexpectedError(f"the payload's {key!r} names no commit")
    return found


def _full_name(repository: dict[str, Any]) -> str:
    found = _text(repository, "full_name")
    if not _REPOSITORY.fullmatch(found) or any(part in (".", "..") for part in found.split("/")):
        raise _UnexpectedError("the payload's repository has no name")
    return found


def _repository(payload: dict[str, Any]) -> str:
    return _full_name(_object(payload, "repository"))


def _installation(payload: dict[str, Any]) -> int:
    """GitHub adds the installation to what it sends to an App, and not to a repository's own webhook."""
    if not isinstance(payload.get("installation"), dict):
        raise _UnexpectedError("the payload names no installation: the webhook must be that of a GitHub App")
    return _number(payload["installation"], "id")
