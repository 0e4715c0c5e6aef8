"""A job from the delivery to the check run, with what deliveries leave open."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bot import pipeline
from bot.answer import MOST_LATE, MOST_STARTS, Answer, FaultError
from bot.github.auth import App
from bot.jobs import Closed, Job, Moved, Order, Pushed, Work
from bot.model import CheckOutput, Explanation, Judgement, ReviewComment, Source, SourceError
from bot.webhook import parse
from bot.worker import Attempt, Postponed, QueueError
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.state import CheckRun, Repository


class Plain:
    """A renderer with nothing to say."""

    def check_output(self, judgement: Judgement) -> CheckOutput:
        return CheckOutput("title", "summary", "")

    def review_comments(self, judgement: Judgement) -> tuple[ReviewComment, ...]:
        return ()

    def settled_comment(self, key: str, body: str, commit: str) -> str:
        return body

    def explanation(self, found: Explanation | str, marker: str, branch: str) -> str:
        return f"<!-- preadmit:{marker} -->\n{found}"


def green(source: Source) -> Judgement:
    found = source.fetch()
    return Judgement(found.repository, found.base_ref, found.base.sha, found.head.sha, 1, 1)


@pytest.fixture
def shop(fake: FakeGitHub) -> Repository:
    made = fake.repository("acme/shop")
    made.git.commit("main", {"a.yaml": "a: 1\n"})
    made.git.commit("change", {"a.yaml": "a: 2\n"}, onto="main")
    return made


@dataclass
class Direct:
    """A queue whose work is done at once; what is to be done later is only kept."""

    answer: Answer | None = None
    taken: list[Work] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def submit(self, work: Work, *, seconds: float = 0.0) -> bool:
        self.taken.append(work)
        self.seconds.append(seconds)
        if self.answer:
            self.answer(work)
        return True


def answer(app: App, judge: Callable[[Source], Judgement] = green) -> Answer:
    queue = Direct()
    queue.answer = Answer(app, None, judge, Plain(), queue, sleep=lambda seconds: None)
    return queue.answer


def job(fake: FakeGitHub, event: str, payload: dict[str, object]) -> Job:
    body = json.dumps(payload).encode()
    found = parse(deliveries.headers(event, body), body, [deliveries.SECRET], fake.app.id)
    assert isinstance(found, Job), found
    return found


def test_a_pull_request_is_answered(fake: FakeGitHub, app: App, shop: Repository) -> None:
    pull = fake.pull(shop, "change")
    answer(app)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull)))
    assert [(run.name, run.conclusion) for run in shop.check_runs] == [("preadmit: main", "success")]


@pytest.mark.parametrize("fork", [None, "mallory/shop"])
@pytest.mark.parametrize("event", ["check_run", "check_suite"])
def test_a_re_request_finds_its_pull_request(
    fake: FakeGitHub, app: App, shop: Repository, fork: str | None, event: str
) -> None:
    pull = fake.pull(shop, "change", fork=fork)
    answer(app)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull)))
    if event == "check_run":
        payload = deliveries.check_run(fake, shop, shop.check_runs[0])
    else:
        payload = deliveries.check_suite(fake, shop, pull.head_sha)
    answer(app)(job(fake, event, payload))
    (run,) = shop.check_runs
    assert [body.get("status") for body in run.history] == ["in_progress", "completed", "in_progress", "completed"]


@pytest.mark.parametrize("what", ["closed", "moved", "retargeted"])
def test_a_re_request_of_what_is_past_does_nothing(fake: FakeGitHub, app: App, shop: Repository, what: str) -> None:
    pull = fake.pull(shop, "change")
    answer(app)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull)))
    again = job(fake, "check_run", deliveries.check_run(fake, shop, shop.check_runs[0]))
    if what == "closed":
        pull.state = "closed"
    elif what == "moved":
        fake.push(shop, pull, {"b.yaml": "b"})
    else:
        shop.git.commit("other", {"c": "d"}, onto="main")
        pull.base_ref = "other"
    answer(app)(again)
    assert len(shop.check_runs[0].history) == 2
    assert len(shop.check_runs) == (1 if what == "closed" else 2)  # what is there now is judged instead


def test_a_change_that_cannot_be_read_fails_with_advice(fake: FakeGitHub, app: App, shop: Repository) -> None:
    def judge(source: Source) -> Judgement:
        raise SourceError("`evil`\n# the tree is gone", "push again")

    pull = fake.pull(shop, "change")
    answer(app, judge)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull)))
    (run,) = shop.check_runs
    assert run.conclusion == "failure"
    assert run.summary == "`` `evil` # the tree is gone ``\n\nWhat to do: `push again`"


def test_a_fault_of_ours_is_told_by_a_reference_number(
    fake: FakeGitHub, app: App, shop: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    def judge(source: Source) -> Judgement:
        raise ZeroDivisionError("inner details")

    pull = fake.pull(shop, "change")
    with pytest.raises(FaultError), caplog.at_level(logging.ERROR):
        answer(app, judge)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull)))
    (run,) = shop.check_runs
    assert run.conclusion == "failure"
    assert "inner details" not in str(run.summary)
    reference = str(run.summary).split("`")[1]
    assert reference in caplog.text


def test_a_database_that_is_away_is_no_fault_of_the_change(fake: FakeGitHub, app: App, shop: Repository) -> None:
    def is_superseded() -> bool:
        raise QueueError("the database does not answer")

    first = job(fake, "pull_request", deliveries.pull_request(fake, shop, fake.pull(shop, "change")))
    with pytest.raises(QueueError):
        answer(app)(first, Attempt(is_superseded=is_superseded))
    assert [run.status for run in shop.check_runs] == ["in_progress"]


def pushed(fake: FakeGitHub, shop: Repository) -> tuple[Job, Job]:
    """Work for a head and for the one that followed, which GitHub shows."""
    pull = fake.pull(shop, "change")
    older = job(fake, "pull_request", deliveries.pull_request(fake, shop, pull))
    fake.push(shop, pull, {"b.yaml": "b: 1\n"})
    payload = deliveries.pull_request(fake, shop, pull, "synchronize", before=older.head_sha)
    return older, job(fake, "pull_request", payload)


def test_a_newer_head_is_judged_instead_of_a_late_delivery(fake: FakeGitHub, app: App, shop: Repository) -> None:
    older, newer = pushed(fake, shop)
    assert answer(app)(older) == "not needed: A newer commit was pushed, or the base was changed."
    assert [(run.head_sha, run.conclusion) for run in shop.check_runs] == [(newer.head_sha, "success")]


def test_what_was_begun_for_an_older_head_is_cancelled(fake: FakeGitHub, app: App, shop: Repository) -> None:
    older, _ = pushed(fake, shop)
    begun = CheckRun(1, older.check_name, older.head_sha, fake.app, "in_progress")
    shop.check_runs.append(begun)
    assert answer(app)(older, Attempt(starts=2)).startswith("cancelled")
    assert (begun.status, begun.conclusion) == ("completed", "cancelled")


def test_newer_work_that_waits_ends_the_older(fake: FakeGitHub, app: App, shop: Repository) -> None:
    pull = fake.pull(shop, "change")
    first = job(fake, "pull_request", deliveries.pull_request(fake, shop, pull))
    assert answer(app)(first, Attempt(is_superseded=lambda: True)) == "cancelled: A newer commit was pushed."
    assert [run.conclusion for run in shop.check_runs] == ["cancelled"]
    answer(app)(first)
    assert [run.conclusion for run in shop.check_runs] == ["success"]


def test_a_push_that_github_does_not_show_yet_is_waited_for(fake: FakeGitHub, app: App, shop: Repository) -> None:
    older, newer = pushed(fake, shop)
    (pull,) = shop.pulls.values()
    pull.head_sha = older.head_sha
    with pytest.raises(Postponed, match="does not show"):
        answer(app)(newer)
    assert (
        answer(app)(newer, Attempt(turns=MOST_LATE))
        == "not needed: A newer commit was pushed, or the base was changed."
    )
    assert [run.head_sha for run in shop.check_runs] == [older.head_sha]


def test_a_closed_pull_request_leaves_nothing_in_progress(fake: FakeGitHub, app: App, shop: Repository) -> None:
    pull = fake.pull(shop, "change")
    shop.check_runs.append(CheckRun(1, "preadmit: main", pull.head_sha, fake.app, "in_progress"))
    pull.state = "closed"
    answer(app)(Closed("d", deliveries.INSTALLATION, "acme/shop", pull.number, pull.head_sha, "main"))
    assert [run.conclusion for run in shop.check_runs] == ["cancelled"]


def test_what_kills_its_process_is_given_up(fake: FakeGitHub, app: App, shop: Repository) -> None:
    pull = fake.pull(shop, "change")
    work = job(fake, "pull_request", deliveries.pull_request(fake, shop, pull))
    assert answer(app)(work, Attempt(starts=MOST_STARTS + 1)) == "given up"
    assert [(run.conclusion, run.title) for run in shop.check_runs] == [("failure", "preadmit failed")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/graphql", 502),
        ("POST", "/graphql", 404),
        ("POST", "/check-runs", 422),
        ("GET", "/git/trees/", 404),
        ("GET", "/git/trees/", 503),
        ("PATCH", "/check-runs/", 500),
        ("POST", "/access_tokens", 500),
    ],
)
def test_a_fault_of_github_is_tried_again_later(
    fake: FakeGitHub, app: App, shop: Repository, method: str, path: str, status: int
) -> None:
    pull = fake.pull(shop, "change")
    work = job(fake, "pull_request", deliveries.pull_request(fake, shop, pull))
    fake.fail(method, path, status, times=99)
    with pytest.raises(Postponed):
        answer(app)(work)
    fake.faults.clear()
    answer(app)(work)
    assert [run.conclusion for run in shop.check_runs] == ["success"]


def test_a_limit_says_when(fake: FakeGitHub, app: App, shop: Repository) -> None:
    pull = fake.pull(shop, "change")
    work = job(fake, "pull_request", deliveries.pull_request(fake, shop, pull))
    fake.fail("POST", "/graphql", 429, retry_after="600")
    with pytest.raises(Postponed) as raised:
        answer(app)(work)
    assert raised.value.seconds == 600


def test_a_measure_of_writes_that_is_full_is_waited_for_patiently(fake: FakeGitHub, shop: Repository) -> None:
    class Full:
        def take(self, *, is_check: bool, count: int = 1) -> float:
            return 600.0

    paced = App(fake.app.id, fake.private_key, fake.url, paces=lambda installation: Full())
    work = job(fake, "pull_request", deliveries.pull_request(fake, shop, fake.pull(shop, "change")))
    with pytest.raises(Postponed) as raised:
        answer(paced)(work)
    assert (raised.value.seconds, raised.value.patient, shop.check_runs) == (600.0, True, [])


def test_what_stays_away_is_told(fake: FakeGitHub, app: App, shop: Repository) -> None:
    pull = fake.pull(shop, "change")
    work = job(fake, "pull_request", deliveries.pull_request(fake, shop, pull))
    fake.fail("GET", "/git/trees/", 404)
    assert answer(app)(work, Attempt(turns=MOST_LATE)).startswith("not judged")
    assert [run.conclusion for run in shop.check_runs] == ["failure"]


POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: p}
spec:
  rules:
    - name: r
      match: {any: [{resources: {kinds: [Pod], namespaceSelector: {matchLabels: {zone: red}}}}]}
      context: [{name: m, configMap: {name: known, namespace: shop}}]
      validate: {message: "{{ m.data.why }}", deny: {}}
"""
ANY_MAP = POLICY.replace("name: known", 'name: "{{ request.namespace }}"')
CALLS = POLICY.replace("configMap: {name: known, namespace: shop}", 'apiCall: {urlPath: "/apis/apps/v1/deployments"}')
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, namespace: shop}\ndata: {why: no}\n"
SPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {zone: red}}\n"
WEB = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
HELD = {
    "p.yaml": POLICY,
    "known.yaml": MAP.replace("NAME", "known"),
    "other.yaml": MAP.replace("NAME", "other"),
    "space.yaml": SPACE,
    "web.yaml": WEB,
    "values.yaml": "apiVersion: cli.kyverno.io/v1alpha1\nkind: Values\nmetadata: {name: v}\n",
    ".github/preadmit.yml": "values: values.yaml\n",
}


@pytest.mark.parametrize(
    ("policy", "path", "change", "judged"),
    [
        (POLICY, "p.yaml", ("name: r", "name: s"), 2),
        (POLICY, ".github/preadmit.yml", ("values", "enforce: report\nvalues"), 2),
        (POLICY, "values.yaml", ("name: v", "name: w"), 2),
        (POLICY, "known.yaml", ("why: no", "why: never"), 2),
        (POLICY, "known.yaml", ("apiVersion", "# as before\napiVersion"), 0),
        (POLICY, "other.yaml", ("why: no", "why: never"), 0),
        (ANY_MAP, "other.yaml", ("why: no", "why: never"), 2),
        (POLICY, "space.yaml", ("zone: red", "zone: green"), 2),
        (POLICY, "web.yaml", ("name: web", "name: shop"), 0),
        (CALLS, "web.yaml", ("name: web", "name: shop"), 2),
        (CALLS, "known.yaml", ("why: no", "why: never"), 0),
        (POLICY, "README.md", ("", "kyverno.io/"), 0),
    ],
)
def test_a_push_that_may_change_answers_judges_anew(
    fake: FakeGitHub, app: App, shop: Repository, policy: str, path: str, change: tuple[str, str], judged: int
) -> None:
    shop.git.commit("main", {**HELD, "p.yaml": policy})
    pulls = [fake.pull(shop, "change") for _ in range(2)]
    shop.git.commit("other", {"b": "c"}, onto="main")
    fake.pull(shop, "change", base="other")
    before = shop.git.sha("main") or ""
    after = shop.git.commit("main", {path: ({**HELD, "p.yaml": policy}).get(path, "").replace(*change, 1)})
    queue = Direct()
    push = Pushed("d~1", deliveries.INSTALLATION, "acme/shop", "main", before, after, "main")
    Answer(app, None, pipeline.judge, Plain(), queue)(push)
    assert [work.delivery for work in queue.taken] == [f"d.{pull.number}" for pull in pulls][:judged]
    assert queue.seconds == [0.0, 2.0][:judged]


def test_a_push_of_which_nothing_is_left_judges_anew(fake: FakeGitHub, app: App, shop: Repository) -> None:
    pull = fake.pull(shop, "change")
    queue = Direct()
    push = Pushed("d", deliveries.INSTALLATION, "acme/shop", "main", "0" * 40, shop.git.sha("main") or "", "main")
    Answer(app, None, pipeline.judge, Plain(), queue)(push)
    assert [work.delivery for work in queue.taken] == [f"d.{pull.number}"]


def test_a_repository_that_came_is_compared(fake: FakeGitHub, app: App, shop: Repository) -> None:
    fake.pull(shop, "change")
    answer(app)(Moved("d", deliveries.INSTALLATION, ("acme/shop", "acme/gone"), (), "installation.created"))
    assert [run.conclusion for run in shop.check_runs] == ["success"]


def test_an_installation_that_works_again_is_compared_whole(fake: FakeGitHub, app: App, shop: Repository) -> None:
    fake.pull(shop, "change")
    answer(app)(Moved("d", deliveries.INSTALLATION, ("*",), (), "installation.unsuspend"))
    assert [run.conclusion for run in shop.check_runs] == ["success"]


@pytest.mark.parametrize("is_done", [True, False])
def test_a_reply_of_which_no_answer_came_is_written_once(
    fake: FakeGitHub, app: App, shop: Repository, is_done: bool
) -> None:
    pull = fake.pull(shop, "change")
    shop.permissions["octo"] = "write"
    order = Order("d", deliveries.INSTALLATION, "acme/shop", pull.number, "octo", "explain", "team", comment=7)
    fake.fail("POST", "/issues/", 502, after=is_done)
    with pytest.raises(Postponed):
        answer(app)(order)
    assert answer(app)(order) == ("explained before" if is_done else "explained")
    assert len(shop.issue_comments) == 1


def test_policies_that_cannot_be_read_are_told(fake: FakeGitHub, app: App, shop: Repository) -> None:
    def judge(source: Source) -> Judgement:
        raise SourceError("the tree is gone")

    pull = fake.pull(shop, "change")
    shop.permissions["octo"] = "admin"
    order = Order("d", deliveries.INSTALLATION, "acme/shop", pull.number, "octo", "explain", "team", comment=7)
    answer(app, judge)(order)
    assert [one["body"] for one in shop.issue_comments] == ["<!-- preadmit:comment-7 -->\nthe tree is gone"]


def test_the_verdict_is_what_the_work_leaves(fake: FakeGitHub, app: App, shop: Repository) -> None:
    pull = fake.pull(shop, "change")
    word, _, verdict = answer(app)(job(fake, "pull_request", deliveries.pull_request(fake, shop, pull))).partition(": ")
    assert (word, json.loads(verdict)) == (
        "judged",
        {
            "conclusion": "success",
            "judged_head": pull.head_sha,
            "judged_base": shop.git.sha("main"),
            "policies": "sha256:",
            "rows": 0,
        },
    )
