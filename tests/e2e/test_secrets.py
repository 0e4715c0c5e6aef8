"""Everything is run with known secrets, and all that it writes anywhere is searched for them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot import observe, pipeline, render
from bot.answer import Answer, FaultError
from bot.github.auth import App
from bot.jobs import Job
from bot.model import Judgement, Source
from bot.telemetry.metrics import Metrics
from bot.telemetry.tracing import Tracing
from bot.telemetry.watch import Watch
from bot.worker import Postponed
from tests import postgres
from tests.e2e.service import SECONDS, Opener, Service, environment
from tests.e2e.shop import BASE, CHANGE, FIX, workshop
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.fixtures import fake
from tests.fake_github.state import Identity

__all__ = ["fake"]

OLD_SECRET: Final = "the-old-webhook-secret-5d1f"
PASSWORD: Final = "the-database-password-8c2e"
CLIENT_SECRET: Final = "the-client-secret-77ab"
CREATED: Final[dict[str, Any]] = {
    "id": 4712,
    "slug": "preadmit-new",
    "html_url": "https://github.com/apps/preadmit-new",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nthe-new-private-key-19fe\n-----END RSA PRIVATE KEY-----\n",
    "webhook_secret": "the-new-webhook-secret-20aa",
    "client_secret": CLIENT_SECRET,
}
_SIGNED: Final = re.compile(r"eyJ[\w-]{10,}\.")
"""How a JSON web token begins."""


def secrets_of(fake: FakeGitHub) -> list[str]:
    """All that must stand nowhere: of the key each line, since a log would break it."""
    key = [line for line in fake.private_key.splitlines() if "-----" not in line]
    return [deliveries.SECRET, OLD_SECRET, PASSWORD, CLIENT_SECRET, "the-new-private-key-19fe", *key, *fake.tokens]


def leaks(fake: FakeGitHub, written: str) -> list[str]:
    """The secrets that stand in what was written."""
    return [secret for secret in secrets_of(fake) if secret in written] + _SIGNED.findall(written)


def said_to_github(fake: FakeGitHub) -> str:
    """Check runs, comments and all else that was sent, with the addresses."""
    return "\n".join(f"{one.path} {one.query} {json.dumps(one.body)}" for one in fake.requests)


def files_below(directory: Path) -> str:
    """The contents of all files, whatever they are."""
    found = [path for path in sorted(directory.rglob("*")) if path.is_file() and not path.is_symlink()]
    return "\n".join(f"{path} {path.read_bytes().decode('latin-1')}" for path in found)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL."""
    with postgres.server() as url:
        yield url


def with_password(url: str) -> str:
    """The address with a password, which a server that trusts this machine does not ask for."""
    parts = urlsplit(url)
    return url.replace(f"{parts.username}@", f"{parts.username}:{PASSWORD}@", 1)


def rows_of(url: str) -> str:
    """Every row of every table."""
    with psycopg.connect(url) as session:
        tables = session.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        found = [str(session.execute(f'SELECT * FROM "{s}"."{t}"').fetchall()) for s, t in tables]  # type: ignore[arg-type]  # names of the database's own
    assert any("workflow" in table for _, table in tables)
    return "\n".join(found)


def work_through(service: Service) -> None:
    """What goes well, what GitHub refuses, what is ours, what is nobody's: each writes another way."""
    fake, opened = service.fake, Opener(service)
    shop = opened({**BASE, **workshop(strict=True)}, CHANGE)
    shop.deliver()
    shop.push(FIX)
    old = deliveries.encode(shop.payload("reopened"))
    service.send("pull_request", old, secret=OLD_SECRET, delivery="signed-by-the-old")
    service.log_of("signed-by-the-old")
    assert service.send("pull_request", old, secret="guessed").status_code == 401
    shop.repository.permissions["octo"] = "write"
    asked = deliveries.issue_comment(fake, shop.repository, shop.pull, "/preadmit explain require-labels", "octo")
    service.deliver("issue_comment", asked)
    broken = opened({**BASE, **workshop(strict=True)}, CHANGE)
    fake.fail("PATCH", f"{broken.repository.full_name}/check-runs/", 422, message="Validation Failed")
    assert "the work failed" in broken.deliver()
    unread = opened({**BASE, **workshop(strict=True)}, CHANGE)
    fake.fail("GET", f"{unread.repository.full_name}/git/trees/", 403, message="Resource not accessible")
    unread.deliver()
    for token in list(fake.tokens):  # expired, as it were
        identity, _ = fake.tokens[token]
        fake.tokens[token] = identity, 0.0
    fake.fail("POST", "/access_tokens", 401, message="A JSON web token could not be decoded", times=9)
    refused = opened({**BASE, **workshop(strict=True)}, CHANGE)
    refused.deliver(delivery="refused-token")
    fake.faults.clear()


def test_the_service_tells_none(fake: FakeGitHub, tmp_path: Path, server: str) -> None:
    with postgres.database(server, f"secrets{uuid.uuid4().hex[:8]}") as url:
        service = Service(
            fake,
            tmp_path / "state",
            PREADMIT_WEBHOOK_SECRET_OLD=OLD_SECRET,
            PREADMIT_DATABASE_URL=with_password(url),
            PREADMIT_LOG_FORMAT="json",
        )
        try:
            work_through(service)
            seen = [service.get(path).text for path in ("/metrics", "/healthz", "/readyz", "/nowhere")]
            assert service.stop() == 0
        finally:
            service.kill()
        written = "\n".join(
            [*service.output, *seen, rows_of(url), said_to_github(fake), files_below(tmp_path / "state")]
        )
    assert "Traceback" in written
    assert "preadmit_jobs_total" in written
    assert leaks(fake, written) == []
    assert leaks(fake, written + f"password={PASSWORD}") == [PASSWORD]


def test_a_database_that_cannot_be_reached_keeps_its_password(fake: FakeGitHub, tmp_path: Path) -> None:
    given = {
        "PREADMIT_APP_ID": str(fake.app.id),
        "PREADMIT_PRIVATE_KEY": fake.private_key,
        "PREADMIT_WEBHOOK_SECRET": deliveries.SECRET,
        "PREADMIT_DATABASE_URL": f"postgresql://bot:{PASSWORD}@127.0.0.1:9/preadmit",
        "PREADMIT_STATE_DIR": str(tmp_path),
        "GITHUB_API_URL": fake.url,
    }
    for words in (["serve", "--web"], ["worker"], ["doctor"]):
        code, written = program(words, **given)
        assert (code != 0, leaks(fake, written)) == (True, []), written


def program(words: list[str], **given: str) -> tuple[int, str]:
    """A command as a process: its exit code and both streams."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        env=environment(**given),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("broken", [False, True])
def test_the_action_tells_none(fake: FakeGitHub, tmp_path: Path, broken: bool) -> None:
    shop = fake.repository("acme/shop")
    shop.git.commit("main", {**BASE, **workshop(strict=True)})
    shop.git.commit("change", dict(CHANGE), onto="main")
    pull = fake.pull(shop, "change")
    token, _ = fake.issue_token(Identity(15368, "github-actions"))
    (tmp_path / "event.json").write_text(json.dumps(deliveries.pull_request(fake, shop, pull)))
    if broken:
        fake.fail("POST", "/graphql", 401, message="Bad credentials", times=9)
    code, log = program(
        ["action"],
        GITHUB_EVENT_NAME="pull_request",
        GITHUB_EVENT_PATH=str(tmp_path / "event.json"),
        GITHUB_WORKSPACE=str(tmp_path),
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"),
        GITHUB_OUTPUT=str(tmp_path / "output.txt"),
        GITHUB_API_URL=fake.url,
        RUNNER_TEMP=str(tmp_path / "temp"),
        INPUT_TOKEN=token,
        INPUT_COMMENTS="true",
    )
    assert code == (2 if broken else 1)
    assert leaks(fake, log + files_below(tmp_path / "temp") + said_to_github(fake)) == []
    assert leaks(fake, (tmp_path / "summary.md").read_text() + (tmp_path / "output.txt").read_text()) == []


@pytest.mark.parametrize("is_right", [True, False])
def test_the_doctor_tells_none(fake: FakeGitHub, tmp_path: Path, is_right: bool) -> None:
    code, written = program(
        ["doctor"],
        PREADMIT_APP_ID=str(fake.app.id if is_right else 1),
        PREADMIT_PRIVATE_KEY=fake.private_key,
        PREADMIT_WEBHOOK_SECRET=deliveries.SECRET,
        PREADMIT_STATE_DIR=str(tmp_path),
        GITHUB_API_URL=fake.url,
    )
    assert (code == 0) is is_right, written
    assert leaks(fake, written) == []


def test_registering_tells_none(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.conversions["good"] = CREATED
    words = ["app", "create", "--url", "https://preadmit.example.com", "--no-browser", "--out", str(tmp_path / "app")]
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "bot.cli", *words],
        env=environment(GITHUB_API_URL=fake.url),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as running:
        assert running.stdout
        first = running.stdout.readline()
        address = re.findall(r"http://127\.0\.0\.1:\d+/", first)[0]
        with requests.Session() as session:
            session.trust_env = False
            page = session.get(address, timeout=SECONDS).text
            state = re.findall(r"\?state=([\w-]+)", page)[0]
            bad = session.get(f"{address}registered?code=bad&state={state}", timeout=SECONDS).text
            good = session.get(f"{address}registered?code=good&state={state}", timeout=SECONDS).text
        rest, _ = running.communicate(timeout=SECONDS)
    assert running.returncode == 0
    assert "preadmit-new is registered" in rest
    assert leaks(fake, first + page + bad + good + rest) == []
    assert "the-new-webhook-secret-20aa" not in first + page + bad + good + rest
    assert CLIENT_SECRET not in files_below(tmp_path / "app")


def test_traces_tell_none(fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    before = observe.observer()
    observe.install(Watch(Metrics(), Tracing(provider)))
    try:
        shop = fake.repository("acme/shop")
        shop.git.commit("main", {**BASE, **workshop(strict=True)})
        shop.git.commit("change", dict(CHANGE), onto="main")
        pull = fake.pull(shop, "change")
        app = App(fake.app.id, fake.private_key, fake.url, sleep=lambda seconds: None)
        job = Job("d", deliveries.INSTALLATION, shop.full_name, pull.head_sha, pull.number, "main")

        def broken(source: Source) -> Judgement:
            raise ZeroDivisionError(fake.private_key)

        class Nowhere:
            def submit(self, work: object, *, seconds: float = 0.0) -> bool:
                return True

        Answer(app, None, pipeline.judge, render, Nowhere())(job)
        with pytest.raises(FaultError):
            Answer(app, None, broken, render, Nowhere())(job)
        fake.fail("POST", "/graphql", 502, times=9)
        with pytest.raises(Postponed):
            Answer(app, None, broken, render, Nowhere())(job)
    finally:
        observe.install(before)
    told = "\n".join(span.to_json() for span in spans.get_finished_spans())
    assert '"name": "job"' in told
    assert leaks(fake, told + said_to_github(fake)) == []
