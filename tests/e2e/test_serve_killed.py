"""Nothing is lost when processes are killed: each head ends with one check run, each finding with one comment."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.e2e.service import SECONDS, Case, Opener, Service, children, lives
from tests.e2e.shop import BASE, CHANGE, workshop
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.state import Delivered


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server."""
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What chooses the database."""
    if request.param == "sqlite":
        yield {}
        return
    with postgres.database(request.getfixturevalue("server"), f"killed_{uuid.uuid4().hex[:8]}") as url:
        yield {"PREADMIT_DATABASE_URL": url}


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A GitHub of this test's own."""
    made = FakeGitHub(tmp_path / "github")
    yield made
    made.close()


Start = Callable[..., Service]


@pytest.fixture
def start(fake: FakeGitHub, tmp_path: Path, settings: dict[str, str]) -> Iterator[Start]:
    """Starts a process of the service, with the same database as the others."""
    started: list[Service] = []

    def begin(*arguments: str, **more: str) -> Service:
        started.append(Service(fake, tmp_path / "state", *arguments, **settings, **more))
        return started[-1]

    yield begin
    for one in started:
        one.kill()


def opened(service: Service) -> Case:
    return Opener(service)({**BASE, **workshop(strict=True)}, CHANGE)


def send(case: Case, delivery: str = "") -> None:
    answer = case.service.send("pull_request", deliveries.encode(case.payload()), delivery=delivery)
    assert answer.status_code == 202, answer.text


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for what must come."""
    ends = time.monotonic() + 2 * SECONDS
    while not condition():
        assert time.monotonic() < ends, what
        time.sleep(0.02)


def is_answered(case: Case) -> bool:
    runs = case.repository.check_runs
    return len(runs) == 1 and runs[0].status == "completed" and len(case.comments) == 2


def test_a_delivery_that_was_accepted_outlives_the_service(start: Start) -> None:
    web = start("serve", "--web")
    case = opened(web)
    send(case)
    web.kill()
    assert case.requests == []
    worker = start("worker")
    until(lambda: is_answered(case), "no answer")
    assert worker.stop() == 0


@pytest.mark.parametrize("moment", ["GET /repos", "POST /repos", "PATCH /repos", "POST .*/reviews"])
def test_a_worker_killed_at_any_request_leaves_one_check_run(start: Start, fake: FakeGitHub, moment: str) -> None:
    web, worker = start("serve", "--web"), start("worker")
    case = opened(web)
    method, _, path = moment.partition(" ")
    with fake.stopped_at(method, path) as reached:
        send(case)
        assert reached.wait(SECONDS)
        worker.kill()
    start("worker")
    until(lambda: is_answered(case), "no answer")
    assert [run.conclusion for run in case.repository.check_runs] == ["failure"]
    assert len({comment.body for comment in case.comments}) == 2


def test_serve_starts_again_what_dies(start: Start) -> None:
    service = start()
    for _ in range(2):
        for child in reversed(children(service.process.pid)):  # parents first: they would start others
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        until(lambda: len(children(service.process.pid)) >= 3, "no new processes")
    service.wait_until_it_lives()
    case = opened(service)
    case.deliver()
    assert is_answered(case)
    assert service.stop() == 0


def test_nothing_of_serve_outlives_it(start: Start) -> None:
    service = start()
    below = children(service.process.pid)
    service.process.kill()
    until(lambda: not any(map(lives, below)), "orphans")


def test_a_redelivery_is_the_same_work(start: Start) -> None:
    service = start()
    case = opened(service)
    case.deliver(delivery="d-1")
    before = len(case.writes)
    send(case, "d-1")
    case.deliver(delivery="d-2")
    assert len(case.writes) == before
    assert sum("delivery=d-1 " in line for line in service.output) == 1


def test_a_redelivery_of_what_failed_is_done_again(start: Start, fake: FakeGitHub) -> None:
    service = start()
    case = opened(service)
    fake.fail("PATCH", "/check-runs/", 403, message="Resource not accessible by integration")
    assert "the work failed" in case.deliver(delivery="d-1")

    def is_judged() -> bool:
        send(case, "d-1")  # until the database has it, too, that the work failed, this is still the same work
        return any("delivery=d-1 " in line and "outcome=judged" in line for line in service.output)

    until(is_judged, "not judged")
    assert is_answered(case)


def test_work_is_kept_where_the_owner_alone_may_read(start: Start, settings: dict[str, str], tmp_path: Path) -> None:
    service = start()
    opened(service).deliver()
    if settings:
        with psycopg.connect(settings["PREADMIT_DATABASE_URL"]) as session:
            assert session.execute("SELECT count(*) FROM dbos.workflow_status").fetchone() == (1,)
        return
    files = list((tmp_path / "state").glob("preadmit.sqlite*"))
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_what_is_begun_ends_within_the_grace_and_the_rest_waits(start: Start, fake: FakeGitHub) -> None:
    service = start(PREADMIT_THREADS="1", PREADMIT_GRACE_SECONDS=str(SECONDS // 2))
    cases = [opened(service) for _ in range(3)]
    with fake.stopped_at("POST", "/app/") as reached:  # GitHub does not answer while the wish to stop arrives
        for case in cases:
            send(case)
        assert reached.wait(SECONDS)
        service.process.terminate()
        service.wait_for_line("told to stop")
        assert service.process.poll() is None
    assert service.wait() == 0
    assert sum(is_answered(case) for case in cases) == 1
    assert all(run.status == "completed" for case in cases for run in case.repository.check_runs)
    start()
    until(lambda: all(map(is_answered, cases)), "left undone")


def test_what_happened_while_the_service_was_down_is_answered(start: Start, fake: FakeGitHub) -> None:
    service = start()
    case, lost = opened(service), opened(service)
    service.kill()
    body = lost.payload()
    fake.deliveries.append(Delivered(1, "lost", "pull_request", body, 0))
    service = start(PREADMIT_RECONCILE_SECONDS="300")
    until(lambda: is_answered(case) and is_answered(lost), "no answer")
    service.log_of("lost")
