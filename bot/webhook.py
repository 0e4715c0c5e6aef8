"""A webhook delivery, judged by its headers and body alone: pure, without network or clock.

``parse`` says what a delivery means: work (``bot.jobs``), nothing to do (``Ignored``), or not to be trusted
(``Refused``).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.jobs import (
    CHECK_PREFIX,
    EVERYWHERE,
    MERGE_GROUP,
    ORDERS,
    RECHECK,
    Closed,
    Job,
    Moved,
    Order,
    Pushed,
    Work,
    external_number,
)
from bot.payload import (
    UnexpectedError,
    full_name_of,
    installation_of,
    login_of,
    number_of,
    object_of,
    repository_of,
    sha_of,
    text_of,
)

MAX_BYTES: Final = 25 * 1024 * 1024
"""GitHub sends no larger payload (docs: webhook events and payloads)."""

_JUDGED: Final = {"opened", "reopened", "synchronize", "ready_for_review"}
_DELIVERY: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_ORDER: Final = re.compile(r"\s*/preadmit[ \t]+(\w{1,20})(?:[ \t]+([\w./-]{1,300}))?[ \t]*\r?(?:\n|$)", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_AGAIN: Final = frozenset({"rerequested", "requested_action"})
_ACTIONS: Final[Mapping[str, frozenset[str]]] = {
    "pull_request": frozenset({*_JUDGED, "closed", "edited", "labeled"}),
    "check_run": _AGAIN,
    "check_suite": _AGAIN,
    "issue_comment": frozenset({"created"}),
    "pull_request_review_comment": frozenset({"created"}),
    "merge_group": frozenset({"checks_requested"}),
    "push": frozenset(),
    "installation": frozenset(),
    "installation_repositories": frozenset(),
    "repository": frozenset({"renamed", "transferred"}),
}
"""The events that can ask for work, with those of their actions that can; none where all can."""

HEARD: Final = frozenset(_ACTIONS)

_BACK: Final = {"unsuspend", "new_permissions_accepted"}
_LEFT: Final = {"deleted", "suspend"}


@dataclass(frozen=True, slots=True)
class Ignored:
    """A genuine delivery that asks for no work."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A delivery that is not GitHub's, or that cannot be read; ``status`` is HTTP's."""

    status: int
    reason: str


def parse(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], app_id: int | None = None, label: str = ""
) -> Work | Ignored | Refused:
    """Judge a delivery. Any of ``secrets`` may have signed it; ``app_id`` is our App, whose re-requests count.

    ``label`` is the label that asks for a new judgement of a pull request; empty where none does.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if len(body) > MAX_BYTES:
        return Refused(413, f"the payload has more than {MAX_BYTES:,} bytes")
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
    return meaning(given.get("x-github-event", ""), given.get("x-github-delivery", ""), payload, app_id, label)


def meaning(
    event: str, delivery: str, payload: dict[str, Any], app_id: int | None = None, label: str = ""
) -> Work | Ignored | Refused:
    """The same for a payload that is known to be GitHub's."""
    try:
        return _event(event, delivery, payload, _Ours(app_id, label))
    except UnexpectedError as missing:
        return Refused(400, str(missing))


def may_matter(event: str, action: str | None) -> bool:
    """False where a delivery asks for nothing, whatever its payload."""
    return event in _ACTIONS and (not _ACTIONS[event] or action in _ACTIONS[event])


def is_signed(signature: str, body: bytes, secrets: Sequence[str]) -> bool:
    """True when one of the secrets made the signature; takes as long whichever it is, and whether or not."""
    found = False
    for secret in secrets:
        made = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        found |= bool(secret) and hmac.compare_digest(made.encode(), signature.encode("utf-8", "replace"))
    return found


@dataclass(frozen=True, slots=True)
class _Ours:
    """What is ours in a payload: the App, and the label that asks for a judgement."""

    app_id: int | None
    label: str

    def made(self, checked: dict[str, Any]) -> bool:
        """Whether our App made a check run or suite."""
        app = checked.get("app")
        return self.app_id is not None and isinstance(app, dict) and app.get("id") == self.app_id

    def asks(self, payload: dict[str, Any]) -> bool:
        """Whether the label of a ``labeled`` event is the one."""
        label = payload.get("label")
        return bool(self.label) and isinstance(label, dict) and label.get("name") == self.label


def _event(event: str, delivery: str, payload: dict[str, Any], ours: _Ours) -> Work | Ignored | Refused:
    if not _DELIVERY.fullmatch(delivery):
        return Refused(400, "the delivery has no id")
    action = payload.get("action")
    match event, action:
        case "ping", _:
            return Ignored("pong")
        case "pull_request", str():
            return _pull_request(delivery, payload, action, ours)
        case "check_run" | "check_suite", "rerequested" | "requested_action":
            return _checks(delivery, payload, event, action, ours)
        case "issue_comment" | "pull_request_review_comment", "created":
            return _comment(delivery, payload, event)
        case "merge_group", "checks_requested":
            return _merge_group(delivery, payload)
        case "push", _:
            return _push(delivery, payload)
        case ("installation", _) | ("installation_repositories", _) | ("repository", "renamed" | "transferred"):
            return _moved(delivery, payload, event, str(action))
        case _:
            return _nothing(event, action)


def _nothing(event: str, action: object) -> Ignored:
    return Ignored(f"nothing to do for {event[:50]}{f'.{action[:50]}' if isinstance(action, str) else ''}")


def _base_changed(payload: dict[str, Any]) -> bool:
    changes = payload.get("changes")
    return isinstance(changes, dict) and "base" in changes


def _pull_request(delivery: str, payload: dict[str, Any], action: str, ours: _Ours) -> Work | Ignored:
    """Drafts are judged like all others, so that becoming one changes nothing."""
    edited = action == "edited" and _base_changed(payload)
    labeled = action == "labeled" and ours.asks(payload)
    if action not in (*_JUDGED, "closed") and not edited and not labeled:
        return _nothing("pull_request", action)
    pull = object_of(payload, "pull_request")
    head, base = object_of(pull, "head"), object_of(pull, "base")
    if action == "closed":
        place = installation_of(payload), repository_of(payload), number_of(pull, "number")
        return Closed(delivery, *place, sha_of(head), text_of(base, "ref"))
    if pull.get("state") == "closed":
        return Ignored("the pull request is closed")
    fork = head.get("repo")
    return Job(
        delivery=delivery,
        installation=installation_of(payload),
        repository=repository_of(payload),
        head_sha=sha_of(head),
        number=number_of(pull, "number"),
        base_ref=text_of(base, "ref"),
        base_sha=sha_of(base),
        head_ref=text_of(head, "ref"),
        head_repository=full_name_of(fork) if isinstance(fork, dict) else "",
        default_branch=text_of(object_of(payload, "repository"), "default_branch"),
        event=f"pull_request.{action}",
        afresh=action in ("edited", "reopened", "labeled"),
        before=sha_of(payload, "before") if action == "synchronize" and payload.get("before") else "",
    )


def _checks(delivery: str, payload: dict[str, Any], event: str, action: str, ours: _Ours) -> Work | Ignored:
    """Only what was asked of our own checks: those of other Apps arrive by the thousand."""
    checked = object_of(payload, event)
    if not ours.made(checked):
        return Ignored(f"the {event.replace('_', ' ')} is another App's")
    name, number = "", None
    if event == "check_run":
        name, number = text_of(checked, "name"), external_number(str(checked.get("external_id") or ""))
        if not name.startswith(CHECK_PREFIX):
            return Ignored("the check run has no name that this bot gives")
    if action == "requested_action":
        return _pressed(delivery, payload, number)
    return Job(
        delivery=delivery,
        installation=installation_of(payload),
        repository=repository_of(payload),
        head_sha=sha_of(checked, "head_sha"),
        number=number,
        base_ref=name.removeprefix(CHECK_PREFIX),
        event=f"{event}.{action}",
        afresh=True,
    )


def _pressed(delivery: str, payload: dict[str, Any], number: int | None) -> Work | Ignored:
    word = text_of(object_of(payload, "requested_action"), "identifier")
    if number is None or word != RECHECK:
        return Ignored("the check run has no such button")
    place = installation_of(payload), repository_of(payload), number
    return Order(delivery, *place, login_of(payload), word, event="check_run.requested_action")


def _comment(delivery: str, payload: dict[str, Any], event: str) -> Work | Ignored:
    """An order that stands at the beginning of a new comment; one that is written into it later does not count."""
    comment = object_of(payload, "comment")
    found = _ORDER.match(str(comment.get("body") or "")[:1_000])
    if found is None or found[1] not in ORDERS:
        return Ignored("the comment asks for nothing")
    if event == "issue_comment" and not isinstance(object_of(payload, "issue").get("pull_request"), dict):
        return Ignored("the comment is on an issue")
    subject = object_of(payload, "issue" if event == "issue_comment" else "pull_request")
    if subject.get("state") == "closed":
        return Ignored("the pull request is closed")
    return Order(
        delivery=delivery,
        installation=installation_of(payload),
        repository=repository_of(payload),
        number=number_of(subject, "number"),
        sender=login_of(payload),
        word=found[1],
        argument=found[2] or "",
        comment=number_of(comment, "id"),
        event=f"{event}.created",
        made=made if _MOMENT.fullmatch(made := str(comment.get("created_at") or "")) else "",
    )


def _merge_group(delivery: str, payload: dict[str, Any]) -> Job:
    group = object_of(payload, "merge_group")
    return Job(
        delivery=delivery,
        installation=installation_of(payload),
        repository=repository_of(payload),
        head_sha=sha_of(group, "head_sha"),
        base_ref=text_of(group, "base_ref").removeprefix("refs/heads/"),
        base_sha=sha_of(group, "base_sha"),
        head_ref=text_of(group, "head_ref").removeprefix("refs/heads/"),
        head_repository=repository_of(payload),
        default_branch=text_of(object_of(payload, "repository"), "default_branch"),
        event=MERGE_GROUP,
    )


def _push(delivery: str, payload: dict[str, Any]) -> Work | Ignored:
    """A push to any branch may be one to a base; whether pull requests go into it, GitHub is asked later."""
    ref = text_of(payload, "ref")
    if not ref.startswith("refs/heads/"):
        return Ignored("the push is not to a branch")
    if ref.startswith("refs/heads/gh-readonly-queue/"):
        return Ignored("the branch is one of a merge queue")
    if payload.get("created") or payload.get("deleted"):
        return Ignored("no pull request can go into a branch that was just made, or is gone")
    place = installation_of(payload), repository_of(payload), ref.removeprefix("refs/heads/")
    default = text_of(object_of(payload, "repository"), "default_branch")
    return Pushed(delivery, *place, sha_of(payload, "before"), sha_of(payload, "after"), default)


def _moved(delivery: str, payload: dict[str, Any], event: str, action: str) -> Work | Ignored:
    installation = installation_of(payload)
    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    match event:
        case "repository":
            came, gone = (repository_of(payload),), (_former(payload, action),)
        case "installation_repositories":
            came, gone = _names(payload, "repositories_added"), _names(payload, "repositories_removed")
        case "installation" if action == "created":
            came = _names(payload, "repositories")
        case "installation" if action in _BACK:
            came = (EVERYWHERE,)
        case "installation" if action in _LEFT:
            gone = (EVERYWHERE,)
    if not came and not gone:
        return _nothing(event, action)
    return Moved(delivery, installation, came, gone, f"{event}.{action}")


def _former(payload: dict[str, Any], action: str) -> str:
    """The name that a repository had before."""
    owner, _, name = repository_of(payload).partition("/")
    changes = object_of(payload, "changes")
    if action == "renamed":
        return f"{owner}/{text_of(object_of(object_of(changes, 'repository'), 'name'), 'from')}"
    whose = object_of(object_of(changes, "owner"), "from")
    account = whose.get("user") or whose.get("organization")
    if not isinstance(account, dict):
        raise UnexpectedError("the payload does not say whose the repository was")
    return f"{text_of(account, 'login')}/{name}"


def _names(payload: dict[str, Any], key: str) -> tuple[str, ...]:
    listed = payload.get(key) or []
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise UnexpectedError(f"the payload has no list {key!r}")
    return tuple(map(full_name_of, listed))
