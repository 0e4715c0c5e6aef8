"""What deliveries did not tell is found again, in few requests."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from bot.github.auth import App
from bot.jobs import Job, Work
from bot.reconcile import Reconciliation
from bot.settings import Settings
from bot.worker import QueueError
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.state import CheckRun, Delivered, Pull, Repository

SCHEMA = Path(__file__).parents[3] / "../shared/github/graphql.schema.gz"
SETTINGS = Settings(4711, "key", (deliveries.SECRET,))


class Kept:
    """A queue that only keeps; work of one name once."""

    def __init__(self) -> None:
        self.taken: dict[str, Work] = {}
        self.is_full = False

    def submit(self, work: Work, *, seconds: float = 0.0) -> bool:
        if self.is_full:
            raise QueueError("full")
        return self.taken.setdefault(work.delivery, work) is work


@pytest.fixture
def queue() -> Kept:
    return Kept()


@pytest.fixture
def reconcile(app: App, queue: Kept) -> Reconciliation:
    began = time.time()  # work is named by the quarter of an hour, which none of these tests may see end
    return Reconciliation(app, queue, SETTINGS, clock=lambda: began)


def opened(fake: FakeGitHub, name: str = "acme/shop", count: int = 1) -> tuple[Repository, list[Pull]]:
    made = fake.repository(name)
    made.git.commit("main", {"a.yaml": "a: 1\n"})
    made.git.commit("change", {"a.yaml": "a: 2\n"}, onto="main")
    return made, [fake.pull(made, "change") for _ in range(count)]


def answered(
    fake: FakeGitHub, shop: Repository, pull: Pull, conclusion: str | None, name: str = "preadmit: main"
) -> None:
    status = "completed" if conclusion else "in_progress"
    shop.check_runs.append(CheckRun(next(fake.ids), name, pull.head_sha, fake.app, status, conclusion))


def test_a_pull_request_without_a_check_gets_one(fake: FakeGitHub, reconcile: Reconciliation, queue: Kept) -> None:
    _, (pull,) = opened(fake)
    assert reconcile() == 1
    (work,) = queue.taken.values()
    assert isinstance(work, Job)
    assert (work.number, work.head_sha, work.base_ref, work.repository, work.installation) == (
        pull.number, pull.head_sha, "main", "acme/shop", deliveries.INSTALLATION,
    )  # fmt: skip
    assert reconcile() == 0


@pytest.mark.parametrize(
    ("conclusion", "name", "undone"),
    [
        ("success", "preadmit: main", 0),
        ("failure", "preadmit: main", 0),
        ("cancelled", "preadmit: main", 1),
        (None, "preadmit: main", 1),
        ("success", "preadmit: weak", 1),
    ],
)
def test_only_a_complete_check_of_the_same_base_counts(
    fake: FakeGitHub, reconcile: Reconciliation, conclusion: str | None, name: str, undone: int
) -> None:
    shop, (pull,) = opened(fake)
    answered(fake, shop, pull, conclusion, name)
    assert reconcile() == undone


def test_another_apps_check_does_not_count(fake: FakeGitHub, reconcile: Reconciliation) -> None:
    shop, (pull,) = opened(fake)
    answered(fake, shop, pull, "success")
    object.__setattr__(shop.check_runs[0], "app", type(fake.app)(1, "other"))
    assert reconcile() == 1


def test_closed_and_quite_new_ones_are_left_alone(fake: FakeGitHub, reconcile: Reconciliation) -> None:
    _, (closed, new) = opened(fake, count=2)
    closed.state, new.updated = "closed", "2999-01-01T00:00:00Z"
    assert reconcile() == 0


def test_many_take_few_requests(fake: FakeGitHub, reconcile: Reconciliation) -> None:
    for number in range(25):
        opened(fake, f"acme/shop{number}", count=60 if number == 3 else 2)
    assert reconcile() == 24 * 2 + 60
    asked = [request.path for request in fake.requests]
    assert sorted(asked) == sorted(
        [
            "/app/hook/deliveries",
            "/app/installations",
            f"/app/installations/{deliveries.INSTALLATION}/access_tokens",
            "/installation/repositories",
            *["/graphql"] * 3,
        ]
    )


def test_a_delivery_that_was_not_accepted_is_fetched(fake: FakeGitHub, reconcile: Reconciliation, queue: Kept) -> None:
    shop, (pull,) = opened(fake)
    answered(fake, shop, pull, "success")
    payload = deliveries.pull_request(fake, shop, pull)
    fake.deliveries += [
        Delivered(1, "lost", "pull_request", payload, 502),
        Delivered(2, "sent-again", "pull_request", payload, 0),
        Delivered(3, "sent-again", "pull_request", payload, 202),
        Delivered(4, "of-no-matter", "star", {"action": "created"}, 0),
    ]
    assert reconcile() == 1
    assert list(queue.taken) == ["lost"]
    before = len(fake.seen("GET", "/app/hook/deliveries/"))
    assert reconcile() == 0
    assert len(fake.seen("GET", "/app/hook/deliveries/")) == before


def lost(number: int, payload: dict[str, Any], status: int = 502, moment: str = "2999-01-01T00:00:00Z") -> Delivered:
    return Delivered(number, f"d{number}", "pull_request", payload, status, moment)


@pytest.fixture
def payload(fake: FakeGitHub) -> dict[str, Any]:
    """A delivery of a pull request that has its check."""
    shop, (pull,) = opened(fake)
    answered(fake, shop, pull, "success")
    return deliveries.pull_request(fake, shop, pull)


def test_deliveries_of_a_long_while_are_fetched_the_oldest_first(
    fake: FakeGitHub, reconcile: Reconciliation, queue: Kept, payload: dict[str, Any]
) -> None:
    fake.deliveries += [lost(number, payload, 502 if number % 100 == 5 else 202) for number in range(450)]
    assert reconcile() == 5
    assert list(queue.taken) == ["d5", "d105", "d205", "d305", "d405"]
    assert len(fake.seen("GET", "/app/hook/deliveries$")) == 5


def test_no_page_is_read_beyond_the_last_round(
    fake: FakeGitHub, reconcile: Reconciliation, payload: dict[str, Any]
) -> None:
    fake.deliveries += [lost(number, payload, 202, "2000-01-01T00:00:00Z") for number in range(450)]
    fake.deliveries += [lost(500 + number, payload, 202) for number in range(150)]
    reconcile()
    assert len(fake.seen("GET", "/app/hook/deliveries$")) == 2


def test_many_are_fetched_in_portions(
    fake: FakeGitHub, reconcile: Reconciliation, payload: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.reconcile.MOST_FETCHED", 4)
    fake.deliveries += [lost(number, payload) for number in range(10)]
    assert [reconcile() for _ in range(4)] == [4, 4, 2, 0]


def test_what_the_queue_does_not_take_is_left_for_the_next_round(
    fake: FakeGitHub, reconcile: Reconciliation, queue: Kept, payload: dict[str, Any]
) -> None:
    queue.is_full = True
    fake.deliveries += [lost(1, payload), Delivered(2, "gone", "push", {}, 0)]
    fake.fail("GET", "/app/hook/deliveries/2", 404)
    assert reconcile() == 0
    queue.is_full = False
    assert reconcile() == 1
    assert len(fake.seen("GET", "/app/hook/deliveries/2")) == 1


def test_what_did_not_change_is_not_sent_again(fake: FakeGitHub, reconcile: Reconciliation) -> None:
    opened(fake)
    reconcile()
    before = len(fake.requests)
    reconcile()
    unchanged = ["/app/hook/deliveries", "/app/installations", "/installation/repositories"]
    assert [(one.path, one.status) for one in fake.requests[before:]] == [
        *[(path, 304) for path in unchanged],
        ("/graphql", 200),
    ]
    opened(fake, "acme/new")
    assert reconcile() == 1


def test_what_one_part_refuses_does_not_hold_up_the_others(fake: FakeGitHub, reconcile: Reconciliation) -> None:
    opened(fake)
    fake.fail("GET", "/app/hook/deliveries", 404)
    assert reconcile() == 1
    fake.fail("GET", "/installation/repositories", 403, message="suspended")
    assert reconcile() == 0


def test_githubs_schema_knows_the_query(fake: FakeGitHub, reconcile: Reconciliation) -> None:
    if not SCHEMA.exists():
        pytest.skip("GitHub's schema is absent")
    opened(fake)
    reconcile()
    (query,) = [request.body["query"] for request in fake.seen("POST", "/graphql")]
    with gzip.open(SCHEMA, "rt", encoding="utf-8") as file:
        schema = build_schema(file.read(), assume_valid=True)
    assert validate(schema, parse(query)) == []
