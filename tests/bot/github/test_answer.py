"""A job from the delivery to the check run, with what deliveries leave open."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest

from bot.answer import Answer
from bot.github.auth import App
from bot.jobs import Job
from bot.model import CheckOutput, Judgement, ReviewComment, Source, SourceError
from bot.webhook import parse
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.state import Repository


class Plain:
    """A renderer with nothing to say."""

    def check_output(self, judgement: Judgement) -> CheckOutput:
        return CheckOutput("title", "summary", "")

    def review_comments(self, judgement: Judgement) -> tuple[ReviewComment, ...]:
        return ()


def green(source: Source) -> Judgement:
    found = source.fetch()
    return Judgement(found.repository, found.base_ref, found.base.sha, found.head.sha, 1, 1)


@pytest.fixture
def shop(fake: FakeGitHub) -> Repository:
    made = fake.repository("acme/shop")
    made.git.commit("main", {"a.yaml": "a: 1\n"})
    made.git.commit("change", {"a.yaml": "a: 2\n"}, onto="main")
    return made


def answer(app: App, judge: Callable[[Source], Judgement] = green) -> Answer:
    return Answer(app, None, judge, Plain())


def job(fake: FakeGitHub, event: str, payload: dict[str, object]) -> Job:
    body = json.dumps(payload).encode()
    found = parse(deliveries.headers(event, body), body, [deliveries.SECRET], fake.app.id)
    assert isinstance(found, Job), found
    return found


def test_a_pull_request_is_answered(fake: FakeGitHub, app: App, shop: Repository) -> None:
    pull = fake.pull(shop, "change")
    answer(app)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull)))
    assert [(run.name, run.conclusion) for run in shop.check_runs] == [("preadmit: main", "success")]


@pytest.mark.parametrize("fork", [None, "mallory/shop"])
@pytest.mark.parametrize("event", ["check_run", "check_suite"])
def test_a_re_request_finds_its_pull_request(
    fake: FakeGitHub, app: App, shop: Repository, fork: str | None, event: str
) -> None:
    pull = fake.pull(shop, "change", fork=fork)
    answer(app)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull)))
    if event == "check_run":
        payload = deliveries.check_run(fake, shop, shop.check_runs[0])
    else:
        payload = deliveries.check_suite(fake, shop, pull.head_sha)
    answer(app)(job(fake, event, payload))
    (run,) = shop.check_runs
    assert [body.get("status") for body in run.history] == ["in_progress", "completed", "in_progress", "completed"]


@pytest.mark.parametrize("what", ["closed", "moved", "retargeted"])
def test_a_re_request_of_what_is_past_does_nothing(fake: FakeGitHub, app: App, shop: Repository, what: str) -> None:
    pull = fake.pull(shop, "change")
    answer(app)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull)))
    again = job(fake, "check_run", deliveries.check_run(fake, shop, shop.check_runs[0]))
    if what == "closed":
        pull.state = "closed"
    elif what == "moved":
        fake.push(shop, pull, {"b.yaml": "b"})
    else:
        shop.git.commit("other", {"c": "d"}, onto="main")
        pull.base_ref = "other"
    answer(app)(again)
    assert len(shop.check_runs[0].history) == 2


def test_a_change_that_cannot_be_read_fails_with_advice(fake: FakeGitHub, app: App, shop: Repository) -> None:
    def judge(source: Source) -> Judgement:
        raise SourceError("`evil`\n# the tree is gone", "push again")

    pull = fake.pull(shop, "change")
    answer(app, judge)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull)))
    (run,) = shop.check_runs
    assert run.conclusion == "failure"
    assert run.summary == "`` `evil` # the tree is gone ``\n\nWhat to do: `push again`"


def test_a_fault_of_ours_is_told_by_a_reference_number(
    fake: FakeGitHub, app: App, shop: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    def judge(source: Source) -> Judgement:
        raise ZeroDivisionError("inner details")

    pull = fake.pull(shop, "change")
    with pytest.raises(ZeroDivisionError), caplog.at_level(logging.ERROR):
        answer(app, judge)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull)))
    (run,) = shop.check_runs
    assert run.conclusion == "failure"
    assert "inner details" not in str(run.summary)
    reference = str(run.summary).split("`")[1]
    assert reference in caplog.text
