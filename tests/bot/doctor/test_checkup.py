"""The doctor's results, from what GitHub says (tests/cases/doctor.yaml), and what hides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.doctor.checkup import Facts, Finding, State, examine
from bot.doctor.required import required
from bot.doctor.visit import Doctor
from bot.github.client import GitHubError
from bot.settings import Settings

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/doctor.yaml").read_text())
GOOD = CASES["good"]
BOUND = {"repository": "acme/shop", "branch": "main", "checks": [{"context": "preadmit: main", "app": 4711}]}
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIsecret\n-----END RSA PRIVATE KEY-----\n"
ENVIRON = {"PREADMIT_APP_ID": "4711", "PREADMIT_PRIVATE_KEY": KEY, "PREADMIT_WEBHOOK_SECRET": "hush"}


def changed(change: dict[str, Any]) -> dict[str, Any]:
    merged = dict(GOOD)
    for key, value in change.items():
        merged[key] = GOOD[key] | value if isinstance(value, dict) else value
    return merged


def line(found: Finding) -> str:
    return f"{found.state} {found.what} {found.text}"


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    found = list(examine(Facts(**changed(case["change"]))))
    assert [line(one) for one in found if one.state is not State.OK] == case["lines"]
    assert all(one.advice for one in found if one.state is not State.OK)


def doctor(**changes: Any) -> Doctor:
    facts = {name: value for name, value in GOOD.items() if name != "skew"}
    whole: dict[str, Any] = {
        "skew": lambda settings: 0.0,
        "facts": lambda settings: facts,
        "database": lambda settings: "SQLite in /var/lib/preadmit",
        "required": lambda settings, installations: [BOUND],
    }
    return Doctor(**whole | changes)


def refusing(error: Exception) -> Any:
    def refuse(settings: Settings) -> Any:
        raise error

    return refuse


def test_all_is_well() -> None:
    found = [line(one) for one in doctor().visit(ENVIRON)]
    assert found == [
        "ok settings for https://api.github.com",
        "ok database SQLite in /var/lib/preadmit",
        "ok clock 0 s from GitHub's",
        "ok app preadmit-acme (id 4711)",
        "ok permissions checks: write, contents: read, metadata: read, pull_requests: write",
        "ok events pull_request, pull_request_review_comment, push, repository",
        "ok webhook https://preadmit.example.com/webhook",
        "ok deliveries the latest was answered with 202",
        "ok installations 1 of 1 ready",
        "ok required check from this App in 1 of 1 repositories looked at",
    ]


def test_settings_that_are_missing_are_named_one_by_one() -> None:
    found = [line(one) for one in doctor().visit({"PREADMIT_APP_ID": "x"})]
    assert found == [
        "fail settings PREADMIT_APP_ID must be a number from 1",
        "fail settings PREADMIT_PRIVATE_KEY or PREADMIT_PRIVATE_KEY_FILE is not set",
        "fail settings PREADMIT_WEBHOOK_SECRET is not set",
    ]


def test_a_database_that_fails_hides_nothing() -> None:
    found = list(doctor(database=refusing(OSError("no route to host"))).visit(ENVIRON))
    assert line(found[1]) == "fail database no route to host"
    assert found[-1].what == "required check"


def test_rules_that_cannot_be_seen_are_told() -> None:
    def refuse(settings: Settings, installations: Any) -> Any:
        raise GitHubError("GET /installation/repositories: 403: Forbidden", 403)

    found = list(doctor(required=refuse).visit(ENVIRON))
    assert line(found[-1]) == "warn required check not known: GET /installation/repositories: 403: Forbidden"


@pytest.mark.parametrize("case", CASES["required"], ids=lambda case: case["name"])
def test_required(case: dict[str, Any]) -> None:
    found = list(required([{"branch": "main", **one} for one in case["repositories"]], 4711))
    assert [line(one) for one in found] == case["lines"]
    assert all(one.advice for one in found if one.state is not State.OK)


def test_credentials_that_are_refused_leave_the_clock_told() -> None:
    found = list(doctor(facts=refusing(GitHubError("GET /app: 401: Bad credentials", 401))).visit(ENVIRON))
    assert [line(one) for one in found[2:]] == [
        "ok clock 0 s from GitHub's",
        "fail credentials GET /app: 401: Bad credentials",
    ]
    assert "do not belong together" in found[-1].advice


def test_a_github_that_cannot_be_reached() -> None:
    found = list(doctor(skew=refusing(GitHubError("https://x cannot be reached: ConnectionError"))).visit(ENVIRON))
    assert line(found[-1]) == "fail github https://x cannot be reached: ConnectionError"
    assert "MIIsecret" not in repr(found)
