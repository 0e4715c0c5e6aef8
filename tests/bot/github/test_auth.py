"""Installation tokens: bought once, renewed in time, and never shown."""

from __future__ import annotations

import logging

import pytest

from bot.github.auth import MARGIN, App
from bot.github.client import Client, GitHubError
from tests.fake_github import FakeGitHub
from tests.fake_github.deliveries import INSTALLATION

TOKENS = "access_tokens"


def test_one_token_serves_many_clients(fake: FakeGitHub, app: App) -> None:
    fake.repository("acme/shop").git.commit("main", {"a": "1"})
    for _ in range(3):
        app.client(INSTALLATION).get("/repos/acme/shop/git/trees/main")
    assert len(fake.seen("POST", TOKENS)) == 1


def test_each_installation_has_its_own(fake: FakeGitHub, app: App) -> None:
    assert app.token(1) != app.token(2)
    assert app.token(1) == app.token(1)


def test_a_token_is_renewed_before_it_expires(fake: FakeGitHub) -> None:
    now = [fake.clock()]
    fake.clock = lambda: now[0]
    app = App(fake.app.id, fake.private_key, fake.url, clock=lambda: now[0])
    first = app.token(INSTALLATION)
    now[0] += fake.token_seconds - MARGIN - 5
    assert app.token(INSTALLATION) == first
    now[0] += 10
    assert app.token(INSTALLATION) != first


def test_a_refused_token_is_bought_anew_once(fake: FakeGitHub, client: Client) -> None:
    fake.repository("acme/shop").git.commit("main", {"a": "1"})
    client.get("/repos/acme/shop/git/trees/main")
    fake.tokens.clear()
    assert client.get("/repos/acme/shop/git/trees/main")["truncated"] is False
    assert len(fake.seen("POST", TOKENS)) == 2


def test_an_archive_too_is_fetched_with_a_token_that_is_bought_anew(fake: FakeGitHub, client: Client) -> None:
    head = fake.repository("acme/shop").git.commit("main", {"a": "1"})
    client.get("/repos/acme/shop/git/trees/main")
    fake.tokens.clear()
    with client.stream(f"/repos/acme/shop/tarball/{head}") as pieces:
        assert b"".join(pieces)
    assert len(fake.seen("POST", TOKENS)) == 2


def test_an_archive_that_stays_refused_is_asked_for_twice(fake: FakeGitHub, client: Client) -> None:
    head = fake.repository("acme/shop").git.commit("main", {"a": "1"})
    fake.token_seconds = 0
    with pytest.raises(GitHubError, match="401"), client.stream(f"/repos/acme/shop/tarball/{head}"):
        pass
    assert len(fake.seen("GET", "tarball")) == 2


def test_a_token_that_is_refused_after_another_fault_is_bought_anew(fake: FakeGitHub, client: Client) -> None:
    fake.repository("acme/shop").git.commit("main", {"a": "1"})
    fake.fail("GET", "trees", 502)
    fake.fail("GET", "trees", 401, message="Bad credentials", times=2)
    assert client.get("/repos/acme/shop/git/trees/main")["truncated"] is False
    assert len(fake.seen("POST", TOKENS)) == 3


def test_a_token_that_stays_refused_leaves_the_work_for_later(fake: FakeGitHub, client: Client) -> None:
    fake.repository("acme/shop").git.commit("main", {"a": "1"})
    fake.fail("GET", "trees", 401, message="Bad credentials", times=99)
    with pytest.raises(GitHubError) as raised:
        client.get("/repos/acme/shop/git/trees/main")
    assert raised.value.passing
    assert len(fake.seen("GET", "trees")) == 4


def test_a_wrong_key_is_told_without_it(fake: FakeGitHub) -> None:
    secret = "-----BEGIN RSA PRIVATE KEY-----\nMIIsecret\n-----END RSA PRIVATE KEY-----\n"
    app = App(fake.app.id, secret, fake.url)
    with pytest.raises(GitHubError) as raised:
        app.check_key()
    assert "MIIsecret" not in str(raised.value)


def test_another_apps_key_is_refused(fake: FakeGitHub, naps: list[float]) -> None:
    app = App(fake.app.id + 1, fake.private_key, fake.url, sleep=naps.append)
    with pytest.raises(GitHubError, match="401: A JSON web token could not be decoded"):
        app.token(INSTALLATION)


def test_a_key_that_is_refused_once_is_tried_again(fake: FakeGitHub, app: App) -> None:
    fake.fail("POST", TOKENS, 401, message="Bad credentials")
    assert app.token(INSTALLATION)


def test_a_key_that_stays_refused_leaves_the_work_for_later(fake: FakeGitHub, naps: list[float]) -> None:
    app = App(fake.app.id + 1, fake.private_key, fake.url, sleep=naps.append)
    with pytest.raises(GitHubError) as raised:
        app.token(INSTALLATION)
    assert raised.value.passing


def test_tokens_stand_in_no_log_and_no_error(
    fake: FakeGitHub, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(GitHubError) as raised:
        client.get("/repos/acme/absent/git/trees/main")
    (token,) = fake.tokens
    assert token not in caplog.text
    assert token not in repr(raised.value)
    assert raised.value.__cause__ is None
