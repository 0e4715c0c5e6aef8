"""``preadmit serve`` as a process: its start, and what it keeps to itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.service import SECONDS, Opener, Service, environment, leaks
from tests.e2e.shop import BASE, CHANGE, workshop
from tests.fake_github import FakeGitHub


def refused(**settings: str) -> tuple[int, str]:
    """A start that ends at once: the exit code, and all that was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "serve"],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_all_missing_settings_are_named_in_one_line() -> None:
    code, output = refused()
    assert code == 2
    assert output.splitlines() == [
        "preadmit serve: PREADMIT_APP_ID is not set; PREADMIT_PRIVATE_KEY or PREADMIT_PRIVATE_KEY_FILE is not set; "
        "PREADMIT_WEBHOOK_SECRET is not set"
    ]


def test_a_key_that_is_none_is_refused_and_not_shown(tmp_path: Path) -> None:
    code, output = refused(
        PREADMIT_APP_ID="1",
        PREADMIT_PRIVATE_KEY="very secret",
        PREADMIT_WEBHOOK_SECRET="s" * 20,
        PREADMIT_STATE_DIR=str(tmp_path),
    )
    assert (code, len(output.splitlines())) == (2, 1)
    assert output.startswith("preadmit serve: PREADMIT_PRIVATE_KEY")
    assert "very secret" not in output


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A GitHub of this test's own."""
    made = FakeGitHub(tmp_path / "github")
    yield made
    made.close()


def test_a_fault_is_logged_under_its_number_without_secrets(fake: FakeGitHub, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text(fake.private_key)
    service = Service(fake, tmp_path / "state", PREADMIT_PRIVATE_KEY="", PREADMIT_PRIVATE_KEY_FILE=str(key))
    case = Opener(service)({**BASE, **workshop(strict=True)}, CHANGE)
    fake.fail("PATCH", "/check-runs/", 403, message="Resource not accessible by integration")
    log = case.deliver()
    assert "the work failed" in log
    assert (case.run.conclusion, case.run.title) == ("failure", "preadmit failed")
    number = str(case.run.summary).split("`")[1]
    assert any(f"fault {number}" in line for line in service.output)
    fake.fail("POST", "/access_tokens", 403, message="This installation has been suspended")
    issued = dict(fake.tokens)
    fake.tokens.clear()
    assert "the work failed" in case.deliver("synchronize")
    assert service.stop() == 0
    fake.tokens.update(issued)
    assert leaks("\n".join(service.output), fake) == []
    assert "Traceback" in "\n".join(service.output)


def test_it_is_watched(fake: FakeGitHub, tmp_path: Path) -> None:
    service = Service(fake, tmp_path / "state", PREADMIT_LOG_FORMAT="json")
    case = Opener(service)({**BASE, **workshop(strict=True)}, CHANGE)
    case.deliver()
    assert service.get("/readyz").json() == {"status": "ok"}
    text = service.get("/metrics").text
    for line in (
        'preadmit_deliveries_total{event="pull_request.opened",outcome="accepted"} 1.0',
        'preadmit_jobs_total{outcome="judged"} 1.0',
        'preadmit_job_seconds_count{stage="publish"} 1.0',
        'preadmit_github_requests_total{method="POST",status="201"}',
        "preadmit_queue_depth 0",
    ):
        assert line in text
    assert "acme" not in text
    [told] = [json.loads(line) for line in service.output if '"outcome": "judged"' in line]
    assert (told["repository"], told["head"]) == (case.repository.full_name, case.pull.head_sha)
    assert told["seconds"] >= told["judge_seconds"] > 0
    assert service.stop() == 0
    service.assert_clean()
