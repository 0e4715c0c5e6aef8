"""The life of a comment, state by state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.github.pull_request import Thread
from bot.model import ReviewComment
from bot.threads import Plan, Standing, plan

BODY = "<!-- preadmit:k -->\nbad"
SETTLED = "<!-- preadmit:k settled -->\nsettled"
THREAD = Thread("T", "C", "a.yaml", 3, BODY)
COMMENT = ReviewComment("k", "a.yaml", 3, BODY, moved=f"{BODY}, on line 3")

EDIT, RESOLVE, UNRESOLVE = "updatePullRequestReviewComment", "resolveReviewThread", "unresolveReviewThread"
MINIMIZE, UNMINIMIZE = "minimizeComment", "unminimizeComment"


def planned(thread: Thread | None, comment: ReviewComment | None, *, known: bool = False, whole: bool = True) -> Plan:
    comments = [comment] if comment else []
    keys = frozenset(["k"] if comment or known else [])
    return plan([thread] if thread else [], Standing(comments, keys, whole, lambda key, body: f"{SETTLED}: {body}"))


def done(thread: Thread, comment: ReviewComment | None, **options: bool) -> list[str]:
    found = planned(thread, comment, **options)
    assert found.new == ()
    return [name for name, _ in found.changes]


def test_it_is_written_once() -> None:
    assert planned(None, COMMENT).new == (COMMENT,)
    assert planned(THREAD, COMMENT) == Plan()


def test_it_keeps_to_the_truth() -> None:
    worse = replace(COMMENT, body=f"{BODY} and worse")
    found = planned(THREAD, worse)
    assert found.changes == ((EDIT, {"pullRequestReviewCommentId": "C", "body": worse.body}),)


@pytest.mark.parametrize("line", [None, 9])
def test_it_says_its_line_where_it_stands_elsewhere(line: int | None) -> None:
    found = planned(replace(THREAD, line=line), COMMENT)
    assert [given["body"] for _, given in found.changes] == [COMMENT.moved]
    assert planned(replace(THREAD, line=line, body=COMMENT.moved), COMMENT) == Plan()


def test_github_may_take_away_spaces_at_its_end() -> None:
    assert planned(THREAD, replace(COMMENT, body=f"{BODY}\n\n")) == Plan()


@pytest.mark.parametrize(("may", "close"), [(True, RESOLVE), (False, MINIMIZE)])
def test_it_is_settled_once(may: bool, close: str) -> None:
    assert done(replace(THREAD, can_resolve=may), None) == [EDIT, close]
    assert done(replace(THREAD, body=SETTLED, is_resolved=may, is_minimized=not may), None) == []


def test_nothing_is_settled_while_something_is_not_judged_or_no_line_can_bear_it() -> None:
    assert done(THREAD, None, whole=False) == []
    assert done(THREAD, None, known=True) == []


def test_what_comes_back_is_opened_again() -> None:
    resolved = replace(THREAD, body=SETTLED, is_resolved=True, can_unresolve=True)
    assert done(resolved, COMMENT) == [EDIT, UNRESOLVE]
    assert done(replace(THREAD, body=SETTLED, is_minimized=True), COMMENT) == [EDIT, UNMINIMIZE]


@pytest.mark.parametrize("state", [{"is_resolved": True, "can_unresolve": True}, {"is_minimized": True}])
def test_what_a_person_closed_stays_closed_while_it_is_a_warning(state: dict[str, bool]) -> None:
    closed = replace(THREAD, line=None, **state)  # type: ignore[arg-type]  # flags only
    assert done(closed, COMMENT) == []
    assert done(closed, None) == []
    opened = UNRESOLVE if closed.is_resolved else UNMINIMIZE
    assert done(closed, replace(COMMENT, is_grave=True)) == [EDIT, opened]


def test_only_the_first_thread_of_a_finding_counts() -> None:
    other = replace(THREAD, id="T2", comment="C2")
    found = plan([THREAD, other], Standing([], frozenset(), True, lambda key, body: SETTLED))
    assert [given.get("pullRequestReviewCommentId") for _, given in found.changes] == ["C", None]
