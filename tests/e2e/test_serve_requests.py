"""How many requests an answer takes: the table of docs/APP.md, which is read here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.render import MAX_ANNOTATIONS
from tests.e2e.service import Case, Opener, is_read, opened, running, service
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


def shop(opened: Opener, files: int, installation: int, *, late: bool = False) -> Case:
    """A pull request that adds so many Deployments, each with a violation that blocks and one that does not.

    A ``late`` one left its base before that moved on, in another file and in one that both sides change.
    """
    both = deployment("both")
    base: Files = {**BASE, **workshop(strict=True), "apps/both.yaml": both}
    change: Files = {f"apps/a{n}.yaml": deployment(f"a{n}", image="nginx", labels="team: a") for n in range(files)}
    if late:
        change["apps/both.yaml"] = both.replace("image: public.ecr.aws/shop/web:1.0", "image: nginx")
        del change["apps/a0.yaml"]
    made = opened(base, change, installation=installation)
    if late:
        made.repository.git.commit("main", {"apps/both.yaml": f"# one\n{both}", "README.md": "Moved on\n"})
    return made


def counted(case: Case, since: int, tokens: int) -> tuple[int, int, int]:
    """Requests of the case since then, those that read, those that write; a purchase of a token is a write."""
    new = case.requests[since:]
    bought = len(purchases(case)) - tokens
    reads = sum(is_read(one) for one in new)
    return len(new) + bought, reads, len(new) - reads + bought


def purchases(case: Case) -> list[Request]:
    """The tokens bought for the case's installation."""
    return case.service.fake.seen("POST", f"^/app/installations/{case.installation}/access_tokens$")


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("files", [10, 300])
def test_a_first_judgement(opened: Opener, files: int, late: bool) -> None:
    case = shop(opened, files, 501 + files + late, late=late)
    log = case.deliver()
    name = f"First judgement, {files} changed files" + (", the base has moved on" if late else "")
    assert counted(case, 0, 0) == documented()[name]
    assert f"requests={len(case.requests)} " in log
    assert case.run.title == f"{files} blocked, 0 failing, 0 passing; 3 policies, {files} resources"
    assert len(case.run.annotations) == min(2 * files - late, MAX_ANNOTATIONS)
    assert len(case.comments) == min(2 * files - late, 20)
    assert "could not be written" not in str(case.run.summary)
    assert f"merged into main at {case.repository.git.sha('main')[:12]}" in str(case.run.summary)


def test_what_follows(opened: Opener) -> None:
    case = shop(opened, 3, 503)
    case.deliver()
    since = len(case.requests)
    case.deliver()
    assert counted(case, since, 1) == documented()["Redelivery"]
    since = len(case.requests)
    case.push({"apps/more.yaml": deployment("more")})
    assert counted(case, since, 1) == documented()["Push that changes no finding"]
    since = len(case.requests)
    case.push({"apps/third.yaml": deployment("third", image="nginx")})
    assert counted(case, since, 1) == documented()["Push with new findings"]
    assert len(case.repository.reviews) == 2
    since = len(case.requests)
    case.push({f"apps/a{n}.yaml": deployment(f"a{n}") for n in range(3)})
    assert counted(case, since, 1) == documented()["Push that settles findings"]
    assert len(case.repository.reviews) == 2


def test_no_more_than_was_promised() -> None:
    """At most 8 for 10 files, 12 for 300 with 20 comments, 5 for a push that changes no finding."""
    table = documented()
    for name, most in (("10 changed files", 8), ("300 changed files", 12)):
        rows = [numbers[0] for row, numbers in table.items() if name in row]
        assert len(rows) == 2
        assert max(rows) <= most
    assert table["Push that changes no finding"][0] <= 5


def test_the_order_of_the_requests_is_the_documented_one(opened: Opener) -> None:
    case = shop(opened, 3, 505)
    case.deliver()
    page = (Path(__file__).parents[2] / "docs/APP.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\d+\. `(\w+) ([^`]+)`", page.partition("## Requests to GitHub")[2], re.MULTILINE)
    made = [*purchases(case), *case.requests]
    assert len(made) == len(listed)
    for request, (method, path) in zip(made, listed, strict=True):
        pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path))
        assert request.method == method
        assert re.fullmatch(f"(/repos/[^/]+/[^/]+)?{pattern}", request.path), (request.path, path)


def test_nothing_to_judge(opened: Opener) -> None:
    case = opened({**BASE, **workshop(strict=True)}, {"README.md": "New words\n"}, installation=504)
    case.deliver()
    assert counted(case, 0, 0) == documented()["First judgement, no manifests changed"]
