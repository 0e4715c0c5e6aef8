"""Shares: of installations, of repositories within them, and the oldest first."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.durable.turns import Waiting, chosen, owners

PARTITIONS = st.builds(
    lambda installation, repository, number: f"{installation}/acme/r{repository}#{number}",
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 9),
)  # fmt: skip


def waiting(*partitions: str) -> list[Waiting]:
    return [Waiting(f"w{number}", partition) for number, partition in enumerate(partitions)]


def test_a_quiet_repository_comes_before_the_crowd_of_another() -> None:
    crowd = [f"1/acme/noisy#{number}" for number in range(50)]
    assert chosen(["1/acme/noisy#90"], waiting(*crowd, "1/acme/quiet#1"), 1) == ["w50"]
    assert chosen(["1/acme/noisy#90"], waiting(*crowd, "1/acme/quiet#1"), 3) == ["w50", "w0", "w1"]


def test_a_quiet_installation_comes_before_one_with_many_repositories() -> None:
    crowd = [f"1/acme/r{number}#1" for number in range(50)]
    assert chosen(["1/acme/r90#1", "1/acme/r91#1", "2/other/quiet#7"], waiting(*crowd, "2/other/quiet#1"), 2) == [
        "w50",
        "w0",
    ]


def test_one_alone_has_all_turns_in_the_order_of_age() -> None:
    assert chosen([], waiting("1/a/b#3", "1/a/b#1", "1/a/b#3", "1/a/b#2"), 4) == ["w0", "w1", "w3"]


def test_an_installation_whose_number_begins_another_is_another() -> None:
    assert owners("1/a/b#1")[0] != owners("11/a/b#1")[0]
    assert owners("7/#7") == ("7/", "7/")
    assert owners("1/a/b#refs/heads/x#y") == owners("1/a/b#2") == ("1/", "1/a/b")


@given(st.lists(PARTITIONS, max_size=12), st.lists(PARTITIONS, max_size=40), st.integers(0, 12))
def test_turns_are_given_while_there_are_some_and_shares_stay_close(
    under_way: list[str], partitions: list[str], room: int
) -> None:
    all_waiting = waiting(*partitions)
    found = chosen(under_way, all_waiting, room)
    by_name = {one.name: one.partition for one in all_waiting}
    given_to = [by_name[name] for name in found]
    free = set(partitions) - set(under_way)
    assert len(found) == min(room, len(free))
    assert len(set(given_to)) == len(given_to)
    shares = Counter(owners(partition)[0] for partition in [*under_way, *given_to])
    for poor in {owners(partition)[0] for partition in free - set(given_to)}:  # what still waits has no smaller share
        last = [owners(partition)[0] for partition in given_to]
        assert all(shares[poor] + 1 >= shares[rich] for rich in set(last))
