"""Work that was taken is done, also where the database is away for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from dbos import DBOS

from bot.durable import database
from bot.durable.executor import Executor
from bot.durable.inbox import Inbox
from bot.jobs import Job, Work
from bot.settings import Settings
from bot.worker import Attempt, QueueError

Handle = Callable[[Work, Attempt], str]
Start = Callable[[Handle], Inbox]


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Starts an executor of this process on a database of its own, and gives what takes work for it."""
    url = database.prepare(settings)
    inbox = Inbox(url)
    running: list[Executor] = []

    def start(handle: Handle, threads: int = 2) -> Inbox:
        running.append(Executor(url, database.locks(settings, url), inbox, handle, threads))
        running[0].start()
        return inbox

    yield start
    for one in running:
        one.stop(5)
    inbox.close()


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
