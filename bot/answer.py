"""A job answered on GitHub: look up what the delivery left open, begin the check run, judge, publish.

The one place that catches what the infrastructure raises: a required check must arrive, also where it cannot judge.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from bot import markdown
from bot.github.auth import App
from bot.github.cache import ObjectCache
from bot.github.client import Client, segment
from bot.jobs import CHECK_PREFIX, Job, Work, external_number
from bot.model import Judgement, Source, SourceError
from bot.publish_github import GitHubPublisher, Renderer
from bot.source_github import GitHubSource

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """Calling it with a job does the whole work; ``judge`` is the pipeline, ``render`` the module of that name."""

    app: App
    cache: ObjectCache | None
    judge: Callable[[Source], Judgement]
    render: Renderer

    def __call__(self, work: Work) -> str:
        """Do one piece of work: in a word, what came of it. Raises GitHubError when GitHub does not let us."""
        match work:
            case Job():
                return self._judge(work)
            case _:
                _LOG.info("delivery=%s repository=%s event=%s", work.delivery, work.repository, work.event)
                return "nothing to do"

    def _judge(self, job: Job) -> str:
        client, began = self.app.client(job.installation), time.monotonic()
        try:
            meant = pull_requests(client, job, self.app.app_id)
            outcomes = [self._answer(client, complete) for complete in meant]
            if not meant:
                outcomes = ["no open pull request of this base has this head"]
                self._log(client, job, outcomes[0], began)
        finally:
            client.close()
        return "; ".join(outcomes)

    def _answer(self, client: Client, job: Job) -> str:
        began = time.monotonic()
        publisher = GitHubPublisher(client, job, self.app.app_id, self.render)
        publisher.start()
        try:
            publisher.publish(self.judge(GitHubSource(client, job, self.cache)))
            outcome = "judged"
        except SourceError as missing:
            outcome = f"not judged: {missing}"
            advice = f"\n\nWhat to do: {markdown.code(missing.advice, 1_000)}" if missing.advice else ""
            publisher.fail("The change could not be read", markdown.code(missing, 2_000) + advice)
        except Exception:
            reference = uuid.uuid4().hex[:12]
            _LOG.exception("delivery %s: fault %s", job.delivery, reference)
            publisher.fail(
                "preadmit failed",
                f"A fault in the service kept this change from being judged; its log has it under `{reference}`. "
                "*Re-run* this check to try again.",
            )
            raise
        self._log(client, job, outcome, began)
        return outcome

    @staticmethod
    def _log(client: Client, job: Job, outcome: str, began: float) -> None:
        _LOG.info(
            "delivery=%s repository=%s pull=%s head=%s event=%s outcome=%r requests=%d seconds=%.3f",
            *(job.delivery, job.repository, job.number, job.head_sha, job.event, outcome),
            client.requests,
            time.monotonic() - began,
        )


def pull_requests(client: Client, job: Job, app_id: int) -> tuple[Job, ...]:
    """The job with its pull request; a re-request may not name it, or stand for several, or for none any more.

    GitHub leaves out pull requests of forks. Our own check runs on the commit tell which ones it was judged for.
    """
    if job.number is not None and job.base_ref and job.event.startswith("pull_request"):
        return (job,)
    numbers = [job.number] if job.number else _judged_before(client, job, app_id)
    pulls = [client.get(f"/repos/{job.repository}/pulls/{number}") for number in dict.fromkeys(numbers)]
    return tuple(_completed(job, pull) for pull in pulls if _is_meant(job, pull))


def _judged_before(client: Client, job: Job, app_id: int) -> list[int]:
    commit = f"/repos/{job.repository}/commits/{segment(job.head_sha)}"
    runs = client.pages(f"{commit}/check-runs", "check_runs", app_id=app_id)
    known = [external_number(str(run.get("external_id") or "")) for run in runs if run["name"].startswith(CHECK_PREFIX)]
    found = [number for number in known if number]
    return found or [int(pull["number"]) for pull in client.pages(f"{commit}/pulls")]


def _is_meant(job: Job, pull: dict[str, Any]) -> bool:
    """Only what is open, still has this head, and goes into the branch that the check run names."""
    return pull["state"] == "open" and pull["head"]["sha"] == job.head_sha and job.base_ref in ("", pull["base"]["ref"])


def _completed(job: Job, pull: dict[str, Any]) -> Job:
    return replace(
        job,
        number=int(pull["number"]),
        base_ref=str(pull["base"]["ref"]),
        base_sha=str(pull["base"]["sha"]),
        head_ref=str(pull["head"]["ref"]),
        head_repository=str((pull["head"].get("repo") or {}).get("full_name", "")),
        default_branch=str(pull["base"]["repo"]["default_branch"]),
    )
