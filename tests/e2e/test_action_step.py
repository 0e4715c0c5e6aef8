"""``preadmit action`` as a process in a runner's step: in a checkout, without one, with each kind of token."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bot.git_repository import Repository as Checkout
from tests.e2e.service import SECONDS, environment, leaks
from tests.e2e.shop import BASE, BLOCKED, CHANGE, FIX, Files, deployment, line_of, workshop
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.state import Identity, Pull, Repository

ACTIONS = Identity(15368, "github-actions")


@dataclass
class Log:
    """A step's log as the runner reads it: its commands, and the text between them."""

    text: str
    commands: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        stopped = ""
        for line in self.text.split("\n"):
            if stopped and line.strip() != f"::{stopped}::":
                self.shown.append(line)
            elif stopped:
                stopped = ""
            elif line.lstrip().startswith("::stop-commands::"):
                stopped = line.lstrip().removeprefix("::stop-commands::")
            elif line.lstrip().startswith("::") or "##[" in line:
                self.commands.append(line)
            else:
                self.shown.append(line)

    def annotations(self, kind: str) -> list[tuple[str, int]]:
        """The files and lines of the annotations of a kind."""
        found = [re.match(rf"::{kind} file=([^,]*),line=(\d+),endLine=\2,title=[^:,]+::", one) for one in self.commands]
        return [(one[1], int(one[2])) for one in found if one]


@dataclass
class Step:
    """A runner with a job for one pull request; ``home`` is what the runner has for it."""

    fake: FakeGitHub
    repository: Repository
    pull: Pull
    home: Path
    token: str = ""
    inputs: dict[str, str] = field(default_factory=dict)

    def run(self, event: dict[str, object] | None = None) -> tuple[int, Log]:
        """The step: its exit code and log."""
        given = event or deliveries.pull_request(self.fake, self.repository, self.pull)
        (self.home / "event.json").write_text(json.dumps(given))
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", "action"],
            env=environment(**self._variables("merge_group" if "merge_group" in given else "pull_request")),
            cwd=self.home / "temp",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        assert leaks(done.stdout + self.summary, self.fake) == []
        assert "Traceback" not in done.stdout
        return done.returncode, Log(done.stdout)

    def _variables(self, event: str) -> dict[str, str]:
        variables = {
            "PYTHONIOENCODING": "ascii",  # whatever the locale is
            "PYTHONUTF8": "0",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(self.home / "event.json"),
            "GITHUB_WORKSPACE": str(self.home / "workspace"),
            "GITHUB_STEP_SUMMARY": str(self.home / "summary"),
            "GITHUB_OUTPUT": str(self.home / "output"),
            "GITHUB_API_URL": self.fake.url,
            "RUNNER_TEMP": str(self.home / "temp"),
            "INPUT_TOKEN": self.token,
        }
        return variables | {f"INPUT_{name.upper()}": value for name, value in self.inputs.items()}

    def give_token(self, *, read_only: bool = False) -> None:
        """The job's token; that of a fork's pull request may only read."""
        self.token, _ = self.fake.issue_token(ACTIONS, read_only=read_only)

    def check_out(self, *options: str) -> None:
        """What actions/checkout does on a pull request: the merge commit, and with ``fetch-depth: 0`` all branches."""
        git = self.repository.git
        base = git.sha(self.pull.base_ref)
        tree = git.line("merge-tree", "--write-tree", str(base), self.pull.head_sha)
        merge = git.line("commit-tree", tree, "-p", str(base), "-p", self.pull.head_sha, "-m", "merge")
        git.run("update-ref", f"refs/pull/{self.pull.number}/merge", merge)
        place = Checkout(self.home / "workspace")
        place.git("remote", "add", "origin", git.path.as_uri())
        branches = [] if options else ["+refs/heads/*:refs/remotes/origin/*"]
        ref = f"+{merge}:refs/remotes/pull/{self.pull.number}/merge"
        place.git("fetch", "--quiet", "--no-tags", *options, "origin", *branches, ref)
        place.git("checkout", "--quiet", "--force", f"refs/remotes/pull/{self.pull.number}/merge")

    @property
    def outputs(self) -> dict[str, str]:
        """The step's outputs."""
        return dict(line.split("=", 1) for line in (self.home / "output").read_text().splitlines())

    @property
    def summary(self) -> str:
        """The step's summary."""
        place = self.home / "summary"
        return place.read_text(encoding="utf-8") if place.exists() else ""

    @property
    def requests(self) -> list[str]:
        """What GitHub was asked."""
        return [str(one) for one in self.fake.requests]


@dataclass
class Steps:
    """Makes repositories, each with a pull request and a runner."""

    fake: FakeGitHub
    directory: Path

    def __call__(self, base: Files, change: Files, *, fork: str | None = None) -> Step:
        home = self.directory / "runner"
        for name in ("workspace", "temp"):
            (home / name).mkdir(parents=True)
        repository = self.fake.repository("acme/shop")
        repository.git.commit("main", dict(base))
        repository.git.commit("change", dict(change), onto="main")
        return Step(self.fake, repository, self.fake.pull(repository, "change", fork=fork), home)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Steps]:
    """Makes steps; afterwards what GitHub was asked is looked at."""
    fake = FakeGitHub(tmp_path / "github")
    yield Steps(fake, tmp_path)
    fake.close()
    assert fake.violations == []


@pytest.fixture
def step(make: Steps) -> Step:
    """The workshop's pull request."""
    return make({**BASE, **workshop(strict=True)}, CHANGE)


def test_in_a_whole_checkout_nothing_is_asked(step: Step) -> None:
    step.check_out()
    code, log = step.run()
    assert (code, step.requests) == (1, [])
    assert [line for line in log.shown if "(blocked)" in line] == list(BLOCKED)
    assert log.annotations("error") == [
        ("shop/nginx-public.yaml", line_of(CHANGE["shop/nginx-public.yaml"], "image: nginx")),
        ("shop/privileged-deploy.yaml", line_of(CHANGE["shop/privileged-deploy.yaml"], "privileged: true")),
    ]
    assert log.annotations("notice") == [("shop/ui.yaml", line_of(CHANGE["shop/ui.yaml"], "      labels:"))]
    report = step.home / "temp/preadmit-report"
    assert step.outputs == {
        "conclusion": "failure", "blocked": "2", "failing": "0", "unjudged": "0", "report": str(report),
    }  # fmt: skip
    assert step.summary.startswith("## preadmit: 2 blocked, 0 failing, 1 passing; 3 policies, 4 resources; 1 existing")
    assert all(event in step.summary for event in BLOCKED)
    assert json.loads((report / "check_run.json").read_text())["name"] == "preadmit: main"
    assert len(json.loads((report / "policyreports.json").read_text())["items"]) == 4


def test_a_shallow_checkout_falls_back_to_the_api(step: Step) -> None:
    step.give_token()
    step.check_out("--depth=1")
    code, log = step.run()
    assert (code, step.outputs["blocked"]) == (1, "2")
    assert any(line.startswith("reading from GitHub's API, as the checkout does not do: ") for line in log.shown)
    assert not [one for one in step.fake.requests if one.method != "GET" and one.path != "/graphql"]


def test_without_a_checkout_the_api_says_the_same(step: Step) -> None:
    step.give_token()
    code, log = step.run()
    without = log.commands, step.summary
    (step.home / "summary").unlink()
    step.check_out()
    again, log = step.run()
    assert code == again == 1
    assert (log.commands, step.summary) == without


def test_shallow_and_without_a_token_it_is_not_judged(step: Step) -> None:
    step.check_out("--depth=1")
    code, log = step.run()
    assert code == 2
    assert step.outputs == {"conclusion": "failure"}
    assert "fetch-depth: 0" in step.summary
    assert log.commands[0].startswith("::error title=preadmit could not judge this change::")


@pytest.mark.parametrize("read_only", [False, True], ids=["may write", "read only"])
def test_comments_are_written_where_the_token_may(make: Steps, read_only: bool) -> None:
    step = make({**BASE, **workshop(strict=True)}, CHANGE, fork="mallory/shop" if read_only else None)
    step.give_token(read_only=read_only)
    step.check_out()
    step.inputs["comments"] = "true"
    code, log = step.run()
    assert (code, step.outputs["blocked"]) == (1, "2")
    assert len(log.annotations("error")) == 2
    if read_only:
        assert any(one.startswith("::notice title=preadmit::no review comments: ") for one in log.commands)
        assert step.repository.comments == []
        return
    assert [(one.author, one.path) for one in step.repository.comments] == [
        ("github-actions[bot]", "shop/nginx-public.yaml"),
        ("github-actions[bot]", "shop/privileged-deploy.yaml"),
    ]
    step.run()
    assert len(step.repository.reviews) == 1


def test_a_fixed_change_exits_with_0(make: Steps) -> None:
    step = make({**BASE, **workshop(strict=True)}, {**CHANGE, **FIX})
    step.check_out()
    code, log = step.run()
    assert (code, step.outputs["conclusion"], log.annotations("error")) == (0, "success", [])


def test_a_broken_manifest_exits_with_2_unless_something_is_blocked(make: Steps) -> None:
    step = make({**BASE, **workshop(strict=True)}, {"shop/broken.yaml": "kind: [Pod\n"})
    step.check_out()
    code, log = step.run()
    assert (code, step.outputs["conclusion"], step.outputs["unjudged"]) == (2, "failure", "1")
    assert [file for file, _ in log.annotations("error")] == ["shop/broken.yaml"]


def test_a_merge_group_is_judged(step: Step) -> None:
    step.give_token()
    git = step.repository.git
    group = {"head_sha": step.pull.head_sha, "base_sha": git.sha("main"), "base_ref": "refs/heads/main"}
    event = deliveries.common(step.fake, step.repository) | {"action": "checks_requested", "merge_group": group}
    step.inputs["comments"] = "true"
    code, _ = step.run(event)
    assert (code, step.outputs["blocked"]) == (1, "2")
    assert step.repository.comments == []


def test_what_main_has_gained_since_is_judged_by_and_not_blamed(step: Step) -> None:
    more = {"shop/late.yaml": deployment("late", image="nginx"), "policies/registries.yaml": None}
    step.repository.git.commit("main", dict(more))
    step.check_out()
    code, log = step.run()
    assert (code, step.outputs["blocked"]) == (1, "1")
    assert [file for file, _ in log.annotations("error")] == ["shop/privileged-deploy.yaml"]


HOSTILE: Files = {
    '"apps/::error::forged,line=1 %0A.yaml"': "",
    '"apps/##[error]forged.yaml"': "",
    '"apps/line\\n::warning::forged.yaml"': "",
    '"apps/\\377\\376 not utf-8.yaml"': "",
    '"apps/\u202e\U0001f600.yaml"': "",
}


@pytest.mark.parametrize("checked_out", [True, False])
@pytest.mark.parametrize("broken", [True, False])
def test_hostile_names_and_texts_make_no_command(make: Steps, checked_out: bool, broken: bool) -> None:
    name = '"web\\n::error::forged\\r::set-output name=a::b ##[error]c"'
    text = (
        "kind: [::error::forged\n" if broken else deployment("web", image="nginx").replace("name: web", f"name: {name}")
    )
    names = [one for one in HOSTILE if checked_out or "\\377" not in one]
    step = make({**BASE, **workshop(strict=True)}, dict.fromkeys(names, text))
    step.give_token()
    if checked_out:
        step.check_out()
    code, log = step.run()
    assert code == (2 if broken else 1), log.text
    assert (step.home / "output").exists(), log.text
    assert step.outputs["unjudged" if broken else "blocked"] == str(len(names))
    assert len(log.commands) == len(names)
    assert all(re.match(r"::error file=[^:,]+,line=\d+,endLine=\d+,title=[^:,]+::[^\r]*$", one) for one in log.commands)
