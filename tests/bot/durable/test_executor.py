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
from bot.durable.turns import Room
from bot.jobs import Job, Work
from bot.settings import Settings
from bot.worker import Attempt, QueueError
from tests.bot.durable.conftest import THREADS

Handle = Callable[[Work, Attempt], str]
Start = Callable[[Handle], Inbox]


@pytest.fixture
def start(settings: Settings, url: str, inbox: Inbox) -> Iterator[Start]:
    """Starts an executor of this process, and gives what takes work for it."""
    running: list[Executor] = []

    def start(handle: Handle) -> Inbox:
        running.append(Executor(url, database.locks(settings, url), inbox, handle, Room(THREADS, THREADS - 1)))
        running[0].start()
        return inbox

    yield start
    for one in running:
        one.stop(60)


def job(number: int, delivery: str = "", repository: str = "acme/shop", installation: int = 1) -> Job:
    return Job(delivery or f"d{number}", installation, repository, "a" * 40, number, "main")


def ended(delivery: str) -> str:
    found = DBOS.get_workflow_status(delivery)
    return found.status if found else ""


def until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + 300
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


class Held:
    """Work that ends when it is told to; ``begun`` are the repositories of what was begun."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self._ends = threading.Semaphore(0)

    def __call__(self, work: Work, attempt: Attempt) -> str:
        self.begun.append(work.repository)
        self._ends.acquire(timeout=300)
        return "done"

    def end(self, count: int) -> None:
        """Let so many pieces of work end."""
        self._ends.release(count)


def test_a_noisy_installation_leaves_a_thread_to_a_quiet_one(start: Start) -> None:
    held = Held()
    inbox = start(held)
    for number in range(200):
        inbox.submit(job(number, repository=f"noisy/r{number % 5}"))
    until(lambda: held.begun)
    inbox.submit(job(1, "quiet", "quiet/one", installation=2))
    until(lambda: "quiet/one" in held.begun)
    assert len(held.begun) == 2  # not one piece of the other's had to end, and no more of it was begun
    held.end(201)


def test_a_quiet_repository_does_not_wait_for_a_noisy_one(start: Start) -> None:
    held = Held()
    inbox = start(held)
    for number in range(200):
        inbox.submit(job(number))
    for number in range(3):
        inbox.submit(job(number, f"quiet{number}", "acme/quiet"))
    until(lambda: held.begun)
    held.end(203)
    until(lambda: len(held.begun) == 203)
    assert [place for place, one in enumerate(held.begun) if one == "acme/quiet"] == [1, 3, 5]


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


def test_too_much_of_one_installation_is_turned_away_and_no_other(url: str) -> None:
    inbox = Inbox(url, most=3)
    for number in range(3):
        assert inbox.submit(job(number))
    with pytest.raises(QueueError, match="3 pieces of work of installation 1 wait already"):
        inbox.submit(job(9))
    assert inbox.submit(replace(job(9), installation=11))
    assert inbox.backlog().waiting == 4
    inbox.close()
