"""The HTTP face, through Flask's client and through a real gunicorn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient

from bot.app import create_app
from bot.jobs import Job
from bot.settings import Settings
from bot.webhook import MAX_BYTES
from bot.worker import QueueError
from tests.fake_github import FakeGitHub
from tests.fake_github.deliveries import SECRET, encode, headers, pull_request
from tests.fake_github.fixtures import fake
from tests.ports import Port

__all__ = ["fake"]
SECONDS = 300
"""How long a test waits for what should take a second."""

SETTINGS = Settings(4711, "key", (SECRET,))


@pytest.fixture
def jobs() -> list[Job]:
    return []


@pytest.fixture
def client(jobs: list[Job]) -> FlaskClient:
    def submit(job: Job) -> bool:
        jobs.append(job)
        return True

    return create_app(SETTINGS, submit, lambda: None, lambda: b"jobs 1\n").test_client()


def test_it_says_that_it_lives(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_it_says_whether_it_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})

    def unready() -> None:
        raise QueueError("the database does not answer")

    answer = create_app(SETTINGS, lambda work: True, unready, lambda: b"").test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "the database does not answer"})


def test_it_shows_its_metrics(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert (answer.status_code, answer.data) == (200, b"jobs 1\n")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")


def test_work_is_accepted(client: FlaskClient, jobs: list[Job], fake: FakeGitHub) -> None:
    shop = fake.repository("acme/shop")
    shop.git.commit("main", {"a": "1"})
    body = encode(pull_request(fake, shop, fake.pull(shop, "main")))
    answer = client.post("/webhook", data=body, headers=headers("pull_request", body, delivery="d-7"))
    assert (answer.status_code, answer.json) == (202, {"accepted": "d-7"})
    assert [job.repository for job in jobs] == ["acme/shop"]


def test_nothing_to_do_is_accepted_too(client: FlaskClient, jobs: list[Job]) -> None:
    answer = client.post("/webhook", data=b"{}", headers=headers("ping", b"{}"))
    assert (answer.status_code, answer.json) == (202, {"ignored": "pong"})
    assert jobs == []


def test_a_wrong_signature_is_401(client: FlaskClient) -> None:
    answer = client.post("/webhook", data=b"{}", headers=headers("ping", b"{}", "guess"))
    assert answer.status_code == 401


def test_too_large_is_413_without_reading(client: FlaskClient) -> None:
    body = b"x" * (MAX_BYTES + 1)
    answer = client.post("/webhook", data=body, headers=headers("ping", body))
    assert (answer.status_code, answer.json) == (413, {"error": "the payload has more than 26,214,400 bytes"})


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/webhook", 405), ("GET", "/", 404)])
def test_other_addresses(client: FlaskClient, method: str, path: str, status: int) -> None:
    assert client.open(path, method=method).status_code == status


def test_a_queue_that_takes_nothing_is_503(fake: FakeGitHub) -> None:
    def submit(job: Job) -> bool:
        raise QueueError("the database does not take work")

    shop = fake.repository("acme/shop")
    shop.git.commit("main", {"a": "1"})
    body = encode(pull_request(fake, shop, fake.pull(shop, "main")))
    answer = (
        create_app(SETTINGS, submit, lambda: None, lambda: b"jobs 1\n")
        .test_client()
        .post("/webhook", data=body, headers=headers("pull_request", body))
    )
    assert answer.status_code == 503


SERVICE = """
import os, sys
from bot import settings
from bot.model import CheckOutput, Judgement
from bot.serve import Service

class Render:
    def check_output(self, judgement): return CheckOutput("17 passing", "all well", "")
    def review_comments(self, judgement): return ()

class Judge:
    def warm(self): pass
    def __call__(self, source):
        found = source.fetch()
        return Judgement(found.repository, found.base_ref, found.base.sha, found.head.sha, 1, 17)

Service.checked(settings.read(os.environ), Judge(), Render()).both()
"""


def test_a_delivery_to_gunicorn_becomes_a_check_run(fake: FakeGitHub, tmp_path: Path) -> None:
    shop = fake.repository("acme/shop")
    shop.git.commit("main", {"a.yaml": "a: 1\n"})
    shop.git.commit("change", {"a.yaml": "a: 2\n"}, onto="main")
    body = encode(pull_request(fake, shop, fake.pull(shop, "change")))
    port = Port()
    environment = os.environ | {
        "PREADMIT_APP_ID": str(fake.app.id),
        "PREADMIT_PRIVATE_KEY": fake.private_key,
        "PREADMIT_WEBHOOK_SECRET": SECRET,
        "PREADMIT_STATE_DIR": str(tmp_path / "state"),
        "GITHUB_API_URL": fake.url,
        "PORT": str(port.number),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    service = subprocess.Popen([sys.executable, "-c", SERVICE], env=environment, stderr=subprocess.PIPE, text=True)
    log: list[str] = []
    reader = threading.Thread(target=lambda: log.extend(service.stderr or ()), daemon=True)
    reader.start()
    try:
        address = f"http://127.0.0.1:{port.number}"
        wait_for(lambda: requests.get(f"{address}/healthz", timeout=SECONDS).ok)
        refused = requests.post(
            f"{address}/webhook", data=body, headers=headers("pull_request", body, "x"), timeout=SECONDS
        )
        taken = requests.post(f"{address}/webhook", data=body, headers=headers("pull_request", body), timeout=SECONDS)
        assert (refused.status_code, taken.status_code) == (401, 202)
        wait_for(lambda: bool(shop.check_runs) and shop.check_runs[0].status == "completed")
        assert (shop.check_runs[0].conclusion, shop.check_runs[0].title) == ("success", "17 passing")
    finally:
        service.send_signal(signal.SIGTERM)
        assert service.wait(SECONDS) == 0, log
        reader.join(SECONDS)
    told = "".join(log)
    assert "outcome=judged" in told
    for secret in (SECRET, *fake.tokens, fake.private_key.split("\n")[1]):
        assert secret not in told


def wait_for(condition: object, seconds: float = SECONDS) -> None:
    """Wait until a condition holds; an address that does not answer yet does not hold."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():  # type: ignore[operator]  # any callable
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    raise AssertionError("waited in vain")
