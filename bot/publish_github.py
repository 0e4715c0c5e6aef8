"""A judgement on a pull request: one check run, completed first, then one review with what it does not say yet.

Everything can be done twice with the effect of once: the check run is looked for before it is made, its ``external_id``
names what it says, annotations and comments that stand are not written again. Comments never decide about the check,
and a push gets at most one review.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from bot import markdown
from bot.github import payloads
from bot.github.client import Client, GitHubError, segment
from bot.github.pull_files import is_shown, shown_lines
from bot.github.pull_request import PullRequest, Run, Subject, View, change
from bot.jobs import Job
from bot.model import CheckOutput, Explanation, Judgement, ReviewComment, Verdict
from bot.threads import Standing, plan

UNPROCESSABLE: Final = 422
_LOG: Final = logging.getLogger(__name__)


class Renderer(Protocol):
    """What turns a judgement into text (the module ``bot.render``)."""

    def check_output(self, judgement: Judgement) -> CheckOutput:
        """The check run's text."""

    def review_comments(self, judgement: Judgement) -> Sequence[ReviewComment]:
        """The comments, gravest first."""

    def settled_comment(self, key: str, body: str, commit: str) -> str:
        """The text of a comment whose finding a commit has mended."""

    def explanation(self, found: Explanation | str, marker: str, branch: str) -> str:
        """The reply to who asked for an explanation."""


def _now() -> datetime:
    return datetime.now(UTC)


def question(client: Client, job: Job, app_id: int = 0) -> PullRequest:
    """What is asked about a job's pull request; without an App not about its check runs."""
    return PullRequest(client, Subject(job.repository, job.number, job.head_sha, job.check_name, app_id))


class GitHubPublisher:
    """Publishes on the job's head commit and pull request, as the App ``app_id``.

    ``pull`` is what was asked about the pull request already.
    """

    def __init__(
        self,
        client: Client,
        job: Job,
        app_id: int,
        render: Renderer,
        clock: Callable[[], datetime] = _now,
        pull: PullRequest | None = None,
    ) -> None:
        self._client, self._job, self._app_id, self._render, self._clock = client, job, app_id, render, clock
        self._pull = pull or question(client, job, app_id)
        self._run: Run | None = None

    def start(self) -> None:
        """Find or make the check run, in progress; a complete one stays so unless the job judges afresh."""
        named = [run for run in self._pull.view.runs if run.name == self._job.check_name]
        self._run = max(named, key=lambda run: run.id, default=None) or self._create()
        if self._run.status != "in_progress" and (self._run.status != "completed" or self._job.afresh):
            self._update({"status": "in_progress", "started_at": self._stamp()})

    def publish(self, judgement: Judgement) -> None:
        """Complete the check run, then comment; raises GitHubError when the check run could not be completed."""
        output = self._render.check_output(judgement)
        self._complete(judgement.conclusion, output)
        try:
            refused = review(self._client, self._job, self._pull.view, self._render, judgement)
        except GitHubError as wrong:
            if wrong.passing:
                raise
            _LOG.warning("%s#%s: no comments: %s", self._job.repository, self._job.number, wrong)
            self._admit(output, f"The review comments could not be written ({wrong}).")
        else:
            if refused:
                self._admit(output, left_out(refused))

    def fail(self, title: str, summary: str) -> None:
        """Complete the check run as failed where no judgement could be made."""
        self._complete("failure", CheckOutput(title=title, summary=summary, text=""))

    def cancel(self, why: str) -> bool:
        """Complete the check run as cancelled where it was begun and not completed: whether it was."""
        found = self._find()
        if found is None or found.status == "completed":
            return False
        self._run = found
        output = payloads.output(CheckOutput(title="Not needed any more", summary=why, text=""))
        self._update({**self._completed("cancelled"), "output": output})
        return True

    def _find(self) -> Run | None:
        """The newest run of our name on the head; two workers may have made two, then the newer one counts."""
        path = f"/repos/{self._job.repository}/commits/{segment(self._job.head_sha)}/check-runs"
        found = self._client.pages(path, "check_runs", check_name=self._job.check_name, app_id=self._app_id)
        ours = [_run(run) for run in found if (run.get("app") or {}).get("id") == self._app_id]
        return max(ours, key=lambda run: run.id, default=None)

    def _create(self) -> Run:
        body = {
            "name": self._job.check_name,
            "head_sha": self._job.head_sha,
            "status": "in_progress",
            "started_at": self._stamp(),
            "external_id": payloads.external_id(self._job.number),
            "output": {"title": "Judging", "summary": "The manifests of this change are being judged."},
        }
        try:
            return _run(self._client.post(f"/repos/{self._job.repository}/check-runs", body))
        except GitHubError as lost:
            made = self._find() if lost.uncertain else None  # it may have been made although no answer came
            if made is None:
                raise
            return made

    def _complete(self, conclusion: str, output: CheckOutput) -> None:
        """Conclude with the first portion of annotations, append the others, and only then sign what it says."""
        said = payloads.external_id(self._job.number, payloads.digest(conclusion, output))
        run = self._began()
        if run.external_id == said:
            if run.status != "completed":
                self._update(self._completed(conclusion))
            return
        written = self._written()
        new = [one for one in output.annotations if one.path and payloads.key_of(one) not in written]
        portions = list(payloads.batches(new))
        stale = len(written - {payloads.key_of(one) for one in output.annotations})
        if stale:
            output = _with_note(output, f"{stale} annotations are of an earlier judgement of this commit.")
        for number, portion in enumerate(portions, 1):
            body = self._completed(conclusion) if number == 1 else {}
            if number == len(portions):
                body["external_id"] = said
            self._update({**body, "output": payloads.output(output, portion)})

    def _written(self) -> frozenset[payloads.AnnotationKey]:
        """The annotations that the run bears already: GitHub can add to them, not take away."""
        run = self._began()
        if not run.annotations:
            return frozenset()
        path = f"/repos/{self._job.repository}/check-runs/{run.id}/annotations"
        return frozenset(payloads.annotation_key(one) for one in self._client.pages(path))

    def _completed(self, conclusion: str) -> dict[str, Any]:
        body = {"status": "completed", "conclusion": conclusion, "completed_at": self._stamp()}
        return body if conclusion == "cancelled" else body | payloads.actions(self._job.number)

    def _update(self, body: dict[str, Any]) -> None:
        self._run = _run(self._client.patch(f"/repos/{self._job.repository}/check-runs/{self._began().id}", body))

    def _began(self) -> Run:
        assert self._run is not None, "publish before start"
        return self._run

    def _admit(self, output: CheckOutput, note: str) -> None:
        """Say on the check run what is missing; it is left unsigned, so that a redelivery says everything anew."""
        body = {
            "external_id": payloads.external_id(self._job.number),
            "output": payloads.output(_with_note(output, note)),
        }
        try:
            self._update(body)
        except GitHubError as refused:
            _LOG.warning("%s#%s: no note: %s", self._job.repository, self._job.number, refused)

    def _stamp(self) -> str:
        return self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")


def _run(given: dict[str, Any]) -> Run:
    """A check run as REST tells it."""
    return Run(
        id=int(given["id"]),
        name=given["name"],
        status=given["status"],
        conclusion=given.get("conclusion") or "",
        external_id=given.get("external_id") or "",
        annotations=(given.get("output") or {}).get("annotations_count") or 0,
    )


def review(client: Client, job: Job, view: View, render: Renderer, judgement: Judgement) -> tuple[ReviewComment, ...]:
    """Bring the comments of a pull request up to date: those of them that GitHub has no line for.

    Those that stand are edited, settled or reopened, those that are missing come in one review. Raises GitHubError. The
    choice is made before looking at what stands, so that what is left out stays out the next time.
    """
    if job.number is None:
        return ()
    chosen = render.review_comments(judgement)[: judgement.most_comments]
    keys = frozenset(found.key for found in judgement.findings if found.verdict is not Verdict.EXISTING)
    is_whole = not judgement.unjudged and not judgement.findings_left_out
    found = plan(
        view.threads,
        Standing(chosen, keys, is_whole, lambda key, body: render.settled_comment(key, body, job.head_sha)),
    )
    if found.changes:
        change(client, found.changes)
    if not found.new:
        return ()
    return _write(client, job, render.check_output(judgement).title, found.new)


def _write(client: Client, job: Job, title: str, comments: Sequence[ReviewComment]) -> tuple[ReviewComment, ...]:
    """Write one review; where GitHub refuses it for some of its comments, one with the others."""
    pull = f"/repos/{job.repository}/pulls/{job.number}"
    try:
        client.post(f"{pull}/reviews", payloads.review(job.head_sha, title, comments))
    except GitHubError as refused:
        if refused.status != UNPROCESSABLE:
            raise
        shown = shown_lines(client, pull, {comment.path for comment in comments})
        kept = [comment for comment in comments if is_shown(comment, shown)]
        if len(kept) == len(comments):
            raise  # something else is wrong with it
        if kept:
            client.post(f"{pull}/reviews", payloads.review(job.head_sha, title, kept))
        return tuple(comment for comment in comments if comment not in kept)
    return ()


def left_out(comments: Sequence[ReviewComment]) -> str:
    """Which comments have no line on GitHub's page of the change."""
    places = ", ".join(f"{comment.path}:{comment.line}" for comment in comments)
    return f"GitHub shows no line to comment on for {places}: these findings stand below, and among the annotations."


def _with_note(output: CheckOutput, note: str) -> CheckOutput:
    """The output with a sentence before its summary, where it is seen and survives a cut."""
    return replace(output, summary=f"> [!NOTE]\n> {markdown.text(note)}\n\n{output.summary}")
