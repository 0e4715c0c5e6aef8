"""At most so many writes in any minute and any hour, and check runs before comments."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.github.pace import HOUR, MINUTE, Measure

WISHES = st.lists(st.tuples(st.floats(0, 400), st.booleans(), st.integers(1, 3)), max_size=80)


@given(WISHES, st.integers(4, 12), st.integers(8, 30))
def test_no_minute_and_no_hour_holds_more(wishes: list[tuple[float, bool, int]], minute: int, hour: int) -> None:
    measure, now, taken = Measure(minute, hour), 0.0, list[float]()
    for pause, is_check, count in wishes:
        now += pause
        while (left := measure.seconds_left(measure.recent(taken, now), now, is_check=is_check, count=count)) > 0:
            now += left
        taken += [now] * count
    for seconds, limit in ((MINUTE, minute), (HOUR, hour)):
        for earlier, later in zip(taken, taken[limit:], strict=False):
            assert later - earlier >= seconds - 1e-6


def test_comments_leave_a_quarter_to_check_runs() -> None:
    measure, taken = Measure(80, 500), [0.0] * 60
    assert measure.seconds_left(taken, 1.0, is_check=False) == 59.0
    assert measure.seconds_left(taken, 1.0, is_check=True) == 0.0
    assert measure.seconds_left([0.0] * 80, 1.0, is_check=True) == 59.0


def test_the_hour_counts_too() -> None:
    spread = [float(moment) for moment in range(0, 3500, 7)]  # 500 of them, 8 or 9 in each minute
    measure = Measure(80, 500)
    assert measure.seconds_left(spread, 3500.0, is_check=True) == 100.0
    assert measure.seconds_left(spread[:375], 3500.0, is_check=False) == 100.0
    assert measure.recent(spread, 3607.5) == spread[2:]


def test_no_limit_lets_everything_through() -> None:
    assert Measure(0, 0).seconds_left([0.0] * 9000, 0.0, is_check=False) == 0.0


def test_more_than_the_measure_holds_waits_for_an_empty_one() -> None:
    assert Measure(8, 0).seconds_left([], 0.0, is_check=False, count=20) == 0.0
    assert Measure(8, 0).seconds_left([0.0, 10.0], 20.0, is_check=False, count=20) == 50.0
