"""What ``preadmit doctor`` prints, whole: with good credentials, with wrong ones, with an App that is set up badly."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.service import SECONDS, environment
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.fixtures import fake
from tests.fake_github.state import Delivered

__all__ = ["fake"]


GOOD: Final = """\
ok    settings       for https://api.github.com
ok    database       SQLite in /var/lib/preadmit
ok    clock          N s from GitHub's
ok    app            preadmit (id 4711)
ok    permissions    checks: write, contents: read, metadata: read, pull_requests: write
ok    events         pull_request, pull_request_review_comment, push, repository
ok    webhook        https://preadmit.example.com/webhook
ok    deliveries     the latest was answered with 202
ok    installations  1 of 1 ready
ok    required check from this App in 1 of 1 repositories looked at
"""
WRONG: Final = """\
ok    settings       for https://api.github.com
ok    database       SQLite in /var/lib/preadmit
ok    clock          N s from GitHub's
fail  credentials    GET /app: 401: A JSON web token could not be decoded
                     -> PREADMIT_APP_ID and the private key do not belong together, or the key is gone: make a new one
"""
UNSET: Final = """\
fail  settings       PREADMIT_APP_ID is not set
                     -> docs/APP.md says what each variable means
fail  settings       PREADMIT_PRIVATE_KEY or PREADMIT_PRIVATE_KEY_FILE is not set
                     -> docs/APP.md says what each variable means
fail  settings       PREADMIT_WEBHOOK_SECRET is not set
                     -> docs/APP.md says what each variable means
"""
BADLY: Final = """\
ok    settings       for https://api.github.com
ok    database       SQLite in /var/lib/preadmit
ok    clock          N s from GitHub's
ok    app            preadmit (id 4711)
fail  permissions    lacks checks: write
                     -> add them in the App's settings, https://github.com/apps/preadmit
fail  events         lacks pull_request_review_comment, push, repository
                     -> subscribe to them in the App's settings
fail  webhook        https://preadmit.example.com/hook does not end in /webhook
                     -> set it to https://YOUR-HOST/webhook
fail  deliveries     the latest was refused: its signature is not ours
                     -> PREADMIT_WEBHOOK_SECRET and the App's webhook secret differ; set the same in both
fail  installations  99 has not granted checks
                     -> accept at https://api.github.com/installations/99
ok    installations  0 of 1 ready
fail  required check acme/blog, main: `preadmit` is required, which never arrives
                     -> require `preadmit: main` instead: docs/APP.md, "Require the check"
warn  required check acme/shop, main: it is required from any source, so that whoever may write statuses can forge it
                     -> choose this App as its source: docs/APP.md, "Require the check"
warn  required check not required in acme/docs: it can be merged over
                     -> require it from this App: docs/APP.md, "Require the check"
"""
UNREACHABLE: Final = """\
ok    settings       for http://127.0.0.1:9
ok    database       SQLite in /var/lib/preadmit
fail  github         http://127.0.0.1:9 cannot be reached: ConnectionError
                     -> look at GITHUB_API_URL, the network, and HTTPS_PROXY where there is a proxy
"""


def screen(fake: FakeGitHub, state: Path, **settings: str) -> tuple[int, str]:
    """The exit code, and what stands on the screen, with the fake's address and the state directory by name."""
    given = {
        "PREADMIT_APP_ID": str(fake.app.id),
        "PREADMIT_PRIVATE_KEY": fake.private_key,
        "PREADMIT_WEBHOOK_SECRET": deliveries.SECRET,
        "PREADMIT_STATE_DIR": str(state),
        "GITHUB_API_URL": fake.url,
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "doctor"],
        env=environment(**given),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert done.stderr == ""
    shown = done.stdout.replace(fake.url, "https://api.github.com").replace(str(state), "/var/lib/preadmit")
    return done.returncode, re.sub(r"\d+ s from GitHub's", "N s from GitHub's", shown)


def in_order(fake: FakeGitHub) -> None:
    """Let GitHub's side be as it should."""
    fake.deliveries.append(Delivered(1, "g", "ping", {}, 202))
    shop = fake.repository("acme/shop")
    shop.required = [{"context": "lint"}, {"context": "preadmit: main", "integration_id": fake.app.id}]


def test_good_credentials(fake: FakeGitHub, tmp_path: Path) -> None:
    in_order(fake)
    assert screen(fake, tmp_path) == (0, GOOD)
    assert fake.violations == []


@pytest.mark.parametrize("text", [GOOD, WRONG], ids=["good", "wrong"])
def test_the_page_shows_what_stands_on_the_screen(text: str) -> None:
    page = (Path(__file__).parents[2] / "docs/APP.md").read_text(encoding="utf-8")
    assert re.sub(r"\d+ s from GitHub's", "N s from GitHub's", page).count(text) == 1


def test_a_key_that_is_another_apps(fake: FakeGitHub, tmp_path: Path) -> None:
    assert screen(fake, tmp_path, PREADMIT_APP_ID="1") == (1, WRONG)


def test_nothing_is_set(fake: FakeGitHub, tmp_path: Path) -> None:
    nothing = dict.fromkeys(("PREADMIT_APP_ID", "PREADMIT_PRIVATE_KEY", "PREADMIT_WEBHOOK_SECRET"), "")
    assert screen(fake, tmp_path, **nothing) == (1, UNSET)


def test_an_app_that_is_set_up_badly(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.permissions = {"checks": "read", "contents": "write", "metadata": "read", "pull_requests": "write"}
    fake.events = ["pull_request"]
    fake.hook = {"url": "https://preadmit.example.com/hook", "content_type": "json", "insecure_ssl": "0"}
    fake.deliveries.append(Delivered(1, "g", "ping", {}, 401))
    blog, _, shop = (fake.repository(f"acme/{name}") for name in ("blog", "docs", "shop"))
    blog.required = [{"context": "preadmit"}]
    shop.git.commit("main", {"a": "1"})
    shop.protected = [{"context": "preadmit: main", "app_id": None}]
    assert screen(fake, tmp_path) == (1, BADLY)


def test_a_github_that_does_not_answer(fake: FakeGitHub, tmp_path: Path) -> None:
    code, text = screen(fake, tmp_path, GITHUB_API_URL="http://127.0.0.1:9")
    assert (code, text) == (1, UNREACHABLE)


@pytest.mark.parametrize("url", ["postgresql://bot:hush@127.0.0.1:9/preadmit"])
def test_a_database_that_does_not_answer(fake: FakeGitHub, tmp_path: Path, url: str) -> None:
    in_order(fake)
    code, text = screen(fake, tmp_path, PREADMIT_DATABASE_URL=url)
    assert code == 1
    assert text.splitlines()[1].startswith("fail  database       ")
    assert text.splitlines()[3:] == GOOD.splitlines()[2:]
    assert "hush" not in text
