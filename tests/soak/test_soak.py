"""Nothing lost, nothing doubled, nothing wrong, nothing left: under load, with GitHub's faults, killed again and again.

PREADMIT_SOAK_DELIVERIES makes it longer (500 when it is not set).
"""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.e2e.service import Service
from tests.fake_github import FakeGitHub
from tests.fake_github.weather import Weather
from tests.soak.traffic import Killer, Traffic, faults, send

DELIVERIES = int(os.environ.get("PREADMIT_SOAK_DELIVERIES") or 500)
SECONDS = 75.0
"""In which 500 of them arrive."""

PATIENCE = 300.0
"""For which nothing may get done before work counts as stuck."""

KILLS = min(5, DELIVERIES // 50)
"""At least; there are more where the machine is quick."""

FINDINGS = 2

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server."""
    with postgres.server() as url:
        yield url


def statuses(state: Path, url: str) -> dict[str, str]:
    """In which state each piece of work is."""
    if url:
        with psycopg.connect(url) as session:
            return dict(session.execute("SELECT workflow_uuid, status FROM dbos.workflow_status").fetchall())
    with closing(sqlite3.connect(state / "preadmit.sqlite", timeout=30)) as session:
        return dict(session.execute("SELECT workflow_uuid, status FROM workflow_status").fetchall())


@pytest.mark.parametrize(("database", "services"), [("sqlite", 1), ("postgresql", 1), ("postgresql", 2)])
def test_soak(database: str, services: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with ExitStack() as stack:
        settings, url = {"PREADMIT_THREADS": "4", "PREADMIT_GRACE_SECONDS": "60"}, ""
        if database == "postgresql":
            name = f"soak_{uuid.uuid4().hex[:8]}"
            url = stack.enter_context(postgres.database(request.getfixturevalue("server"), name))
            settings["PREADMIT_DATABASE_URL"] = url
        fake = FakeGitHub(tmp_path / "github")
        stack.callback(fake.close)
        traffic = Traffic(fake, seed=7)
        running = [Service(fake, tmp_path / f"state{number}", **settings) for number in range(services)]
        for one in running:
            stack.callback(one.kill)
        fake.weather = Weather(seconds=0.02, share=0.05, seed=7)
        with Killer(running, seed=7) as killer:
            taken = send(running, traffic.deliveries(DELIVERIES), lambda: time.sleep(SECONDS / 500))
            killer.wait_for(KILLS, PATIENCE)
        ended = _drained(tmp_path / "state0", url)
        met, fake.weather = fake.weather.met, Weather()
        requests, bad = sum(met.values()), sum(met.values()) - met[""]
        sent = {name for name, _ in taken}
        report = f"{len(taken)} deliveries, {len(taken) - len(sent)} of them again, {killer.killed} kills"
        report += f", {requests} requests, {bad} of them with a fault"
        report += f", {_p99(taken):.3f} s until 202 (p99), work: {dict(Counter(ended.values()))}"
        print(f"{database}, {services} serving: {report}")
        for number, one in enumerate(running):
            (tmp_path / f"output{number}.txt").write_text("\n".join(one.output), "utf-8")
        unfinished = [name for name, status in ended.items() if status != "SUCCESS"]
        report += "".join(f"\n{line}" for one in running for name in unfinished for line in _said(one.output, name))
        assert faults(traffic.pulls, FINDINGS) == [], report
        assert unfinished == [], report
        assert sent <= ended.keys(), f"{report}\nlost: {sent - ended.keys()}"
        assert fake.violations == []
        assert killer.killed >= KILLS
        assert bad >= requests * 0.03, "the faults did not come"
        assert len(taken) - len(sent) >= DELIVERIES * 0.05, "the duplicates did not come"
        for one in running:
            assert one.stop() == 0
            one.assert_clean()


def _said(output: list[str], delivery: str) -> list[str]:
    """What the log has about a delivery, with the traces of what it failed by."""
    found: list[str] = []
    is_meant = False
    for line in output:
        is_meant = delivery in line or (is_meant and line.startswith((" ", "Traceback", "bot.", "github.")))
        found += [line] * is_meant
    return found


def _drained(state: Path, url: str) -> dict[str, str]:
    """Wait until all work is finished, for as long as there is less and less of it."""
    least, ends = len(statuses(state, url)) + 1, time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        found = statuses(state, url)
        left = sum(status in ("ENQUEUED", "PENDING", "DELAYED") for status in found.values())
        if not left:
            return found
        if left < least:
            least, ends = left, time.monotonic() + PATIENCE
        time.sleep(0.5)
    raise AssertionError(f"work is left: {dict(Counter(found.values()))}")


def _p99(taken: list[tuple[str, float]]) -> float:
    return sorted(seconds for _, seconds in taken)[int(len(taken) * 0.99)]
