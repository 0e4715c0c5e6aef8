"""How many requests an answer takes: the table of docs/APP.md, which is read here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.render import MAX_ANNOTATIONS
from tests.e2e.service import Case, Opener, opened, running, service
from tests.e2e.shop import BASE, Files, deployment, workshop
from tests.fake_github.state import Request

__all__ = ["opened", "running", "service"]

COLUMNS = ("total", "reads", "writes")
_ROW = re.compile(r"^\| ([A-Z][^|]+?) +\| (\d+) +\| (\d+) +\| (\d+) +\|$", re.MULTILINE)


def documented() -> dict[str, tuple[int, ...]]:
    """The table's rows by their names: requests, those that read, those that write."""
    page = (Path(__file__).parents[2] / "docs/APP.md").read_text(encoding="utf-8")
    rows = _ROW.findall(page.partition("## Requests to GitHub")[2])
    return {name: tuple(map(int, numbers)) for name, *numbers in rows}


def shop(opened: Opener, files: int, installation: int) -> Case:
    """A pull request that adds so many Deployments, each with a violation that blocks and one that does not."""
    base: Files = {**BASE, **workshop(strict=True)}
    change: Files = {f"apps/a{n}.yaml": deployment(f"a{n}", image="nginx", labels="team: a") for n in range(files)}
    return opened(base, change, installation=installation)


def counted(case: Case, since: int, tokens: int) -> tuple[int, int, int]:
    """Requests of the case since then, those that read, those that write; a purchase of a token is a write."""
    new = case.requests[since:]
    bought = len(purchases(case)) - tokens
    reads = sum(is_read(one) for one in new)
    return len(new) + bought, reads, len(new) - reads + bought


def is_read(one: Request) -> bool:
    """GraphQL is asked by POST, and only ever for contents."""
    return one.method == "GET" or one.path == "/graphql"


def purchases(case: Case) -> list[Request]:
    """The tokens bought for the case's installation."""
    return case.service.fake.seen("POST", f"^/app/installations/{case.installation}/access_tokens$")


@pytest.mark.parametrize(("files", "installation"), [(3, 501), (300, 502)])
def test_a_first_judgement(opened: Opener, files: int, installation: int) -> None:
    case = shop(opened, files, installation)
    log = case.deliver()
    assert counted(case, 0, 0) == documented()[f"First judgement, {files} changed files"]
    assert f"requests={len(case.requests)} " in log
    assert case.run.title == f"{files} blocked, 0 failing, 0 passing; 3 policies, {files} resources"
    assert len(case.run.annotations) == min(2 * files, MAX_ANNOTATIONS)
    assert len(case.comments) == min(2 * files, 20)


def test_what_follows(opened: Opener) -> None:
    case = shop(opened, 3, 503)
    case.deliver()
    since = len(case.requests)
    case.deliver()
    assert counted(case, since, 1) == documented()["Redelivery"]
    since = len(case.requests)
    case.push({"apps/more.yaml": deployment("more")})
    assert counted(case, since, 1) == documented()["Push without new findings"]
    since = len(case.requests)
    case.push({"apps/third.yaml": deployment("third", image="nginx")})
    assert counted(case, since, 1) == documented()["Push with new findings"]
    assert len(case.repository.reviews) == 2


def test_nothing_to_judge(opened: Opener) -> None:
    case = opened({**BASE, **workshop(strict=True)}, {"README.md": "New words\n"}, installation=504)
    case.deliver()
    assert counted(case, 0, 0) == documented()["First judgement, no manifests changed"]
