"""The table of docs/LIMITS.md: each limit is there, has its default, can be set, and says what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from bot import limits, pipeline, render, settings
from bot.answer import Answer
from bot.app import create_app
from bot.durable import database
from bot.durable.inbox import Inbox
from bot.durable.pace import Paces
from bot.github.auth import App
from bot.github.client import PacedError
from bot.github.pace import Measure
from bot.isolation.pool import Bounds, Evaluators
from bot.jobs import Job
from bot.model import SourceError
from bot.source import GitSource
from bot.worker import QueueError
from tests.bot.test_settings import GOOD
from tests.e2e.command import Made, check
from tests.e2e.shop import Files, deployment, workshop
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.fixtures import fake

__all__ = ["fake"]

TABLE: Final = Path(__file__).parents[2] / "docs/LIMITS.md"
_ROW: Final = re.compile(r"\| ([^|]+) \| ([\d,]+)[^|]* \| `(\w+)` \| `([^`]+)`[^|]* \|")


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    what: str
    default: int
    variable: str
    message: str

    def says(self, text: str) -> bool:
        """Whether a text has the message, with numbers."""
        plain = re.sub(r"\\([^\w\s])", r"\1", text)
        return re.search(re.escape(self.message).replace("N", r"[\d,]+"), plain) is not None


def rows() -> Iterator[Row]:
    """The table."""
    for what, default, variable, message in _ROW.findall(TABLE.read_text()):
        yield Row(what, int(default.replace(",", "")), variable, message)


ROWS: Final = list(rows())
ALIASES: Final = "x: &x [1, 2, 3]\ny: [*x, *x, *x]\n"
MAP: Final = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n"
BAD: Final = {f"shop/{name}.yaml": deployment(name, image="nginx") for name in ("a", "b", "c")}
PASSING: Final[dict[str, tuple[str, Files]]] = {
    "PREADMIT_MAX_FILE_BYTES": ("1000", {"large.yaml": MAP + f"data: {{a: {'x' * 1000}}}\n"}),
    "PREADMIT_MAX_TREE_BYTES": ("1000", {"large.yaml": MAP + f"data: {{a: {'x' * 1000}}}\n"}),
    "PREADMIT_MAX_TREE_FILES": ("4", {f"{n}.txt": f"{n}\n" for n in range(5)}),
    "PREADMIT_MAX_DOCUMENTS": ("2", {"many.yaml": "---\n".join(MAP.replace("NAME", f"n{n}") for n in range(3))}),
    "PREADMIT_MAX_DEPTH": ("10", {"deep.yaml": MAP + f"data: {'[' * 12}{']' * 12}\n"}),
    "PREADMIT_MAX_ALIASED_NODES": ("5", {"aliases.yaml": MAP + ALIASES}),
    "PREADMIT_MAX_POLICIES": ("2", {"a.yaml": MAP}),
    "PREADMIT_MAX_FINDINGS": ("2", BAD),
    "PREADMIT_MAX_COMMENTS": ("2", BAD),
}
CHECKED: Final = [row for row in ROWS if row.variable in PASSING]


def test_the_table_has_all_limits_and_their_defaults() -> None:
    known = {limit.variable: getattr(limits.DEFAULTS, limit.field) for limit in limits.ALL}
    known |= {"PREADMIT_EVALUATION_SECONDS": Bounds().seconds, "PREADMIT_EVALUATION_MEGABYTES": Bounds().megabytes}
    given = settings.read(GOOD)
    known |= {"PREADMIT_WAITING_WORK": given.waiting_work}
    known |= {"PREADMIT_WRITES_A_MINUTE": given.writes_a_minute, "PREADMIT_WRITES_AN_HOUR": given.writes_an_hour}
    assert {row.variable: row.default for row in ROWS} == known


@pytest.mark.parametrize("row", CHECKED, ids=[row.variable for row in CHECKED])
def test_a_limit_of_what_is_read_says_so(make: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Row) -> None:
    value, change = PASSING[row.variable]
    repository = make(workshop(strict=True), change)
    out = tmp_path / "out"
    before = check(repository, "--out", str(out))
    assert not row.says(before.output + (out / "check_run.json").read_text())
    monkeypatch.setenv(row.variable, value)
    done = check(repository, "--out", str(out))
    told = (out / "check_run.json").read_text() if done.code != 2 or "preadmit: " not in done.stderr else ""
    assert row.says(done.output + told), done.output
    assert done.code != 0


def test_the_gravest_findings_are_kept(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREADMIT_MAX_FINDINGS", "1")
    labels = {"shop/0.yaml": deployment("first", labels="a: b"), "shop/9.yaml": deployment("last", image="nginx")}
    done = check(make(workshop(strict=True), labels))
    assert done.title.startswith("1 blocked, 0 failing")
    assert done.code == 1


def test_a_delivery_is_bounded() -> None:
    (row,) = [row for row in ROWS if row.variable == "PREADMIT_MAX_DELIVERY_BYTES"]
    given = settings.read(GOOD | {row.variable: "1000"})
    app = create_app(given, lambda work: True, lambda: None, lambda: b"")
    answer = app.test_client().post("/webhook", data=b"x" * 1001)
    assert answer.status_code == 413
    assert row.says(answer.text)


def told_by(evaluators: Evaluators, source: GitSource) -> str:
    """What an evaluation ends with."""
    with pytest.raises(SourceError) as told:
        evaluators(source)
    evaluators.close()
    return str(told.value)


@pytest.mark.parametrize("variable", ["PREADMIT_EVALUATION_SECONDS", "PREADMIT_EVALUATION_MEGABYTES"])
def test_an_evaluation_is_bounded(make: Made, variable: str) -> None:
    (row,) = [row for row in ROWS if row.variable == variable]
    bounds = Bounds(seconds=0.0) if variable.endswith("SECONDS") else Bounds(seconds=300, megabytes=1)
    source = GitSource(make(workshop(strict=True), BAD).path, "main", "change")
    assert row.says(told_by(Evaluators(bounds), source))


def test_an_evaluator_knows_the_limits(make: Made) -> None:
    source = GitSource(make(workshop(strict=True), BAD).path, "main", "change")
    evaluators = Evaluators(Bounds(limits=replace(limits.DEFAULTS, findings=2)))
    assert (len(evaluators(source).findings), evaluators(source).findings_left_out) == (2, 1)
    evaluators.close()


def test_requests_are_bounded_and_the_check_says_so(fake: FakeGitHub) -> None:
    (row,) = [row for row in ROWS if row.variable == "PREADMIT_MAX_REQUESTS"]
    shop = fake.repository("acme/shop")
    shop.git.commit("main", dict(workshop(strict=True)))
    shop.git.commit(
        "change", {f"{n}.yaml": MAP.encode() + f"# {n} ".encode() + b"\xff\n" for n in range(30)}, onto="main"
    )
    pull = fake.pull(shop, "change")
    job = Job("d", deliveries.INSTALLATION, shop.full_name, pull.head_sha, pull.number, "main")
    app = App(fake.app.id, fake.private_key, fake.url, sleep=lambda seconds: None)

    class Nowhere:
        def submit(self, work: object, *, seconds: float = 0.0) -> bool:
            return True

    answer = Answer(app, None, pipeline.judge, render, Nowhere(), limits=replace(limits.DEFAULTS, requests=20))
    assert answer(job).startswith("not judged: ")
    (run,) = shop.check_runs
    assert (run.status, run.conclusion) == ("completed", "failure")
    assert row.says(str(run.summary))
    assert row.variable in str(run.summary)
    assert len(fake.requests) < 25


def test_waiting_work_is_bounded(tmp_path: Path) -> None:
    (row,) = [row for row in ROWS if row.variable == "PREADMIT_WAITING_WORK"]
    url = database.prepare(settings.read(GOOD | {"PREADMIT_STATE_DIR": str(tmp_path)}))
    inbox = Inbox(url, most=1)
    inbox.submit(Job("d1", 7, "acme/shop", "a" * 40, 1, "main"))
    with pytest.raises(QueueError) as told:
        inbox.submit(Job("d2", 7, "acme/shop", "a" * 40, 2, "main"))
    assert row.says(str(told.value))
    inbox.close()


@pytest.mark.parametrize("measure", [Measure(1, 0), Measure(0, 1)], ids=["a minute", "an hour"])
def test_writes_are_bounded(fake: FakeGitHub, tmp_path: Path, measure: Measure) -> None:
    paces = Paces(database.prepare(settings.read(GOOD | {"PREADMIT_STATE_DIR": str(tmp_path)})), measure)
    client = App(fake.app.id, fake.private_key, fake.url, paces=paces).client(deliveries.INSTALLATION)
    head = fake.repository("acme/shop").git.commit("main", {"a.yaml": "a: 1\n"})
    run = {"name": "n", "head_sha": head}
    client.post("/repos/acme/shop/check-runs", run)
    with pytest.raises(PacedError) as told:
        client.post("/repos/acme/shop/check-runs", run)
    assert all(row.says(str(told.value)) for row in ROWS if row.variable.startswith("PREADMIT_WRITES_"))
    client.close()
    paces.close()


@pytest.mark.parametrize("value", ["0", "x", "-1", "1" * 30])
def test_a_bad_value_is_named(make: Made, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PREADMIT_MAX_DEPTH", value)
    done = check(make(workshop(strict=True), BAD))
    assert (done.code, done.stderr) == (2, "preadmit: PREADMIT_MAX_DEPTH must be a number from 10 to 100\n")
