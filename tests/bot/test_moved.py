"""Lines of a merge as lines of the change that is merged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.diff import commentable, split_lines
from bot.locate import Place
from bot.model import LineRange, Suggestion
from bot.moved import Moved, aligned

FORK = [b"%d\n" % n for n in range(1, 31)]


def moved(merged: list[bytes], head: list[bytes]) -> Moved:
    return Moved({"a": aligned(b"".join(merged), b"".join(head))})


def test_lines_that_others_wrote_above_are_taken_away() -> None:
    found = moved([b"theirs\n", b"more\n", *FORK], FORK)
    assert [found.exact("a", line) for line in (1, 2, 3, 32)] == [0, 0, 1, 30]
    assert [found.near("a", line) for line in (1, 2, 3, 32)] == [1, 1, 1, 30]
    assert found.exact("other", 7) == found.near("other", 7) == 7


def test_lines_that_others_deleted_are_put_back() -> None:
    found = moved(FORK[10:], FORK)
    assert (found.exact("a", 1), found.near("a", 20)) == (11, 30)


def test_a_place_and_an_edit_move_with_their_lines() -> None:
    found = moved([b"theirs\n", *FORK[:5], b"between\n", *FORK[5:]], FORK)
    assert found.place("a", Place(4, 2, LineRange(2, 9))) == Place(3, 2, LineRange(1, 7))
    assert found.suggestion("a", Suggestion(2, 3, "x")) == Suggestion(1, 2, "x")
    assert found.suggestion("a", Suggestion(6, 8, "x")) is None
    assert found.suggestion("a", Suggestion(1, 2, "x")) is None


def test_what_differs_too_much_has_no_lines() -> None:
    assert set(aligned(b"".join(b"a%d\n" % n for n in range(3000)), b"b\n" + b"".join(FORK))) == {0}


_LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"d\n"]), max_size=25)


@given(_LINES, _LINES)
def test_each_line_is_the_same_and_their_order_stays(merged: list[bytes], head: list[bytes]) -> None:
    lines = aligned(b"".join(merged), b"".join(head))
    found = [(merged[at], number) for at, number in enumerate(lines) if number]
    assert all(head[number - 1] == text for text, number in found)
    assert [number for _, number in found] == sorted({number for _, number in found})


@given(
    st.lists(st.tuples(st.integers(0, 29), st.integers(1, 4)), max_size=3),
    st.lists(st.tuples(st.integers(0, 29), st.integers(-4, 4)), max_size=3),
)
def test_a_hunk_of_a_merge_is_inside_a_hunk_of_the_change(
    ours: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> None:
    """``ours`` is what the change adds where, ``theirs`` what others added or (below 0) deleted meanwhile."""
    at = {place for place, _ in ours}
    theirs = [(place, count) for place, count in theirs if not at & set(range(place - 1, place + abs(count) + 2))]

    def text(changes: list[tuple[int, int, bytes]]) -> list[bytes]:
        made: list[list[bytes]] = [[line] for line in FORK]
        for place, count, word in changes:
            if count > 0:
                made[place] = [b"%s%d.%d\n" % (word, place, n) for n in range(count)] + made[place]
            for gone in range(place, min(30, place - count)):
                made[gone] = [line for line in made[gone] if line != FORK[gone]]
        return [line for lines in made for line in lines]

    mine = [(place, count, b"mine") for place, count in ours]
    others = [(place, count, b"theirs") for place, count in theirs]
    head, base, merged = (text(changes) for changes in (mine, others, [*mine, *others]))
    ranges = commentable(b"".join(base), b"".join(merged))
    shown = commentable(b"".join(FORK), b"".join(head))
    found = list(moved(merged, head).hunks("a", ranges, base, b"".join(merged)))
    for hunk in found:
        assert any(one.covers(hunk) for one in shown), (hunk, shown)
    added = {n for n, line in enumerate(split_lines(b"".join(head)), 1) if line.startswith(b"mine")}
    assert all(any(line in hunk for hunk in found) for line in added)
