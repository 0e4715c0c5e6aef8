"""The Action's step: from the runner's environment to its files, with and without a checkout and a token."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot import workflow
from bot.action import Action, ActionError, read_event, read_inputs
from bot.model import Annotation, CheckOutput, Judgement, Publisher, ReviewComment, Source
from tests.bot.git_repository import Repository as Checkout
from tests.bot.judgements import finding
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.fixtures import fake
from tests.fake_github.state import Identity, Pull, Repository

__all__ = ["fake"]


class Written:
    """A renderer for tests; its console text tries to be a command."""

    def check_output(self, judgement: Judgement) -> CheckOutput:
        note = Annotation("new.yaml", 1, 1, "failure", "validate-registries", "100 %\nbad")
        return CheckOutput("1 blocked", "s", "t", (note,) if judgement.exit_code else ())

    def review_comments(self, judgement: Judgement) -> tuple[ReviewComment, ...]:
        return (ReviewComment("k1", "new.yaml", 1, "<!-- preadmit:k1 -->\nbad"),)

    def job_summary(self, judgement: Judgement) -> str:
        return f"## {judgement.repository} {judgement.base_ref} {judgement.number}\n"

    def console(self, judgement: Judgement) -> str:
        return "::error::forged"


@dataclass
class Files:
    """A publisher that only remembers where."""

    directory: Path

    def start(self) -> None:
        self.directory.mkdir(parents=True)

    def publish(self, judgement: Judgement) -> None:
        (self.directory / "check_run.json").write_text("{}")


def blocked(source: Source) -> Judgement:
    found = source.fetch()
    found.policies.read(found.policies.entries().values())
    made = Judgement(found.repository, found.base_ref, found.base.sha, found.head.sha, 1, 1, number=found.number)
    return replace(made, findings=(finding(),))


def green(source: Source) -> Judgement:
    return replace(blocked(source), findings=())


@dataclass
class Step:
    """A runner's step around the action."""

    environ: dict[str, str]
    home: Path

    def run(self, judge: Callable[[Source], Judgement] = blocked) -> tuple[int, str]:
        log = io.StringIO()
        files: Callable[[Path], Publisher] = Files
        code = Action(self.environ, judge, Written(), files, log).run()
        return code, log.getvalue()

    @property
    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in (self.home / "output").read_text().splitlines())

    @property
    def summary(self) -> str:
        return (self.home / "summary").read_text()


@pytest.fixture
def shop(fake: FakeGitHub) -> Repository:
    made = fake.repository("acme/shop")
    made.git.commit("main", {"a.yaml": "a: 1\n"})
    made.git.commit("change", {"new.yaml": "b: 1\n"}, onto="main")
    return made


@pytest.fixture
def pull(fake: FakeGitHub, shop: Repository) -> Pull:
    return fake.pull(shop, "change")


@pytest.fixture
def step(fake: FakeGitHub, shop: Repository, pull: Pull, tmp_path: Path) -> Step:
    home = tmp_path / "runner"
    (home / "workspace").mkdir(parents=True)
    (home / "event.json").write_text(json.dumps(deliveries.pull_request(fake, shop, pull)))
    token, _ = fake.issue_token(Identity(15368, "github-actions"))
    environ = {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(home / "event.json"),
        "GITHUB_WORKSPACE": str(home / "workspace"),
        "GITHUB_STEP_SUMMARY": str(home / "summary"),
        "GITHUB_OUTPUT": str(home / "output"),
        "GITHUB_API_URL": fake.url,
        "RUNNER_TEMP": str(home / "temp"),
        "INPUT_TOKEN": token,
        "INPUT_COMMENTS": "false",
    }
    return Step(environ, home)


def check_out(step: Step, shop: Repository, *options: str) -> None:
    """What actions/checkout does: fetch into an empty repository that knows the remote's branches."""
    place = Checkout(step.home / "workspace")
    place.git("remote", "add", "origin", shop.git.path.as_uri())
    place.git("fetch", "--quiet", *options, "origin", "+refs/heads/*:refs/remotes/origin/*")


def test_without_a_checkout_the_api_is_read(step: Step, fake: FakeGitHub, pull: Pull) -> None:
    code, log = step.run()
    assert code == 1
    assert "reading from GitHub's API" in log
    assert step.summary == f"## acme/shop main {pull.number}\n"
    assert step.outputs == {
        "conclusion": "failure",
        "blocked": "1",
        "failing": "0",
        "unjudged": "0",
        "report": str(step.home / "temp/preadmit-report"),
    }
    assert (step.home / "temp/preadmit-report/check_run.json").exists()
    assert fake.seen("POST", "repos") == []


def test_a_whole_checkout_needs_no_request(step: Step, shop: Repository, fake: FakeGitHub, pull: Pull) -> None:
    check_out(step, shop)
    step.environ["INPUT_TOKEN"] = ""
    code, log = step.run(green)
    assert code == 0
    assert step.summary == f"## acme/shop main {pull.number}\n"
    assert step.outputs["conclusion"] == "success"
    assert fake.requests == []
    assert "API" not in log


def test_a_shallow_checkout_is_completed_by_the_api(step: Step, shop: Repository, fake: FakeGitHub) -> None:
    shop.git.commit("main", {"later.yaml": "c: 1\n"})
    check_out(step, shop, "--depth=1")
    assert step.run()[0] == 1
    assert fake.seen("POST", "/graphql")


def test_neither_checkout_nor_token_is_2_with_advice(step: Step) -> None:
    step.environ["INPUT_TOKEN"] = ""
    code, log = step.run()
    assert code == 2
    assert "::error title=preadmit could not judge this change::" in log
    assert step.outputs == {"conclusion": "failure"}
    assert "could not judge" in step.summary


def test_comments_are_written_once_and_only_when_asked_for(step: Step, shop: Repository) -> None:
    step.environ["INPUT_COMMENTS"] = "true"
    for report in ("one", "two"):
        step.environ["INPUT_REPORT"] = report
        assert step.run()[0] == 1
    assert [(one.author, one.line) for one in shop.comments] == [("github-actions[bot]", 1)]


def test_a_comment_without_a_line_is_told_in_the_log(step: Step, shop: Repository) -> None:
    step.environ["INPUT_COMMENTS"] = "true"
    shop.unshown = {"new.yaml"}
    code, log = step.run()
    assert (code, shop.comments) == (1, [])
    assert "::notice title=preadmit::GitHub shows no line to comment on for new.yaml:1: " in log


@pytest.mark.parametrize("place", ["judging", "telling"])
def test_a_fault_of_ours_is_told_under_a_number(step: Step, place: str) -> None:
    def broken(source: Source) -> Judgement:
        raise ZeroDivisionError("\n::error::forged")

    if place == "telling":
        step.environ["RUNNER_TEMP"] = str(step.home / "event.json")  # where no folder can be made
    code, log = step.run(broken if place == "judging" else blocked)
    assert code == 2
    reference = re.findall("the log of this step has it under `([0-9a-f]{12})`", step.summary)
    assert reference
    assert re.search(f"^::error title=preadmit could not judge this change::.* under {reference[-1]}\\. ", log, re.M)
    assert step.outputs["conclusion"] == "failure"
    lines = log.splitlines()
    begin = lines.index(f"fault {reference[-1]}")
    end = lines.index(f"::{lines[begin - 1].removeprefix('::stop-commands::')}::")
    assert "Traceback (most recent call last):" in lines[begin:end]
    assert place == "telling" or begin < lines.index("::error::forged") < end


def test_github_that_does_not_answer_is_told(step: Step, fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.github.client.ATTEMPTS", 1)
    fake.fail("POST", "/graphql", 502)
    code, log = step.run()
    assert code == 2
    assert "::error title=preadmit could not judge this change::POST /graphql: 502" in log
    assert "`POST /graphql: 502" in step.summary


def test_a_forks_token_costs_only_the_comments(step: Step, fake: FakeGitHub, shop: Repository) -> None:
    step.environ["INPUT_COMMENTS"] = "true"
    fake.read_only_tokens.add(step.environ["INPUT_TOKEN"])
    code, log = step.run()
    assert code == 1
    assert "::notice title=preadmit::no review comments: " in log
    assert shop.comments == []
    assert step.outputs["blocked"] == "1"


def test_the_log_has_commands_of_ours_only(step: Step) -> None:
    _, log = step.run()
    lines = log.splitlines()
    at = lines.index("::error::forged")
    word = lines[at - 1].removeprefix("::stop-commands::")
    assert lines[at + 1] == f"::{word}::"
    assert len(word) == 32
    assert "::error file=new.yaml,line=1,endLine=1,title=validate-registries::100 %25%0Abad" in lines


def test_a_merge_group_is_a_change_without_a_number(step: Step, shop: Repository, fake: FakeGitHub) -> None:
    event = deliveries.common(fake, shop) | {
        "action": "checks_requested",
        "merge_group": {
            "head_sha": shop.git.sha("change"),
            "base_sha": shop.git.sha("main"),
            "base_ref": "refs/heads/main",
        },
    }
    (step.home / "event.json").write_text(json.dumps(event))
    assert step.run(green)[0] == 0
    assert step.summary == "## acme/shop main None\n"


@pytest.mark.parametrize("event", [{}, [], {"pull_request": {}}, {"repository": {}}, {"pull_request": None}])
def test_other_events_are_2(step: Step, event: Any) -> None:
    (step.home / "event.json").write_text(json.dumps(event))
    code, log = step.run()
    assert code == 2
    assert log.startswith("::error title=preadmit could not judge this change::")


def test_no_event_and_bad_inputs_are_told(tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="GITHUB_EVENT_PATH"):
        read_event({})
    with pytest.raises(ActionError, match="comments must be true or false"):
        read_inputs({"INPUT_COMMENTS": "yes"})
    with pytest.raises(ActionError, match="report must be one line"):
        read_inputs({"INPUT_REPORT": "a\nb=c"})


def test_annotations_are_ten_of_a_kind() -> None:
    given = [Annotation("a.yaml", n, n, level, "t", "m") for n in range(1, 13) for level in ("failure", "warning")]
    lines = list(workflow.annotate(given))
    assert [sum(line.startswith(f"::{kind} ") for line in lines) for kind in ("error", "warning")] == [10, 10]
    assert lines[-1] == "More findings are in the job's summary: GitHub shows 10 annotations of a kind."


def test_properties_cannot_end_a_command() -> None:
    line = workflow.command("error", "m\r\n::warning::x", file="a,line=9::b%.yaml\n", line=0)
    assert line == "::error file=a%2Cline=9%3A%3Ab%25.yaml%0A::m%0D%0A::warning::x"


def test_a_summary_fits_into_a_mebibyte() -> None:
    long = "ä line\n" * 200_000
    cut = workflow.fitted(long)
    assert 1_000_000 < len(cut.encode()) <= 1 << 20
    assert cut.endswith("ä line\n\n… cut: the summary of a step has at most 1 MiB.\n")
    assert workflow.fitted("short") == "short"


def test_an_output_cannot_set_another() -> None:
    with pytest.raises(ValueError, match="one line"):
        workflow.output("report", "a\nconclusion=success")
