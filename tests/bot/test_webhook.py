"""What a delivery means, from its headers and body alone."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import webhook
from bot.jobs import MERGE_GROUP, Closed, Job, Moved, Order, Pushed, Work
from bot.webhook import Ignored, Refused
from tests.fake_github.deliveries import SECRET, headers

APP = 29310
SHA = "a" * 40
EXAMPLES = Path(__file__).parents[2] / "../shared/github/webhook-examples.json.gz"


LABEL = "judge again"


def parse(event: str, payload: Any, **changes: str) -> Work | Ignored | Refused:
    body = json.dumps(payload).encode()
    return webhook.parse(headers(event, body, delivery="d-1") | changes, body, [SECRET], APP, LABEL)


def pull_request(action: str = "opened", **more: Any) -> dict[str, Any]:
    return {
        "action": action,
        "installation": {"id": 7},
        "repository": {"full_name": "acme/shop", "default_branch": "main"},
        "pull_request": {
            "number": 12,
            "state": "open",
            "head": {"ref": "change", "sha": SHA, "repo": {"full_name": "fork/shop"}},
            "base": {"ref": "release/1", "sha": "b" * 40},
        },
        **more,
    }


def check(kind: str, app: int = APP, **more: Any) -> dict[str, Any]:
    checked = {"head_sha": SHA, "app": {"id": app}, "pull_requests": [], "name": "preadmit: release/1", **more}
    repository = {"full_name": "acme/shop", "default_branch": "main"}
    return {"action": "rerequested", "installation": {"id": 7}, "repository": repository, kind: checked}


@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize", "ready_for_review"])
def test_a_pull_request_is_work(action: str) -> None:
    assert parse("pull_request", pull_request(action)) == Job(
        delivery="d-1",
        installation=7,
        repository="acme/shop",
        head_sha=SHA,
        number=12,
        base_ref="release/1",
        base_sha="b" * 40,
        head_ref="change",
        head_repository="fork/shop",
        default_branch="main",
        event=f"pull_request.{action}",
        afresh=action == "reopened",
    )


def test_only_an_edit_of_the_base_is_work() -> None:
    changed = parse("pull_request", pull_request("edited", changes={"base": {"ref": {"from": "main"}}}))
    assert isinstance(changed, Job)
    assert changed.afresh
    assert isinstance(parse("pull_request", pull_request("edited", changes={"title": {"from": "x"}})), Ignored)


def test_a_deleted_fork_is_no_hindrance() -> None:
    payload = pull_request()
    payload["pull_request"]["head"]["repo"] = None
    found = parse("pull_request", payload)
    assert isinstance(found, Job)
    assert found.head_repository == ""


def test_only_the_configured_label_is_work() -> None:
    found = parse("pull_request", pull_request("labeled", label={"name": LABEL}))
    assert isinstance(found, Job)
    assert (found.event, found.afresh) == ("pull_request.labeled", True)
    assert isinstance(parse("pull_request", pull_request("labeled", label={"name": "bug"})), Ignored)
    body = json.dumps(pull_request("labeled", label={"name": ""})).encode()
    assert isinstance(webhook.parse(headers("pull_request", body), body, [SECRET], APP), Ignored)


def test_a_closed_pull_request_ends_its_work() -> None:
    payload = pull_request("closed")
    payload["pull_request"]["state"] = "closed"
    assert parse("pull_request", payload) == Closed("d-1", 7, "acme/shop", 12, SHA, "release/1")


@pytest.mark.parametrize("action", ["converted_to_draft", "assigned", "unlabeled"])
def test_other_actions_are_ignored(action: str) -> None:
    assert isinstance(parse("pull_request", pull_request(action)), Ignored)


def test_a_re_requested_run_tells_base_and_number() -> None:
    found = parse("check_run", check("check_run", external_id="pull/12 0011"))
    assert isinstance(found, Job)
    assert (found.number, found.base_ref, found.head_sha, found.afresh) == (12, "release/1", SHA, True)


def test_a_re_requested_suite_is_looked_up() -> None:
    found = parse("check_suite", check("check_suite"))
    assert isinstance(found, Job)
    assert (found.number, found.base_ref, found.afresh) == (None, "", True)


@pytest.mark.parametrize("kind", ["check_run", "check_suite"])
def test_another_apps_checks_are_ignored(kind: str) -> None:
    assert isinstance(parse(kind, check(kind, app=1)), Ignored)
    body = json.dumps(check(kind)).encode()
    assert isinstance(webhook.parse(headers(kind, body), body, [SECRET], None), Ignored)


def test_a_run_of_another_name_is_ignored() -> None:
    assert isinstance(parse("check_run", check("check_run", name="lint")), Ignored)


def push(ref: str, **more: Any) -> dict[str, Any]:
    repository = {"full_name": "acme/shop", "default_branch": "main"}
    commits = {"before": "b" * 40, "after": SHA, "created": False, "deleted": False}
    return {"ref": ref, **commits, "repository": repository, "installation": {"id": 7}, **more}


@pytest.mark.parametrize("branch", ["main", "release/1"])
def test_a_push_to_a_branch_is_work(branch: str) -> None:
    expected = Pushed("d-1", 7, "acme/shop", branch, "b" * 40, SHA, "main")
    assert parse("push", push(f"refs/heads/{branch}")) == expected


@pytest.mark.parametrize(
    ("ref", "more"),
    [
        ("refs/tags/main", {}),
        ("refs/heads/x", {"created": True}),
        ("refs/heads/x", {"deleted": True}),
        ("refs/heads/gh-readonly-queue/main/pr-1-abc", {}),
    ],
)
def test_other_pushes_are_ignored(ref: str, more: dict[str, Any]) -> None:
    assert isinstance(parse("push", push(ref, **more)), Ignored)


def test_the_commit_of_a_merge_queue_is_work() -> None:
    group = {"head_sha": SHA, "head_ref": "refs/heads/gh-readonly-queue/main/pr-1", "base_ref": "refs/heads/main"}
    payload = push("", action="checks_requested", merge_group={**group, "base_sha": "b" * 40})
    found = parse("merge_group", payload)
    assert isinstance(found, Job)
    assert (found.number, found.head_sha, found.base_ref, found.base_sha) == (None, SHA, "main", "b" * 40)
    assert (found.event, found.check_name, found.topic) == (MERGE_GROUP, "preadmit: main", SHA)
    assert isinstance(parse("merge_group", {**payload, "action": "destroyed"}), Ignored)


def comment(body: str, **more: Any) -> dict[str, Any]:
    issue = {"number": 12, "state": "open", "pull_request": {"url": "x"}, **more}
    sender = {"login": "octo-cat"}
    return push("", action="created", issue=issue, comment={"id": 99, "body": body}, sender=sender)


@pytest.mark.parametrize(
    ("body", "word", "argument"),
    [
        ("/preadmit recheck", "recheck", ""),
        ("/preadmit explain require-labels", "explain", "require-labels"),
        ("\n  /preadmit\texplain shop/a.b \r\nplease", "explain", "shop/a.b"),
    ],
)
def test_a_comment_may_ask_for_something(body: str, word: str, argument: str) -> None:
    expected = Order("d-1", 7, "acme/shop", 12, "octo-cat", word, argument, 99)
    assert parse("issue_comment", comment(body)) == expected


@pytest.mark.parametrize(
    "body",
    ["recheck", "> /preadmit recheck", "Say /preadmit recheck", "/preadmit merge", "/preadmit explain a; rm -rf", ""],
)
def test_other_comments_ask_for_nothing(body: str) -> None:
    assert isinstance(parse("issue_comment", comment(body)), Ignored)


def test_comments_on_issues_closed_and_edited_ones_do_not_count() -> None:
    asked = "/preadmit recheck"
    assert isinstance(parse("issue_comment", comment(asked, pull_request=None)), Ignored)
    assert isinstance(parse("issue_comment", comment(asked, state="closed")), Ignored)
    assert isinstance(parse("issue_comment", {**comment(asked), "action": "edited"}), Ignored)


def test_a_comment_in_a_thread_may_ask_too() -> None:
    payload = comment("/preadmit explain a")
    payload["pull_request"] = payload.pop("issue")
    found = parse("pull_request_review_comment", payload)
    assert isinstance(found, Order)
    assert (found.number, found.event) == (12, "pull_request_review_comment.created")


def test_a_button_of_our_check_run_is_an_order() -> None:
    pressed = {"action": "requested_action", "requested_action": {"identifier": "recheck"}}
    payload = check("check_run", external_id="pull/12 0011") | pressed | {"sender": {"login": "octo"}}
    found = parse("check_run", payload)
    assert found == Order("d-1", 7, "acme/shop", 12, "octo", "recheck", event="check_run.requested_action")
    assert isinstance(parse("check_run", {**payload, "requested_action": {"identifier": "other"}}), Ignored)
    others = check("check_run", app=1, external_id="pull/12 0011") | pressed
    assert isinstance(parse("check_run", others), Ignored)


def test_repositories_come_and_go() -> None:
    listed = [{"full_name": "acme/a"}, {"full_name": "acme/b"}]
    base = {"installation": {"id": 7}}
    created = parse("installation", {**base, "action": "created", "repositories": listed})
    assert created == Moved("d-1", 7, came=("acme/a", "acme/b"), event="installation.created")
    assert parse("installation", {**base, "action": "deleted", "repositories": listed}) == Moved(
        "d-1", 7, gone=("*",), event="installation.deleted"
    )
    accepted = {**base, "action": "new_permissions_accepted", "repositories": listed}
    assert parse("installation", accepted) == Moved("d-1", 7, ("*",), event="installation.new_permissions_accepted")
    resumed = {**base, "action": "unsuspend"}  # GitHub does not list them
    assert parse("installation", resumed) == Moved("d-1", 7, ("*",), event="installation.unsuspend")
    changed = {**base, "action": "added", "repositories_added": listed[:1], "repositories_removed": listed[1:]}
    assert parse("installation_repositories", changed) == Moved(
        "d-1", 7, ("acme/a",), ("acme/b",), "installation_repositories.added"
    )


def test_a_repository_changes_its_name() -> None:
    base = {"installation": {"id": 7}, "repository": {"full_name": "acme/shop"}}
    renamed = {**base, "action": "renamed", "changes": {"repository": {"name": {"from": "store"}}}}
    assert parse("repository", renamed) == Moved("d-1", 7, ("acme/shop",), ("acme/store",), "repository.renamed")
    owner = {"from": {"user": {"login": "octo"}}}
    moved = {**base, "action": "transferred", "changes": {"owner": owner}}
    assert parse("repository", moved) == Moved("d-1", 7, ("acme/shop",), ("octo/shop",), "repository.transferred")
    assert isinstance(parse("repository", {**moved, "changes": {"owner": {"from": {}}}}), Refused)


def test_a_ping_is_answered() -> None:
    assert parse("ping", {"zen": "Keep it logically awesome."}) == Ignored("pong")


@pytest.mark.parametrize(
    "signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "sha256=ä", "SHA256=" + "0" * 64]
)
def test_a_wrong_signature_is_refused(signature: str) -> None:
    found = parse("ping", {}, **{"X-Hub-Signature-256": signature})
    assert isinstance(found, Refused)
    assert found.status == 401


def test_either_of_two_secrets_may_have_signed() -> None:
    for secret in ("old", "new"):
        assert webhook.parse(headers("ping", b"{}", secret), b"{}", ["old", "new"]) == Ignored("pong")
    assert isinstance(webhook.parse(headers("ping", b"{}", "other"), b"{}", ["old", "new"]), Refused)


def test_an_empty_secret_signs_nothing() -> None:
    assert isinstance(webhook.parse(headers("ping", b"{}", ""), b"{}", [""]), Refused)
    assert isinstance(webhook.parse(headers("ping", b"{}", ""), b"{}", []), Refused)


@pytest.mark.parametrize(
    ("body", "changes", "status"),
    [
        (b"x" * (webhook.MAX_BYTES + 1), {}, 413),
        (b"payload=%7B%7D", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b"[" * 200_000, {}, 400),
        (b"\xff", {}, 400),
        (b"{}", {"X-GitHub-Delivery": ""}, 400),
        (b"{}", {"X-GitHub-Delivery": "../../etc"}, 400),
    ],
    ids=["large", "form", "cut", "list", "deep", "bytes", "no id", "odd id"],
)
def test_what_cannot_be_read_is_refused(body: bytes, changes: dict[str, str], status: int) -> None:
    found = webhook.parse(headers("pull_request", body) | changes, body, [SECRET])
    assert isinstance(found, Refused)
    assert found.status == status


@pytest.mark.parametrize(
    "breakage",
    [
        lambda p: p.pop("installation"),
        lambda p: p["installation"].update(id="7"),
        lambda p: p["installation"].update(id=True),
        lambda p: p["repository"].update(full_name="../../x"),
        lambda p: p["repository"].update(full_name="acme/.."),
        lambda p: p["repository"].update(full_name="acme/shop?x"),
        lambda p: p["pull_request"]["head"].update(sha="HEAD"),
        lambda p: p["pull_request"]["head"].update(sha="a" * 40 + "\n"),
        lambda p: p["pull_request"].update(number=-1),
        lambda p: p["pull_request"].update(base=None),
        lambda p: p.update(pull_request=[]),
    ],
)
def test_a_payload_without_what_github_documents_is_refused(breakage: Any) -> None:
    payload = pull_request()
    breakage(payload)
    found = parse("pull_request", payload)
    assert isinstance(found, Refused)
    assert found.status == 400


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(st.binary(max_size=200), st.sampled_from(["pull_request", "check_run", "push", ""]))
def test_no_signed_bytes_raise(body: bytes, event: str) -> None:
    assert isinstance(webhook.parse(headers(event, body), body, [SECRET], APP), Ignored | Refused)


@given(
    st.sampled_from(
        [
            "pull_request",
            "check_run",
            "check_suite",
            "push",
            "merge_group",
            "issue_comment",
            "installation",
            "repository",
        ]
    ),
    st.sampled_from(["opened", "rerequested", "edited", "created", "checks_requested", "renamed", "transferred"]),
    st.dictionaries(
        st.sampled_from(["pull_request", "check_run", "check_suite", "repository", "installation", "comment", "issue"]),
        _JSON,
    ),
)
def test_no_signed_object_raises(event: str, action: str, payload: dict[str, Any]) -> None:
    assert isinstance(parse(event, {"action": action, **payload}), Work | Ignored | Refused)


@given(st.binary(min_size=1, max_size=50), st.integers(0, 49), st.integers(1, 255))
def test_no_changed_byte_keeps_its_signature(body: bytes, at: int, by: int) -> None:
    signature = headers("ping", body)["X-Hub-Signature-256"]
    assert webhook.is_signed(signature, body, [SECRET])
    at %= len(body)
    changed = body[:at] + bytes([body[at] ^ by]) + body[at + 1 :]
    assert not webhook.is_signed(signature, changed, [SECRET])


def test_githubs_own_examples_are_understood() -> None:
    if not EXAMPLES.exists():
        pytest.skip(f"{EXAMPLES.name} is absent: GitHub's example payloads are not tried")
    with gzip.open(EXAMPLES) as file:
        events = json.load(file)
    judged = {"opened", "reopened", "synchronize", "ready_for_review"}
    kinds: set[str] = set()
    for event in events:
        for payload in event["examples"]:
            found = parse(event["name"], payload)
            kinds.add(type(found).__name__)
            assert isinstance(found, Ignored | Refused) or webhook.may_matter(event["name"], payload.get("action"))
            assert not isinstance(found, Refused) or "installation" not in payload, (event["name"], found)
            if event["name"] == "pull_request" and payload["action"] in judged and "installation" in payload:
                assert isinstance(found, Job if payload["pull_request"]["state"] == "open" else Ignored)
    assert kinds == {"Job", "Closed", "Moved", "Ignored", "Refused"}
