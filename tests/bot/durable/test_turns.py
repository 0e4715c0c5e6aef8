"""Shares: of installations, of repositories within them, and the oldest first."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.durable.turns import Order, Room, Turn, Waiting, owners

PARTITIONS = st.builds(
    lambda installation, repository, number: f"{installation}/acme/r{repository}#{number}",
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 9),
)  # fmt: skip


def waiting(*partitions: str) -> list[Waiting]:
    return [Waiting(f"w{number}", partition) for number, partition in enumerate(partitions)]


def chosen(under_way: list[str], all_waiting: list[Waiting], threads: int, for_one: int = 64) -> list[str]:
    return Order(Room(threads, for_one)).chosen([Turn(one) for one in under_way], all_waiting)


def test_a_quiet_repository_comes_before_the_crowd_of_another() -> None:
    crowd = [f"1/acme/noisy#{number}" for number in range(50)]
    assert chosen(["1/acme/noisy#90"], waiting(*crowd, "1/acme/quiet#1"), 2) == ["w50"]
    assert chosen(["1/acme/noisy#90"], waiting(*crowd, "1/acme/quiet#1"), 4) == ["w50", "w0", "w1"]


def test_a_quiet_installation_comes_before_one_with_many_repositories() -> None:
    crowd = [f"1/acme/r{number}#1" for number in range(50)]
    assert chosen(["1/acme/r90#1", "1/acme/r91#1", "2/other/quiet#7"], waiting(*crowd, "2/other/quiet#1"), 5) == [
        "w50",
        "w0",
    ]


def test_one_alone_has_all_turns_in_the_order_of_age() -> None:
    assert chosen([], waiting("1/a/b#3", "1/a/b#1", "1/a/b#3", "1/a/b#2"), 4) == ["w0", "w1", "w3"]


def test_where_there_is_one_thread_they_take_it_in_turn() -> None:
    order = Order(Room(1, 1))
    crowd = [f"1/acme/noisy#{number}" for number in range(9)]
    left = waiting(*crowd, "1/acme/calm#1", "2/other/quiet#1", "2/other/quiet#2")
    found: list[str] = []
    while left:
        (name,) = order.chosen([], left)
        found.append(next(one.partition.rpartition("/")[2] for one in left if one.name == name))
        left = [one for one in left if one.name != name]
    assert found[:5] == ["noisy#0", "quiet#1", "calm#1", "quiet#2", "noisy#1"]


def test_one_installation_has_no_more_than_its_most() -> None:
    crowd = [f"1/acme/r{number}#1" for number in range(50)]
    assert chosen([], waiting(*crowd), 4, 3) == ["w0", "w1", "w2"]
    assert chosen(["1/acme/r90#1"], waiting(*crowd, "2/other/quiet#1"), 4, 3) == ["w50", "w0", "w1"]


def test_what_others_do_takes_no_thread_of_ours_and_what_nobody_has_begun_does() -> None:
    turns = [Turn("1/acme/r90#1", elsewhere=True), Turn("1/acme/r91#1", elsewhere=True), Turn("1/acme/r92#1")]
    assert Order(Room(3, 2)).chosen(turns, waiting("1/acme/r1#1", "1/acme/r2#1")) == ["w0"]
    assert Order(Room(3, 3)).chosen(turns, waiting("1/acme/r1#1", "1/acme/r2#1")) == ["w0", "w1"]


def test_an_installation_whose_number_begins_another_is_another() -> None:
    assert owners("1/a/b#1")[0] != owners("11/a/b#1")[0]
    assert owners("7/#7") == ("7/", "7/")
    assert owners("1/a/b#refs/heads/x#y") == owners("1/a/b#2") == ("1/", "1/a/b")


TURNS = st.builds(Turn, PARTITIONS, st.booleans())


@given(st.lists(TURNS, max_size=12), st.lists(PARTITIONS, max_size=40), st.integers(1, 12), st.integers(1, 12))
def test_turns_are_given_while_there_are_some_and_shares_stay_close(
    turns: list[Turn], partitions: list[str], threads: int, for_one: int
) -> None:
    all_waiting = waiting(*partitions)
    found = Order(Room(threads, for_one)).chosen(turns, all_waiting)
    by_name = {one.name: one.partition for one in all_waiting}
    given_to = [by_name[name] for name in found]
    owner = [owners(partition)[0] for partition in given_to]
    free = set(partitions) - {turn.partition for turn in turns}
    assert len(set(given_to)) == len(given_to)
    ours = Counter(owners(turn.partition)[0] for turn in turns if not turn.elsewhere)
    assert all(ours[one] + owner.count(one) <= for_one for one in owner)
    assert ours.total() + len(found) <= max(threads, ours.total())
    shares = Counter(owners(turn.partition)[0] for turn in turns) + Counter(owner)
    for poor in {owners(partition)[0] for partition in free - set(given_to)}:  # what still waits has no smaller share
        if ours[poor] + owner.count(poor) < for_one:
            assert ours.total() + len(found) >= threads
            assert all(shares[poor] + 1 >= shares[rich] for rich in set(owner))
