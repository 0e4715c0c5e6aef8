"""Registering the App: the page, GitHub's answer, and the credentials on disk; nothing but the right answer counts."""

from __future__ import annotations

import json
import re
import stat
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.app_manifest import CONVERSATION, EXTRAS, MERGE_QUEUE, AppManifest, Extra, ManifestError, web_address
from bot.credentials import Credentials, CredentialsError, check_free
from bot.github.client import GitHubError
from bot.github.conversion import convert
from bot.registration import Registrar, Registration
from bot.webhook import HEARD

DESCRIPTION = "Gives a pull request the answer that the cluster would give: Kyverno policies on changed manifests."
SECONDS = 300
"""How long a test waits for what should take a fraction of a second."""

ANSWER: dict[str, Any] = {
    "id": 4711,
    "slug": "preadmit-acme",
    "html_url": "https://github.com/apps/preadmit-acme",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nsecret-key\n-----END RSA PRIVATE KEY-----\n",
    "webhook_secret": "hush",
}


def _exchange(code: str) -> Credentials:
    if code != "good":
        raise GitHubError("GitHub answered 404 to the code; it holds for one hour and once")
    return Credentials.of(ANSWER)


@pytest.fixture
def registrar(tmp_path: Path) -> Iterator[Registrar]:
    registration = Registration(
        manifest=AppManifest("preadmit <acme>", "https://preadmit.example.com/"),
        api_url="https://api.github.com",
        organization="acme",
        exchange=_exchange,
        store=lambda made: str(made.write(tmp_path, "https://api.github.com")),
    )
    served = Registrar(registration)
    yield served
    served.wait(0)


def _get(address: str, **headers: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(address, headers=headers, timeout=SECONDS)


def _state(page: str) -> str:
    found = re.search(r'action="([^"]+)\?state=([\w-]+)"', page)
    assert found
    assert found[1] == "https://github.com/organizations/acme/settings/apps/new"
    return found[2]


def test_the_page_sends_github_the_manifest(registrar: Registrar) -> None:
    answer = _get(registrar.address)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "preadmit <acme>" not in answer.text
    assert len(_state(answer.text)) >= 32
    field = re.search(r'name="manifest" value="([^"]*)"', answer.text)
    assert field
    assert json.loads(unescape(field[1])) == {
        "name": "preadmit <acme>",
        "url": "https://preadmit.example.com",
        "description": DESCRIPTION,
        "hook_attributes": {"url": "https://preadmit.example.com/webhook", "active": True},
        "redirect_url": f"{registrar.address}registered",
        "public": False,
        "default_events": ["pull_request", "pull_request_review_comment", "push", "repository"],
        "default_permissions": {"checks": "write", "contents": "read", "metadata": "read", "pull_requests": "write"},
    }


def test_credentials_are_stored_for_their_owner_alone(registrar: Registrar, tmp_path: Path) -> None:
    state = _state(_get(registrar.address).text)
    answer = _get(f"{registrar.address}registered?code=good&state={state}")
    assert answer.status_code == 200
    assert "secret-key" not in answer.text
    assert "hush" not in answer.text
    made = registrar.wait(SECONDS)
    assert made is not None
    assert "secret-key" not in repr(made)
    for file in (tmp_path / "private-key.pem", tmp_path / "preadmit.env"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (tmp_path / "private-key.pem").read_text() == ANSWER["pem"]
    assert (tmp_path / "preadmit.env").read_text().splitlines() == [
        "PREADMIT_APP_ID=4711",
        f"PREADMIT_PRIVATE_KEY_FILE={tmp_path}/private-key.pem",
        "PREADMIT_WEBHOOK_SECRET=hush",
        "GITHUB_API_URL=https://api.github.com",
    ]


@pytest.mark.parametrize("query", ["code=good&state=other", "code=good", "state={state}", ""])
def test_an_answer_that_was_not_asked_for_is_refused(registrar: Registrar, tmp_path: Path, query: str) -> None:
    state = _state(_get(registrar.address).text)
    assert _get(f"{registrar.address}registered?{query.format(state=state)}").status_code == 400
    assert list(tmp_path.iterdir()) == []


def test_a_refused_code_is_told_and_another_one_may_follow(registrar: Registrar, tmp_path: Path) -> None:
    state = _state(_get(registrar.address).text)
    refused = _get(f"{registrar.address}registered?code=bad&state={state}")
    assert (refused.status_code, "GitHub answered 404" in refused.text) == (502, True)
    assert _get(f"{registrar.address}registered?code=good&state={state}").status_code == 200
    assert _get(f"{registrar.address}registered?code=good&state={state}").status_code == 409


def test_the_last_page_is_sent_before_the_wait_ends(registrar: Registrar, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends with the wait: who pressed the button would see a connection broken off."""
    address = f"{registrar.address}registered?code=good&state={_state(_get(registrar.address).text)}"
    order: list[str] = []
    over = threading.Event()
    write = WSGIRequestHandler.send_response

    def slow(handler: WSGIRequestHandler, *answer: Any) -> None:
        over.wait(0.3)
        order.append("sent")
        write(handler, *answer)

    monkeypatch.setattr(WSGIRequestHandler, "send_response", slow)
    asking = threading.Thread(target=_get, args=(address,))
    asking.start()
    assert registrar.wait(SECONDS) is not None
    order.append("ended")
    over.set()
    asking.join(SECONDS)
    assert order == ["sent", "ended"]


def test_another_name_for_this_machine_is_refused(registrar: Registrar) -> None:
    assert _get(registrar.address, Host="evil.example.com:80").status_code == 403


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    Credentials.of(ANSWER).write(tmp_path, "https://api.github.com")
    with pytest.raises(CredentialsError, match="exists already"):
        check_free(tmp_path)
    with pytest.raises(CredentialsError, match="File exists"):
        Credentials.of(ANSWER | {"pem": "other"}).write(tmp_path, "https://api.github.com")
    assert (tmp_path / "private-key.pem").read_text() == ANSWER["pem"]


def test_an_answer_without_a_part_is_none() -> None:
    with pytest.raises(CredentialsError, match="lacks pem, webhook_secret"):
        Credentials.of(ANSWER | {"pem": "", "webhook_secret": None})


@pytest.fixture
def conversions() -> Iterator[tuple[str, list[str]]]:
    """GitHub's side of the exchange, which needs no credentials: its address, and what it was asked."""
    asked: list[str] = []

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        asked.append(f"{environ['REQUEST_METHOD']} {environ['RAW_URI']} {environ.get('HTTP_AUTHORIZATION', '-')}")
        known = "/good/" in environ["RAW_URI"]
        start_response("201 Created" if known else "404 Not Found", [("Content-Type", "application/json")])
        return [json.dumps(ANSWER if known else {"message": "Not Found"}).encode()]

    server = make_server("127.0.0.1", 0, answer)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def test_the_code_is_exchanged_without_credentials(conversions: tuple[str, list[str]]) -> None:
    address, asked = conversions
    assert convert(address, "good") == ANSWER
    with pytest.raises(GitHubError, match="answered 404"):
        convert(address, "a/../b")
    assert asked == [
        "POST /app-manifests/good/conversions -",
        "POST /app-manifests/a%2F..%2Fb/conversions -",
    ]


NEEDS = {
    "issue_comment": "issues",
    "merge_group": "merge_queues",
    "pull_request": "pull_requests",
    "pull_request_review_comment": "pull_requests",
    "push": "contents",
    "repository": "metadata",
}
"""To which permission GitHub ties an event; it refuses an App whose events are not all backed by one."""


@pytest.mark.parametrize("extras", [(), (MERGE_QUEUE,), (CONVERSATION,), (MERGE_QUEUE, CONVERSATION)])
def test_every_event_is_backed_by_a_permission(extras: tuple[Extra, ...]) -> None:
    document = AppManifest("p", "http://10.0.0.1:8080", extras).document("http://127.0.0.1:1/registered")
    assert {NEEDS[event] for event in document["default_events"]} <= document["default_permissions"].keys()
    assert len(document["default_permissions"]) == 4 + len(extras)


def test_what_is_heard_is_subscribed_to() -> None:
    given = {"check_run", "check_suite", "installation", "installation_repositories"}  # to all Apps, unasked
    document = AppManifest("p", "http://10.0.0.1:8080", tuple(EXTRAS.values())).document(
        "http://127.0.0.1:1/registered"
    )
    assert HEARD - given == set(document["default_events"])


def test_a_merge_queue_asks_for_one_permission_more() -> None:
    document = AppManifest("p", "http://10.0.0.1:8080", (MERGE_QUEUE,)).document("http://127.0.0.1:1/registered")
    assert document["default_permissions"]["merge_queues"] == "read"
    assert "merge_group" in document["default_events"]


@pytest.mark.parametrize("url", ["preadmit.example.com", "ftp://x", "https://u:p@x", "https://x/?a=b", "https://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ManifestError):
        AppManifest("p", url).document("http://127.0.0.1:1/registered")


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://github.example.com/api/v3", "https://github.example.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80"),
    ],
)
def test_where_people_see_github(api: str, web: str) -> None:
    assert web_address(api) == web
