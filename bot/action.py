"""The entry point of the GitHub Action: judge the event's change, and say so in annotations, summary and outputs.

It needs no secret: on a pull request from a fork, where the token may only read, everything but comments is there. The
job itself is the check, since runs made with a job's token end up under any workflow's suite.
"""

from __future__ import annotations

import json
import traceback
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol, TextIO

from bot import markdown, workflow
from bot.github.client import Client, GitHubError
from bot.jobs import Job
from bot.model import Judgement, Publisher, Snapshot, Source, SourceError, Verdict
from bot.publish_github import Renderer, left_out, question, review
from bot.settings import api_url
from bot.source import GitSource
from bot.source_github import GitHubSource

_REFUSED: Final = "preadmit could not judge this change"
_FAULT: Final = (
    "A fault in preadmit itself kept this change from being judged; the log of this step has it under {reference}. "
    "Run the job again; should that not help, report it with what the log says."
)


class ActionError(Exception):
    """The step is not set up so that it can judge; the text says what to change."""


class ActionRenderer(Renderer, Protocol):
    """What turns a judgement into text (the module ``bot.render``)."""

    def job_summary(self, judgement: Judgement) -> str:
        """The summary of the step."""

    def console(self, judgement: Judgement) -> str:
        """The log's text."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The step's inputs: the token may be empty, ``directory`` is the checkout, ``report`` where files are written."""

    token: str
    comments: bool
    directory: Path
    report: Path


@dataclass(frozen=True, slots=True)
class Action:
    """One run of the step. ``files`` makes the publisher that writes the report's files into a directory."""

    environ: Mapping[str, str]
    judge: Callable[[Source], Judgement]
    render: ActionRenderer
    files: Callable[[Path], Publisher]
    log: TextIO

    def run(self) -> int:
        """Judge and tell: 0 admitted, 1 blocked, 2 not judged."""
        try:
            return self._run()
        except Exception:  # noqa: BLE001 - the one place that catches our own faults: the step must say that there was one
            return self._admit(traceback.format_exc())

    def _run(self) -> int:
        try:
            inputs, job = read_inputs(self.environ), read_event(self.environ)
            judgement = self.judge(self._source(inputs, job))
            self._tell(inputs, judgement)
        except (ActionError, SourceError, GitHubError) as wrong:
            return self._give_up(wrong)
        if inputs.comments:
            self._comment(inputs, job, judgement)
        return judgement.exit_code

    def _source(self, inputs: Inputs, job: Job) -> Source:
        faults: list[str] = []
        url = api_url(self.environ, faults)
        if faults:
            raise ActionError(faults[0])
        remote = GitHubSource(Client(url, lambda: inputs.token), job) if inputs.token else None
        return _CheckoutOrApi(inputs.directory, job, remote, self._print)

    def _tell(self, inputs: Inputs, judgement: Judgement) -> None:
        """The log, annotations, summary, files and outputs."""
        for line in workflow.quoted(self.render.console(judgement)):
            self._print(line)
        for line in workflow.annotate(self.render.check_output(judgement).annotations):
            self._print(line)
        self._append("GITHUB_STEP_SUMMARY", workflow.fitted(self.render.job_summary(judgement)))
        publisher = self.files(inputs.report)
        publisher.start()
        publisher.publish(judgement)
        counts = {verdict: sum(found.verdict is verdict for found in judgement.findings) for verdict in Verdict}
        values = {
            "conclusion": judgement.conclusion,
            "blocked": str(counts[Verdict.BLOCKED]),
            "failing": str(counts[Verdict.FAILING]),
            "unjudged": str(len(judgement.unjudged)),
            "report": str(inputs.report),
        }
        self._append("GITHUB_OUTPUT", "".join(workflow.output(name, value) for name, value in values.items()))

    def _comment(self, inputs: Inputs, job: Job, judgement: Judgement) -> None:
        """Write the review; a token that may not is told in the log and changes nothing else."""
        if not inputs.token:
            self._print(workflow.command("notice", "no token was given: no review comments are written"))
            return
        client = Client(api_url(self.environ, []), lambda: inputs.token)
        try:
            refused = review(client, job, question(client, job).view, self.render, judgement)
            if refused:
                self._print(workflow.command("notice", left_out(refused), title="preadmit"))
        except GitHubError as refused:
            self._print(workflow.command("notice", f"no review comments: {refused}", title="preadmit"))
        finally:
            client.close()

    def _give_up(self, wrong: ActionError | SourceError | GitHubError) -> int:
        advice = f" ({wrong.advice})" if isinstance(wrong, SourceError) and wrong.advice else ""
        self._refuse(f"{wrong}{advice}", markdown.code(f"{wrong}{advice}", 2_000))
        return 2

    def _admit(self, fault: str) -> int:
        """Say that the program itself failed; what it stumbled over may quote the change, and is no command."""
        reference = uuid.uuid4().hex[:12]
        for line in workflow.quoted(f"fault {reference}\n{fault}"):
            self._print(line)
        self._refuse(_FAULT.format(reference=reference), _FAULT.format(reference=f"`{reference}`"))
        return 2

    def _refuse(self, why: str, shown: str) -> None:
        """Tell in the log, as an annotation, in the summary and the outputs that there is no judgement."""
        self._print(workflow.command("error", why, title=_REFUSED))
        with suppress(OSError):  # the log has it: what is written of it in the runner's files comes second
            self._append("GITHUB_STEP_SUMMARY", f"## {_REFUSED}\n\n{shown}\n")
            self._append("GITHUB_OUTPUT", workflow.output("conclusion", "failure"))

    def _append(self, variable: str, text: str) -> None:
        """Add to one of the runner's files; without one (a trial on a desk) nothing is lost that is not in the log."""
        if place := self.environ.get(variable):
            with Path(place).open("a", encoding="utf-8") as file:
                file.write(text)

    def _print(self, line: str) -> None:
        self.log.write(line + "\n")


@dataclass(frozen=True, slots=True)
class _CheckoutOrApi:
    """The checkout when it holds both commits and what joins them, which by default it does not; else the API."""

    directory: Path
    job: Job
    remote: GitHubSource | None
    say: Callable[[str], None]

    def fetch(self) -> Snapshot:
        """Name the trees; raises SourceError."""
        try:
            return self._named(self._local())
        except SourceError as missing:
            if self.remote is None:
                raise
            for line in workflow.quoted(f"reading from GitHub's API, as the checkout does not do: {missing}"):
                self.say(line)
        return self.remote.fetch()

    def _local(self) -> Snapshot:
        """Policies come from where the checkout has the base branch, or from the base that the event names."""
        try:
            return GitSource(self.directory, f"refs/remotes/origin/{self.job.base_ref}", self.job.head_sha).fetch()
        except SourceError:
            return GitSource(self.directory, self.job.base_sha, self.job.head_sha).fetch()

    def _named(self, found: Snapshot) -> Snapshot:
        job = self.job
        return replace(
            found,
            repository=job.repository,
            base_ref=job.base_ref,
            head_ref=job.head_ref or found.head_ref,
            default_branch=job.default_branch,
            number=job.number,
        )


def read_inputs(environ: Mapping[str, str]) -> Inputs:
    """The inputs, which ``action.yml`` passes as ``INPUT_*``; raises ActionError."""
    comments = environ.get("INPUT_COMMENTS", "false").strip().lower()
    if comments not in ("true", "false"):
        raise ActionError("the input comments must be true or false")
    workspace = Path(environ.get("GITHUB_WORKSPACE") or ".")
    report = environ.get("INPUT_REPORT", "").strip() or "preadmit-report"
    if "\n" in report:
        raise ActionError("the input report must be one line")
    return Inputs(
        token=environ.get("INPUT_TOKEN", "").strip(),
        comments=comments == "true",
        directory=workspace / environ.get("INPUT_PATH", "").strip(),
        report=Path(environ.get("RUNNER_TEMP") or workspace) / report,
    )


def read_event(environ: Mapping[str, str]) -> Job:
    """The change that the event names: a pull request, or a group of a merge queue; raises ActionError."""
    try:
        event = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_bytes())
        if "merge_group" in event:
            return _merge_group(event["merge_group"], event["repository"])
        if "pull_request" in event:
            return _pull_request(event["pull_request"], event["repository"])
    except (KeyError, TypeError, ValueError, OSError) as odd:
        raise ActionError(f"GITHUB_EVENT_PATH holds no event as GitHub documents it ({type(odd).__name__})") from None
    name = environ.get("GITHUB_EVENT_NAME", "this event")
    raise ActionError(f"{name} names no change: run this step on pull_request or merge_group")


def _pull_request(pull: dict[str, Any], repository: dict[str, Any]) -> Job:
    head, base = pull["head"], pull["base"]
    return Job(
        delivery="",
        installation=0,
        repository=repository["full_name"],
        head_sha=head["sha"],
        number=pull["number"],
        base_ref=base["ref"],
        base_sha=base["sha"],
        head_ref=head["ref"],
        head_repository=(head["repo"] or {}).get("full_name", ""),
        default_branch=repository["default_branch"],
        event="pull_request",
    )


def _merge_group(group: dict[str, Any], repository: dict[str, Any]) -> Job:
    return Job(
        delivery="",
        installation=0,
        repository=repository["full_name"],
        head_sha=group["head_sha"],
        base_ref=group["base_ref"].removeprefix("refs/heads/"),
        base_sha=group["base_sha"],
        default_branch=repository["default_branch"],
        event="merge_group",
    )
