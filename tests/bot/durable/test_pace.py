"""All processes that share a database keep one measure of writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.durable.pace import Paces
from bot.github.pace import Measure

Made = Callable[[Measure], Paces]


@pytest.fixture
def now() -> list[float]:
    """The time, for all processes."""
    return [1000.0]


@pytest.fixture
def made(url: str, now: list[float]) -> Iterator[Made]:
    """Makes what each process has."""
    all_made: list[Paces] = []

    def make(measure: Measure) -> Paces:
        all_made.append(Paces(url, measure, lambda: now[0]))
        return all_made[-1]

    yield make
    for one in all_made:
        one.close()


def test_processes_share_the_measure(made: Made, now: list[float]) -> None:
    measure = Measure(minute=20, hour=25)
    shared = [made(measure) for _ in range(3)]
    with ThreadPoolExecutor(6) as threads:
        left = list(threads.map(lambda number: shared[number % 3](7).take(is_check=True), range(40)))
    assert sorted(left) == [0.0] * 20 + [60.0] * 20
    now[0] += 60
    assert [shared[0](7).take(is_check=True) for _ in range(7)] == [0.0] * 5 + [3540.0] * 2


def test_installations_do_not_share_it(made: Made) -> None:
    paces = made(Measure(minute=1, hour=0))
    assert [paces(number).take(is_check=True) for number in (1, 1, 2)] == [0.0, 60.0, 0.0]


def test_a_check_run_is_written_where_a_comment_waits(made: Made) -> None:
    paces = made(Measure(minute=4, hour=0))
    assert paces(1).take(is_check=False, count=3) == 0.0
    assert paces(1).take(is_check=False) == 60.0
    assert paces(1).take(is_check=True) == 0.0
    assert paces(1).take(is_check=True) == 60.0
