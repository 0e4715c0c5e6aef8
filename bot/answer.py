"""A job answered on GitHub: look up what the delivery left open, begin the check run, judge, publish.

The one place that catches what the infrastructure raises: a required check must arrive, also where it cannot judge.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from bot import markdown
from bot.github.auth import App
from bot.github.cache import ObjectCache
from bot.github.client import Client, GitHubError, PacedError, segment
from bot.github.objects import Objects
from bot.github.open_pulls import open_pulls
from bot.github.pull_request import View
from bot.jobs import CHECK_PREFIX, EVERYWHERE, MERGE_GROUP, Closed, Job, Moved, Order, Pushed, Work, external_number
from bot.limits import DEFAULTS, Limits
from bot.model import Judgement, Source, SourceError
from bot.observe import Stages, observer
from bot.orders import Orders
from bot.publish_github import UNPROCESSABLE, GitHubPublisher, Renderer, question
from bot.pushed import changes_answers
from bot.reconcile import compare
from bot.source_github import GitHubSource, GitHubTree
from bot.worker import Attempt, Postponed, Queue, QueueError

ONCE: Final = Attempt()
MOST_STARTS: Final = 8
"""Attempts that ended with the death of the process; after them the work is taken for what kills it."""

SETTLE_SECONDS: Final = 2.0
"""Until what a killed process has sent is seen at GitHub."""

PAUSE_SECONDS: Final = 15.0
"""Until GitHub is asked again after a fault of its own."""

LATE: Final = (404, 409, 410, 422)
"""What GitHub answers about a commit that it does not show everywhere yet, as about one that is gone."""

GONE: Final = (404, 410)
"""What it answers in the end about a repository or an installation that was taken away: there is nobody to be told."""

LATE_SECONDS: Final = 3.0
SPREAD_SECONDS: Final = 2.0
"""Between two pull requests that a push to their base has judged anew."""

MOST_LATE: Final = 2
_FAULT: Final = (
    "A fault in the service kept this change from being judged; its log has it under `{reference}`. "
    "*Re-run* this check to try again."
)
_LOG: Final = logging.getLogger(__name__)


class FaultError(Exception):
    """A fault that the check run tells under this number: doing the same again would not mend it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Calling it with work does it whole; ``judge`` is the pipeline, ``render`` the module of that name.

    Work may be done twice, or by halves and then again: what GitHub shows tells what is still to be done. ``queue``
    takes what work leaves to others. Of ``limits``, those of requests and of a tree's files are kept here.
    """

    app: App
    cache: ObjectCache | None
    judge: Callable[[Source], Judgement]
    render: Renderer
    queue: Queue
    sleep: Callable[[float], None] = time.sleep
    limits: Limits = DEFAULTS

    def __call__(self, work: Work, attempt: Attempt = ONCE) -> str:
        """Do one piece of work: what came of it, a verdict as JSON.

        Raises Postponed, and GitHubError where GitHub refuses.
        """
        began, client, stages = time.monotonic(), self.app.client(work.installation), Stages()
        if attempt.starts > 1:
            self.sleep(SETTLE_SECONDS)
        outcome = "failed"
        try:
            with observer().span("job", **_named(work)):
                outcome = self._do(client, work, attempt, stages)
        except GitHubError as refused:
            if refused.status in GONE and attempt.turns >= MOST_LATE:
                outcome = f"gone: {refused}"
            else:
                later = _postponed(refused, attempt)
                outcome = "postponed" if isinstance(later, Postponed) else outcome
                raise later from None
        except Postponed:
            outcome = "postponed"
            raise
        finally:
            client.close()
            observer().job(outcome.partition(":")[0], stages.seconds)
        word, _, verdict = outcome.partition(": {")
        told: dict[str, object] = {**_named(work), "outcome": word, "requests": client.requests}
        told |= json.loads(f"{{{verdict}") if verdict else {}
        told |= {f"{stage}_seconds": round(seconds, 3) for stage, seconds in stages.seconds.items()}
        told["seconds"] = round(time.monotonic() - began, 3)
        _LOG.info(" ".join(f"{key}={_shown(value)}" for key, value in told.items()), extra=told)
        return outcome

    def _do(self, client: Client, work: Work, attempt: Attempt, stages: Stages) -> str:
        match work:
            case Job(event=event, number=None) if event != MERGE_GROUP:
                return self._look_up(client, work)
            case Job():
                return self._answer(client, work, attempt, stages)
            case Closed():
                job = Job(work.delivery, work.installation, work.repository, work.head_sha, work.number, work.base_ref)
                return self._cancel(client, job, "The pull request was closed.")
            case Pushed():
                return self._pushed(client, work)
            case Moved():
                came = None if EVERYWHERE in work.came else work.came
                return f"undone: {compare(self.app, self.queue, work.installation, came)}"
            case Order():
                most = self.limits.tree_files
                return Orders(client, self.app.app_id, self.cache, self.judge, self.render, self.queue, most)(work)

    def _pushed(self, client: Client, work: Pushed) -> str:
        """Judge the open pull requests into a branch anew, one after another, where the push may change the answer."""
        pulls = list(open_pulls(client, [work.repository], self.app.app_id, work.branch))
        if not pulls:
            return "no pull request goes into this branch"
        objects = Objects(client, work.repository, self.cache, self.limits.tree_files)
        before, after = (GitHubTree(objects, work.branch, sha) for sha in (work.before, work.after))
        try:
            if not changes_answers(self.judge, work.repository, before, after):
                return "what judges is the same"
        except SourceError as unseen:  # a forced push may have left nothing to compare with
            _LOG.info("delivery=%s the change of policies is not known: %s", work.delivery, unseen)
        for number, one in enumerate(pulls):
            job = Job(
                f"{work.delivery.partition('~')[0]}.{one.number}", work.installation, work.repository, one.head_sha
            )
            job = replace(job, number=one.number, base_ref=work.branch, event="push")
            self.queue.submit(job, seconds=SPREAD_SECONDS * number)
        return f"judged anew: {len(pulls)}"

    def _look_up(self, client: Client, job: Job) -> str:
        """Give each pull request that a re-request stands for to the queue, where it has a turn of its own."""
        found = pull_requests(client, job, self.app.app_id)
        for one in found:
            self.queue.submit(replace(one, delivery=f"{job.delivery}.{one.number}"))
        numbers = ", ".join(f"#{one.number}" for one in found)
        return f"stands for {numbers}" if found else "no open pull request of this base has this head"

    def _answer(self, client: Client, job: Job, attempt: Attempt, stages: Stages) -> str:
        pull = question(client, job, self.app.app_id)
        if job.event != MERGE_GROUP:
            present = _present(job, pull.view)
            if not pull.view.is_open:
                return self._cancel(client, job, "The pull request was closed.")
            if (present.head_sha, present.base_ref) != (job.head_sha, job.base_ref or present.base_ref):
                return self._overtaken(client, job, present, attempt)
            job = present
        publisher = GitHubPublisher(client, job, self.app.app_id, self.render, pull=pull)
        if attempt.starts > MOST_STARTS:
            return self._give_up(publisher, job)
        with stages.stage("begin"):
            publisher.start()
        try:
            with stages.stage("judge"), client.bounded(self.limits.requests):
                judgement = self.judge(GitHubSource(client, job, self.cache, pull, self.limits.tree_files))
            if attempt.is_superseded():
                return self._cancel(client, job, "A newer commit was pushed.")
            with stages.stage("publish"):
                publisher.publish(judgement)
        except SourceError as missing:
            if missing.passing and attempt.turns < MOST_LATE:
                raise Postponed(str(missing), LATE_SECONDS) from None
            advice = f"\n\nWhat to do: {markdown.code(missing.advice, 1_000)}" if missing.advice else ""
            publisher.fail("The change could not be read", markdown.code(missing, 2_000) + advice)
            return f"not judged: {missing}"
        except Exception as fault:
            if isinstance(fault, QueueError) or _is_passing(fault, attempt):
                raise
            reference = uuid.uuid4().hex[:12]
            _LOG.exception("delivery %s: fault %s", job.delivery, reference)
            publisher.fail("preadmit failed", _FAULT.format(reference=reference))
            raise FaultError(reference) from fault
        return f"judged: {_stored(judgement)}"

    def _overtaken(self, client: Client, job: Job, present: Job, attempt: Attempt) -> str:
        """Where the head is another one: GitHub does not show the pushed one yet, or a newer one has come."""
        if job.before and job.before == present.head_sha and attempt.turns < MOST_LATE:
            raise Postponed("GitHub does not show the pushed commit yet", LATE_SECONDS)
        name = f"{present.number}-{present.head_sha[:16]}-{_digest(present.repository, present.base_ref)}"
        self.queue.submit(replace(present, delivery=name, event="head", afresh=False, before=""))
        return self._cancel(client, job, "A newer commit was pushed, or the base was changed.")

    def _cancel(self, client: Client, job: Job, why: str) -> str:
        """Complete the check run of a head that nobody asks for any more, where it was left in progress."""
        try:
            cancelled = GitHubPublisher(client, job, self.app.app_id, self.render).cancel(why)
        except GitHubError as refused:
            if refused.status not in LATE:
                raise
            cancelled = False  # the commit is gone, or was never there
        return f"{'cancelled' if cancelled else 'not needed'}: {why}"

    def _give_up(self, publisher: GitHubPublisher, job: Job) -> str:
        reference = uuid.uuid4().hex[:12]
        _LOG.error("delivery %s: fault %s: its process was killed %d times", job.delivery, reference, MOST_STARTS)
        publisher.start()
        publisher.fail("preadmit failed", _FAULT.format(reference=reference))
        return "given up"


def _named(work: Work) -> dict[str, str | int]:
    """What tells a piece of work from others, for those who run the service."""
    named: dict[str, str | int] = {"delivery": work.delivery, "repository": work.repository}
    match work:
        case Job(head_sha=head, number=number) if number:
            named |= {"pull": number, "head": head}
        case Order(number=number, word=word, sender=sender):
            named |= {"pull": number, "order": word, "sender": sender}
        case _:
            named["topic"] = str(work.topic)
    return named | {"event": work.event}


def _shown(value: object) -> str:
    """A value as part of a line: in quotes where it has words, so that no text can begin a field of its own."""
    shown = str(value)
    return shown if re.fullmatch(r"[\w./:#@+~-]*", shown) else repr(shown)


def _postponed(refused: GitHubError, attempt: Attempt) -> Exception:
    """When to try again after a refusal, or the refusal where that does not help."""
    if refused.passing:
        patient = isinstance(refused, PacedError)
        return Postponed(str(refused), refused.retry_after or PAUSE_SECONDS, patient=patient)
    return Postponed(str(refused), LATE_SECONDS) if _is_late(refused, attempt) else refused


def _is_passing(fault: Exception, attempt: Attempt) -> bool:
    """Whether GitHub may do some time later what it refuses now."""
    if not isinstance(fault, GitHubError):
        return False
    return fault.passing or (fault.status != UNPROCESSABLE and _is_late(fault, attempt))


def _is_late(refused: GitHubError, attempt: Attempt) -> bool:
    """Whether what was refused may not be shown everywhere yet."""
    return refused.status in LATE and attempt.turns < MOST_LATE


def _present(job: Job, view: View) -> Job:
    """The job as its pull request stands now."""
    return replace(
        job,
        head_sha=view.head_sha,
        base_ref=view.base_ref,
        base_sha=view.base_tip or job.base_sha,
        head_ref=view.head_ref,
        head_repository=view.head_repository,
    )


def _stored(judgement: Judgement) -> str:
    """What was judged by what and how it ended: kept in the database as the outcome of the work, and logged."""
    known = {"conclusion": judgement.conclusion, "judged_head": judgement.head_sha, "judged_base": judgement.base_sha}
    return json.dumps({**known, "policies": f"sha256:{judgement.digest}", "rows": len(judgement.rows)})


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def pull_requests(client: Client, job: Job, app_id: int) -> tuple[Job, ...]:
    """The job with its pull request; a re-request may not name it, or stand for several, or for none any more.

    GitHub leaves out pull requests of forks. Our own check runs on the commit tell which ones it was judged for.
    """
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
        head_sha=str(pull["head"]["sha"]),
        base_ref=str(pull["base"]["ref"]),
        base_sha=str(pull["base"]["sha"]),
        head_ref=str(pull["head"]["ref"]),
        head_repository=str((pull["head"].get("repo") or {}).get("full_name", "")),
        default_branch=str(pull["base"]["repo"]["default_branch"]),
    )
