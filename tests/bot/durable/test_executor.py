"""Work that was taken is done, also where the database is away for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from dbos import DBOS

from bot.durable import database
from bot.durable.executor import Executor
from bot.durable.inbox import Inbox
from bot.durable.scheduler import Scheduler
from bot.jobs import Job, Work
from bot.settings import Settings
from bot.worker import Attempt, QueueError
from tests.bot.durable.conftest import THREADS

Handle = Callable[[Work, Attempt], str]
Start = Callable[[Handle], Inbox]


@pytest.fixture
def start(settings: Settings, url: str, inbox: Inbox, scheduler: Scheduler) -> Iterator[Start]:
    """Starts an executor of this process, and gives what takes work for it."""
    running: list[Executor] = []

    def start(handle: Handle) -> Inbox:
        running.append(Executor(url, database.locks(settings, url), inbox, scheduler, handle, THREADS))
        running[0].start()
        return inbox

    yield start
    for one in running:
        one.stop(5)


def job(number: int, delivery: str = "", repository: str = "acme/shop") -> Job:
    return Job(delivery or f"d{number}", 1, repository, "a" * 40, number, "main")


def ended(delivery: str) -> str:
    found = DBOS.get_workflow_status(delivery)
    return found.status if found else ""


def until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_work_goes_on_after_the_database_was_away(start: Start) -> None:
    came: list[int] = []

    def handle(work: Work, attempt: Attempt) -> str:
        came.append(attempt.starts)
        if len(came) == 1:
            raise QueueError("the database does not answer")
        return "done"

    inbox = start(handle)
    inbox.submit(job(1))
    until(lambda: len(came) == 2)
    assert came == [1, 1]
    until(lambda: ended("d1") == "SUCCESS")


def test_a_quiet_repository_does_not_wait_for_a_noisy_one(start: Start) -> None:
    begun: list[str] = []
    go_on = threading.Event()

    def handle(work: Work, attempt: Attempt) -> str:
        begun.append(work.repository)
        go_on.wait(60)
        return "done"

    inbox = start(handle)
    for number in range(150):
        inbox.submit(job(number))
    for number in range(3):
        inbox.submit(job(number, f"quiet{number}", "acme/quiet"))
    go_on.set()
    until(lambda: len(begun) == 153)
    assert max(place for place, repository in enumerate(begun) if repository == "acme/quiet") < 40


def test_what_follows_is_done_after_what_it_follows(start: Start) -> None:
    done: list[str] = []

    def handle(work: Work, attempt: Attempt) -> str:
        done.append(work.delivery)
        return "done"

    inbox = start(handle)
    for number in range(30):
        inbox.submit(job(number % 3, f"{number:02}"))
    until(lambda: len(done) == 30)
    for rest in range(3):
        assert [one for one in done if int(one) % 3 == rest] == [f"{number:02}" for number in range(rest, 30, 3)]


def test_too_much_of_one_installation_is_turned_away_and_no_other(url: str, scheduler: Scheduler) -> None:
    inbox = Inbox(url, scheduler, most=3)
    for number in range(THREADS + 3):
        assert inbox.submit(job(number))
    with pytest.raises(QueueError, match="3 pieces of work of installation 1 wait already"):
        inbox.submit(job(9))
    assert inbox.submit(replace(job(9), installation=11))
    assert inbox.backlog().waiting == THREADS + 4
    inbox.close()
