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
from bot.webhook import Ignored, Job, Refused
from tests.fake_github.deliveries import SECRET, headers

APP = 29310
SHA = "a" * 40
EXAMPLES = Path(__file__).parents[2] / "../shared/github/webhook-examples.json.gz"


def parse(event: str, payload: Any, **changes: str) -> Job | Ignored | Refused:
    body = json.dumps(payload).encode()
    return webhook.parse(headers(event, body, delivery="d-1") | changes, body, [SECRET], APP)


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


@pytest.mark.parametrize("action", ["closed", "labeled", "converted_to_draft", "assigned"])
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


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/heads/x", "refs/tags/main"])
def test_pushes_are_taken_without_work(ref: str) -> None:
    found = parse("push", {"ref": ref, "repository": {"full_name": "acme/shop", "default_branch": "main"}})
    assert isinstance(found, Ignored)
    assert ("default branch ask" in found.reason) is (ref == "refs/heads/main")


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
    st.sampled_from(["pull_request", "check_run", "check_suite", "push"]),
    st.sampled_from(["opened", "rerequested", "edited"]),
    st.dictionaries(st.sampled_from(["pull_request", "check_run", "check_suite", "repository", "installation"]), _JSON),
)
def test_no_signed_object_raises(event: str, action: str, payload: dict[str, Any]) -> None:
    assert isinstance(parse(event, {"action": action, **payload}), Job | Ignored | Refused)


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
    jobs = 0
    for event in events:
        for payload in event["examples"]:
            found = parse(event["name"], payload)
            if event["name"] == "pull_request" and payload["action"] in judged:
                state = payload["pull_request"]["state"]
                expected = Job if "installation" in payload and state == "open" else Ignored | Refused
                assert isinstance(found, expected), found
                jobs += isinstance(found, Job)
            else:
                assert not isinstance(found, Job) or payload["action"] == "rerequested"
                assert not isinstance(found, Refused) or "installation" not in payload, (event["name"], found)
    assert jobs > 3
