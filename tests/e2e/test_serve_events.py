"""What each event asks for, and what is refused at the door."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.service import Case, Opener, Service, opened, running, service
from tests.e2e.shop import BASE, CHANGE, FIX, deployment, workshop
from tests.fake_github import deliveries

__all__ = ["opened", "running", "service"]


@pytest.fixture
def shop(opened: Opener) -> Case:
    """The workshop's pull request, not delivered yet."""
    return opened({**BASE, **workshop(strict=True)}, CHANGE)


@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize", "ready_for_review"])
def test_actions_that_are_answered(shop: Case, action: str) -> None:
    shop.deliver(action)
    assert (shop.run.name, shop.run.conclusion, len(shop.comments)) == ("preadmit: main", "failure", 2)


@pytest.mark.parametrize(
    ("action", "more"),
    [("labeled", {}), ("converted_to_draft", {}), ("edited", {"changes": {"title": {"from": "before"}}})],
)
def test_actions_that_ask_for_nothing(shop: Case, action: str, more: dict[str, Any]) -> None:
    answer = shop.service.send("pull_request", deliveries.encode(shop.payload(action, **more)))
    assert (answer.status_code, list(answer.json())) == (202, ["ignored"])
    assert shop.requests == []


def test_a_reopened_one_is_judged_afresh_on_the_same_run(shop: Case) -> None:
    shop.deliver()
    shop.deliver("reopened")
    assert [body["status"] for body in shop.run.history] == ["in_progress", "completed"] * 2
    assert (len(shop.comments), len(shop.run.annotations)) == (2, 3)


def test_another_base_gets_a_check_run_of_its_own(shop: Case) -> None:
    shop.deliver()
    shop.repository.git.commit("other", dict.fromkeys(workshop(strict=True)), onto="main")
    shop.pull.base_ref = "other"
    shop.deliver("edited", changes={"base": {"ref": {"from": "main"}, "sha": {"from": "0" * 40}}})
    assert [(one.name, one.conclusion, one.head_sha) for one in shop.repository.check_runs] == [
        ("preadmit: main", "failure", shop.pull.head_sha),
        ("preadmit: other", "success", shop.pull.head_sha),
    ]


@pytest.mark.parametrize("fork", [None, "mallory/shop"])
@pytest.mark.parametrize("event", ["check_run", "check_suite"])
def test_a_re_request_judges_again_with_the_bases_new_policies(opened: Opener, event: str, fork: str | None) -> None:
    shop = opened({**BASE, **workshop(strict=True)}, CHANGE, fork=fork)
    shop.deliver()
    shop.repository.git.commit("main", {"policies/registries.yaml": None, "policies/baseline.yaml": None})
    fake = shop.service.fake
    payloads = {
        "check_run": deliveries.check_run(fake, shop.repository, shop.run),
        "check_suite": deliveries.check_suite(fake, shop.repository, shop.pull.head_sha),
    }
    shop.service.deliver(event, payloads[event], "re-request-" + event + str(shop.pull.number))
    if event == "check_suite":  # which may stand for several pull requests: each has its own turn
        shop.service.log_of(f"re-request-{event}{shop.pull.number}.{shop.pull.number}")
    assert [(body["status"], body.get("conclusion")) for body in shop.run.history] == [
        ("in_progress", None), ("completed", "failure"), ("in_progress", None), ("completed", "success"),
    ]  # fmt: skip
    assert shop.run.title == "0 blocked, 0 failing, 3 passing; 1 policy, 4 resources; 1 existing"


def test_a_re_request_of_a_closed_pull_request_is_told_in_the_log(shop: Case) -> None:
    shop.deliver()
    shop.pull.state = "closed"
    log = shop.service.deliver("check_run", deliveries.check_run(shop.service.fake, shop.repository, shop.run))
    assert "The pull request was closed" in log
    assert len(shop.run.history) == 2


def test_another_apps_re_request_is_not_ours(shop: Case) -> None:
    shop.deliver()
    payload = deliveries.check_run(shop.service.fake, shop.repository, shop.run)
    payload["check_run"]["app"]["id"] = 1
    answer = shop.service.send("check_run", deliveries.encode(payload))
    assert (answer.status_code, answer.json()) == (202, {"ignored": "the check run is another App's"})


def test_a_ping_is_accepted_without_work(shop: Case) -> None:
    common = deliveries.common(shop.service.fake, shop.repository)
    before = len(shop.service.fake.requests)
    answer = shop.service.send("ping", deliveries.encode(common | {"zen": "Design for failure."}))
    assert (answer.status_code, list(answer.json())) == (202, ["ignored"])
    assert len(shop.service.fake.requests) == before


def test_a_fork_is_judged_by_the_policies_of_the_base(opened: Opener) -> None:
    weak = {path: str(text).replace("Enforce", "Audit") for path, text in workshop(strict=True).items()}
    shop = opened({**BASE, **workshop(strict=True)}, {**CHANGE, **weak}, fork="mallory/shop")
    shop.deliver()
    assert (shop.run.conclusion, shop.run.name) == ("failure", "preadmit: main")
    assert len(shop.comments) == 2
    assert str(shop.run.summary).count("this change was judged by the policies of the base") == 2


def test_a_fork_that_is_gone_is_judged_all_the_same(shop: Case) -> None:
    shop.pull.head_repository = None
    shop.deliver()
    assert shop.run.conclusion == "failure"


def test_a_base_with_a_slash_in_its_name(opened: Opener) -> None:
    shop = opened({**BASE, **workshop(strict=True)}, CHANGE)
    shop.repository.git.commit("release/1.0", {"README.md": "release\n"}, onto="main")
    shop.pull.base_ref = "release/1.0"
    shop.deliver()
    assert (shop.run.name, shop.run.conclusion) == ("preadmit: release/1.0", "failure")


def test_a_head_that_is_gone_gives_way_to_the_present_one(shop: Case) -> None:
    payload = shop.payload()
    payload["pull_request"]["head"]["sha"] = "0" * 40
    log = shop.service.deliver("pull_request", payload, f"gone-{shop.pull.number}")
    assert "A newer commit was pushed" in log
    shop.service.log_of(f"{shop.pull.number}-{shop.pull.head_sha[:16]}-", is_prefix=True)
    assert shop.run.conclusion == "failure"


def test_only_the_newest_of_many_pushes_is_judged(shop: Case) -> None:
    service = shop.service
    names = [f"order-{shop.pull.number}-{number}" for number in range(3)]
    bodies = [deliveries.encode(shop.payload())]
    for number in (1, 2):
        service.fake.push(shop.repository, shop.pull, {"shop/extra.yaml": deployment(f"extra{number}"), **FIX})
        bodies.append(deliveries.encode(shop.payload("synchronize")))
    for name, body in zip(names, bodies, strict=True):
        assert service.send("pull_request", body, delivery=name).status_code == 202
    for name in names:
        service.log_of(name)
    assert [(run.head_sha, run.conclusion) for run in shop.repository.check_runs] == [(shop.pull.head_sha, "success")]


def test_a_wrong_signature_is_401(shop: Case) -> None:
    body = deliveries.encode(shop.payload())
    assert shop.service.send("pull_request", body, secret="guessed").status_code == 401
    assert shop.requests == []


def test_more_than_25_megabytes_are_413(service: Service) -> None:
    answer = service.send("ping", b" " * (25 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()) == (413, {"error": "the payload has more than 26,214,400 bytes"})
