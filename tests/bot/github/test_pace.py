"""At most so many writes in any minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.github.pace import Pacer


class Clock:
    """A time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 10))
def test_no_minute_holds_more_than_the_limit(pauses: list[float], limit: int) -> None:
    clock = Clock()
    pacer = Pacer(limit, clock.read, clock.sleep)
    written: list[float] = []
    for pause in pauses:
        clock.sleep(pause)
        pacer.wait()
        written.append(clock.now)
    for earlier, later in zip(written, written[limit:], strict=False):
        assert later - earlier >= 60 - 1e-6


def test_a_burst_within_the_limit_does_not_wait() -> None:
    clock = Clock()
    pacer = Pacer(80, clock.read, clock.sleep)
    for _ in range(80):
        pacer.wait()
    assert clock.now == 0
    pacer.wait()
    assert clock.now == 60
