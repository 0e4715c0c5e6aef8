"""Repetition, rate limits and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.github.auth import App
from bot.github.client import Client, GitHubError, PacedError
from tests.fake_github import FakeGitHub
from tests.fake_github.deliveries import INSTALLATION
from tests.fake_github.state import CheckRun

TREE = "/repos/acme/shop/git/trees/main"
RUNS = "/repos/acme/shop/check-runs"


@pytest.fixture(autouse=True)
def shop(fake: FakeGitHub) -> str:
    return fake.repository("acme/shop").git.commit("main", {"a.yaml": "a: 1\n"})


def test_reads_are_repeated_after_faults(fake: FakeGitHub, client: Client, naps: list[float]) -> None:
    fake.fail("GET", "trees", 502, times=2)
    assert client.get(TREE)["tree"]
    assert len(naps) == 2
    assert 0.5 <= naps[0] <= 1
    assert 1 <= naps[1] <= 2


def test_repetition_ends(fake: FakeGitHub, client: Client) -> None:
    fake.fail("GET", "trees", 503, times=99)
    with pytest.raises(GitHubError, match="GET /repos/acme/shop/git/trees/main: 503") as raised:
        client.get(TREE)
    assert raised.value.uncertain
    assert len(fake.seen("GET", "trees")) == 4


def test_an_uncertain_write_is_not_repeated(fake: FakeGitHub, client: Client, shop: str) -> None:
    fake.fail("POST", "check-runs", 502, times=1, after=True)
    with pytest.raises(GitHubError):
        client.post(RUNS, {"name": "n", "head_sha": shop})
    assert len(fake.find("acme", "shop").check_runs) == 1


def test_a_secondary_limit_is_waited_for(fake: FakeGitHub, client: Client, naps: list[float], shop: str) -> None:
    fake.fail("POST", "check-runs", 403, message="You have exceeded a secondary rate limit.", retry_after="7")
    client.post(RUNS, {"name": "n", "head_sha": shop})
    assert naps == [7.0]


def test_a_limit_without_a_time_lasts_a_minute(fake: FakeGitHub, client: Client, naps: list[float]) -> None:
    fake.fail("GET", "trees", 429, message="You have exceeded a secondary rate limit.")
    with pytest.raises(GitHubError) as raised:
        client.get(TREE)
    assert (naps, raised.value.retry_after, raised.value.passing) == ([], 60.0, True)


def test_a_limit_that_lasts_too_long_fails_the_work(fake: FakeGitHub, client: Client, naps: list[float]) -> None:
    fake.fail("GET", "trees", 403, message="API rate limit exceeded", retry_after="3000")
    with pytest.raises(GitHubError, match="API rate limit exceeded"):
        client.get(TREE)
    assert naps == []


class Slow:
    """A pace that lets checks through and has others wait."""

    def __init__(self, *seconds: float) -> None:
        self.left, self.asked = list(seconds), list[tuple[bool, int]]()

    def take(self, *, is_check: bool, count: int = 1) -> float:
        self.asked.append((is_check, count))
        return 0.0 if is_check or not self.left else self.left.pop(0)


@pytest.fixture
def paced(fake: FakeGitHub, app: App, naps: list[float]) -> Iterator[Callable[[Slow], Client]]:
    """Makes a client that keeps a pace."""
    made: list[Client] = []

    def make(pace: Slow) -> Client:
        made.append(Client(fake.url, lambda: app.token(INSTALLATION), pace=pace, sleep=naps.append))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_short_wait_for_the_measure_is_waited(
    fake: FakeGitHub, paced: Callable[[Slow], Client], naps: list[float]
) -> None:
    pull, pace = fake.pull(fake.find("acme", "shop"), "main"), Slow(1.5, 0.5)
    paced(pace).post(f"/repos/acme/shop/issues/{pull.number}/comments", {"body": "b"})
    assert (naps, pace.asked) == ([1.5, 0.5], [(False, 1)] * 3)


def test_a_long_one_leaves_the_write_for_later(
    fake: FakeGitHub, paced: Callable[[Slow], Client], naps: list[float], shop: str
) -> None:
    client = paced(Slow(40.0))
    client.post(RUNS, {"name": "n", "head_sha": shop})
    with pytest.raises(PacedError, match="the measure of writes is full") as raised:
        client.post("/repos/acme/shop/issues/1/comments", {"body": "b"})
    assert (raised.value.passing, raised.value.retry_after, naps) == (True, 40.0, [])
    assert fake.seen("POST", "comments") == []


def test_many_changes_in_one_request_are_as_many_writes(paced: Callable[[Slow], Client]) -> None:
    pace = Slow(40.0)
    with pytest.raises(PacedError):
        paced(pace).mutate("mutation { a }", {}, 7)
    assert pace.asked == [(False, 7)]


def test_missing_rights_are_not_waited_for(fake: FakeGitHub, client: Client, naps: list[float]) -> None:
    fake.fail("GET", "trees", 403, message="Resource not accessible by integration")
    with pytest.raises(GitHubError, match="Resource not accessible by integration"):
        client.get(TREE)
    assert naps == []


def test_all_pages_are_read(fake: FakeGitHub, client: Client, shop: str) -> None:
    runs = fake.find("acme", "shop").check_runs
    runs += [CheckRun(number, f"run {number}", shop, fake.app) for number in range(230)]
    found = list(client.pages(f"/repos/acme/shop/commits/{shop}/check-runs", "check_runs"))
    assert len({run["name"] for run in found}) == 230
    assert len(fake.seen("GET", "check-runs")) == 3


def test_no_answer_at_all_is_an_error_of_ours(fake: FakeGitHub, naps: list[float]) -> None:
    client = Client("http://127.0.0.1:9", lambda: "secret-token", sleep=naps.append)
    with pytest.raises(GitHubError, match="ConnectionError") as raised:
        client.get("/x")
    assert raised.value.status == 0
    assert "secret-token" not in repr(raised.value)


def test_the_fake_notices_what_github_does_not_know(
    fake: FakeGitHub, client: Client, shop: str, description_is_there: None
) -> None:
    client.post(RUNS, {"name": "n", "head_sha": shop, "invented": 1})
    client.get(TREE, invented="1")
    expected = ["body.invented is not described", "query parameter invented is not described"]
    assert [fault.split(": ", 1)[1] for fault in fake.violations] == expected
    fake.violations.clear()
