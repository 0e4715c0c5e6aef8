"""Jobs of one pull request in order, those of different ones side by side."""

from __future__ import annotations

import logging
import threading

import pytest

from bot.jobs import Job
from bot.worker import QueueFullError, ThreadQueue, partition


def job(number: int | None, delivery: str = "d", repository: str = "acme/shop") -> Job:
    return Job(delivery, 1, repository, "a" * 40, number)


def test_one_pull_request_is_worked_on_once_at_a_time_and_in_order() -> None:
    active: dict[object, int] = {}
    done: list[tuple[int | None, str]] = []
    clashes: list[Job] = []
    lock = threading.Lock()

    def handle(one: Job) -> None:
        with lock:
            active[partition(one)] = active.get(partition(one), 0) + 1
            if active[partition(one)] > 1:
                clashes.append(one)
        threading.Event().wait(0.001)
        with lock:
            active[partition(one)] -= 1
            done.append((one.number, one.delivery))

    queue = ThreadQueue(handle, threads=4)
    jobs = [job(number, f"{turn:02}") for turn in range(10) for number in (1, 2, 3)]
    for one in jobs:
        queue.submit(one)
    assert queue.close(10)
    assert clashes == []
    for number in (1, 2, 3):
        assert [turn for which, turn in done if which == number] == [f"{turn:02}" for turn in range(10)]


def test_different_pull_requests_run_side_by_side() -> None:
    both = threading.Barrier(2, timeout=10)
    queue = ThreadQueue(lambda one: (both.wait(), None)[1], threads=2)
    queue.submit(job(1))
    queue.submit(job(2))
    assert queue.close(10)
    assert not both.broken


def test_a_fault_does_not_end_the_others_work(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int | None] = []

    def handle(one: Job) -> None:
        if one.number == 1:
            raise ValueError("boom")
        done.append(one.number)

    queue = ThreadQueue(handle, threads=1)
    with caplog.at_level(logging.ERROR):
        queue.submit(job(1, "broken"))
        queue.submit(job(1))
        queue.submit(job(2))
        assert queue.close(10)
    assert done == [2]
    assert "delivery broken" in caplog.text


def test_too_many_and_too_late_are_refused() -> None:
    hold = threading.Event()
    queue = ThreadQueue(lambda one: (hold.wait(10), None)[1], threads=1, most_waiting=1)
    queue.submit(job(1))
    while not queue._busy:  # the first job has left the queue
        hold.wait(0.001)
    queue.submit(job(2))
    with pytest.raises(QueueFullError, match="too many"):
        queue.submit(job(3))
    assert not queue.close(0.01)
    hold.set()
    assert queue.close(10)
    with pytest.raises(QueueFullError, match="stopping"):
        queue.submit(job(9))


def test_an_unknown_pull_request_is_kept_apart_by_its_commit() -> None:
    assert partition(job(None)) == ("acme/shop", "a" * 40)
    assert partition(job(3, repository="Acme/Shop")) == partition(job(3))
