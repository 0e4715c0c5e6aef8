"""One check run and one review, however often and in whatever state the work is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot import markdown
from bot.github.client import Client, GitHubError
from bot.jobs import Job
from bot.model import Annotation, CheckOutput, Judgement, ReviewComment
from bot.publish_github import GitHubPublisher
from tests.bot.judgements import finding
from tests.fake_github import FakeGitHub
from tests.fake_github.state import CheckRun, Identity, Pull, Repository

LINES = "".join(f"line {n}\n" for n in range(1, 61))


@dataclass
class Written:
    """A renderer whose texts are set by the test."""

    output: CheckOutput = field(default_factory=lambda: CheckOutput("1 blocked", "summary", "text"))
    comments: Sequence[ReviewComment] = ()

    def check_output(self, judgement: Judgement) -> CheckOutput:
        return self.output

    def review_comments(self, judgement: Judgement) -> Sequence[ReviewComment]:
        return self.comments

    def settled_comment(self, key: str, body: str, commit: str) -> str:
        return f"<!-- preadmit:{key} settled -->\nsettled in {commit}"


@pytest.fixture
def shop(fake: FakeGitHub) -> Repository:
    made = fake.repository("acme/shop")
    made.git.commit("main", {"old.yaml": LINES})
    made.git.commit("change", {"new.yaml": LINES}, onto="main")
    return made


@pytest.fixture
def pull(fake: FakeGitHub, shop: Repository) -> Pull:
    return fake.pull(shop, "change")


def job(shop: Repository, pull: Pull, *, afresh: bool = False) -> Job:
    return Job("d", 99, shop.full_name, pull.head_sha, pull.number, pull.base_ref, afresh=afresh)


def judgement(pull: Pull, *, green: bool = False) -> Judgement:
    findings = () if green else (finding(),)
    return Judgement("acme/shop", "main", "b", pull.head_sha, 3, 17, number=pull.number, findings=findings)


def comment(number: int, path: str = "new.yaml") -> ReviewComment:
    return ReviewComment(f"key{number}", path, number, f"<!-- preadmit:key{number} -->\nfinding {number}")


def annotations(count: int) -> tuple[Annotation, ...]:
    return tuple(Annotation("new.yaml", n, n, "failure", f"title {n}", f"message {n}") for n in range(1, count + 1))


def run(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull, written: Written, **options: bool
) -> GitHubPublisher:
    afresh, green = options.get("afresh", False), options.get("green", False)
    publisher = GitHubPublisher(client, job(shop, pull, afresh=afresh), fake.app.id, written)
    publisher.start()
    publisher.publish(judgement(pull, green=green))
    return publisher


def test_the_first_run(fake: FakeGitHub, client: Client, shop: Repository, pull: Pull) -> None:
    written = Written(CheckOutput("1 blocked", "summary", "text", annotations(2)), [comment(3), comment(5)])
    run(fake, client, shop, pull, written)
    (made,) = shop.check_runs
    assert (made.name, made.status, made.conclusion) == ("preadmit: main", "completed", "failure")
    assert (made.title, made.summary, made.text, len(made.annotations)) == ("1 blocked", "summary", "text", 2)
    assert made.history[0]["status"] == "in_progress"
    assert [(one.path, one.line) for one in shop.comments] == [("new.yaml", 3), ("new.yaml", 5)]
    assert len(shop.reviews) == 1
    written_in_order = [one.method for one in fake.seen(path="repos") if one.method != "GET"]
    assert written_in_order == ["POST", "PATCH", "POST"]


def test_a_redelivery_writes_nothing(fake: FakeGitHub, client: Client, shop: Repository, pull: Pull) -> None:
    written = Written(CheckOutput("1 blocked", "summary", "text", annotations(2)), [comment(3)])
    run(fake, client, shop, pull, written)
    fake.requests.clear()
    run(fake, client, shop, pull, written)
    assert [(one.method, one.path) for one in fake.requests] == [("POST", "/graphql")]
    assert fake.requests[0].body["query"].startswith("query(")


def test_a_rerun_completes_the_same_run_without_repeating_annotations(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    written = Written(CheckOutput("1 blocked", "summary", "text", annotations(2)), [comment(3)])
    run(fake, client, shop, pull, written)
    run(fake, client, shop, pull, written, afresh=True)
    (made,) = shop.check_runs
    assert [body.get("status") for body in made.history] == ["in_progress", "completed", "in_progress", "completed"]
    assert len(made.annotations) == 2
    assert len(shop.comments) == 1


def test_a_fixing_commit_turns_it_to_success(fake: FakeGitHub, client: Client, shop: Repository, pull: Pull) -> None:
    run(fake, client, shop, pull, Written(comments=[comment(3)]))
    fake.push(shop, pull, {"new.yaml": LINES + "fixed\n"})
    run(fake, client, shop, pull, Written(CheckOutput("17 passing", "all well", "")), green=True)
    assert [(made.head_sha == pull.head_sha, made.conclusion) for made in shop.check_runs] == [
        (False, "failure"),
        (True, "success"),
    ]
    (settled,) = shop.comments
    assert settled.body == f"<!-- preadmit:key3 settled -->\nsettled in {pull.head_sha}"


def test_another_base_has_its_own_run(fake: FakeGitHub, client: Client, shop: Repository, pull: Pull) -> None:
    run(fake, client, shop, pull, Written(), green=True)
    shop.git.commit("weak", {"x": "y"}, onto="main")
    run(fake, client, shop, replace(pull, base_ref="weak"), Written())
    assert [(made.name, made.conclusion) for made in shop.check_runs] == [
        ("preadmit: main", "success"),
        ("preadmit: weak", "failure"),
    ]


def test_another_apps_run_of_the_same_name_is_not_ours(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    shop.check_runs.append(
        CheckRun(1, "preadmit: main", pull.head_sha, Identity(666, "forger"), "completed", "success")
    )
    run(fake, client, shop, pull, Written())
    assert [made.conclusion for made in shop.check_runs] == ["success", "failure"]


def test_120_annotations_are_three_requests_concluded_by_the_first(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    run(fake, client, shop, pull, Written(CheckOutput("t", "s", "x", annotations(120))))
    (made,) = shop.check_runs
    assert len({one["message"] for one in made.annotations}) == len(made.annotations) == 120
    patches = made.history[1:]
    assert [len(body["output"]["annotations"]) for body in patches] == [50, 50, 20]
    assert [body.get("conclusion") for body in patches] == ["failure", None, None]


def test_an_interrupted_run_gets_the_annotations_that_are_missing(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    written = Written(CheckOutput("t", "s", "x", annotations(120)))
    original, calls = client.patch, []

    def patch(path: str, body: dict[str, object]) -> object:
        calls.append(body)
        if len(calls) == 2:
            raise GitHubError("the process died here")
        return original(path, body)

    client.patch = patch  # type: ignore[method-assign, assignment]  # the death of a process, at one exact request
    with pytest.raises(GitHubError, match="died"):
        run(fake, client, shop, pull, written)
    run(fake, client, shop, pull, written)
    (made,) = shop.check_runs
    assert len(made.annotations) == 120
    assert made.conclusion == "failure"


def test_annotations_of_an_earlier_judgement_are_admitted(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    run(fake, client, shop, pull, Written(CheckOutput("t", "s", "x", annotations(3))))
    run(fake, client, shop, pull, Written(CheckOutput("t2", "s2", "x", annotations(1))))
    (made,) = shop.check_runs
    assert len(made.annotations) == 3
    assert made.title == "t2"
    assert "2 annotations are of an earlier judgement" in str(made.summary)


def test_texts_that_are_too_long_are_cut_at_a_line(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    long = "ä line of text\n" * 10_000
    note = Annotation("new.yaml", 0, 0, "warning", "t" * 300, long)
    body = ReviewComment("k", "new.yaml", 1, "<!-- preadmit:k -->" + long)
    run(fake, client, shop, pull, Written(CheckOutput("t" * 999, long, long, (note,)), [body]))
    (made,) = shop.check_runs
    for text in (made.summary, made.text, shop.comments[0].body):
        assert text
        assert 60_000 < len(text) <= 65_536
        assert text.endswith("ä line of text\n\n… cut: GitHub takes no longer text.")


def test_25_findings_are_20_comments_also_on_the_second_run(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    written = Written(comments=[comment(n) for n in range(1, 26)])
    run(fake, client, shop, pull, written)
    run(fake, client, shop, pull, written, afresh=True)
    assert [one.line for one in shop.comments] == list(range(1, 21))


def test_only_what_no_comment_of_ours_says_is_written(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    run(fake, client, shop, pull, Written(comments=[comment(1)]))
    shop.comments.append(replace(shop.comments[0], id=1, author="mallory", body="<!-- preadmit:key2 -->"))
    run(fake, client, shop, pull, Written(comments=[comment(1), comment(2)]))
    ours = [one.body.split("\n")[1] for one in shop.comments if one.author == "preadmit[bot]"]
    assert ours == ["finding 1", "finding 2"]


def test_a_comment_outside_the_diff_costs_no_other(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    outside = [comment(30, "old.yaml"), replace(comment(9), path="gone.yaml")]
    run(fake, client, shop, pull, Written(comments=[comment(1), *outside, comment(5)]))
    (made,) = shop.check_runs
    assert made.conclusion == "failure"
    assert [(one.path, one.line) for one in shop.comments] == [("new.yaml", 1), ("new.yaml", 5)]
    assert len(shop.reviews) == 1
    assert markdown.text("no line to comment on for old.yaml:30, gone.yaml:9:") in str(made.summary)
    assert str(made.summary).endswith("summary")
    assert len(fake.seen("POST", "/reviews")) == 2
    assert len(fake.seen("GET", "/files")) == 1


def test_comments_of_which_none_has_a_line_make_no_review(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    shop.unshown = {"new.yaml"}
    run(fake, client, shop, pull, Written(comments=[comment(1), comment(2)]))
    assert (shop.reviews, len(fake.seen("POST", "/reviews"))) == ([], 1)
    assert "no line to comment on" in str(shop.check_runs[0].summary)


def test_lines_are_looked_for_on_all_pages(fake: FakeGitHub, client: Client, shop: Repository) -> None:
    shop.git.commit("many", {f"a/{n}.yaml": "a: 1\n" for n in range(230)} | {"z.yaml": LINES}, onto="main")
    pull = fake.pull(shop, "many")
    run(fake, client, shop, pull, Written(comments=[comment(1, "z.yaml"), comment(3, "old.yaml")]))
    assert [(one.path, one.line) for one in shop.comments] == [("z.yaml", 1)]
    assert len(fake.seen("GET", "/files")) == 3


def test_a_review_refused_for_another_reason_is_admitted(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    fake.fail("POST", "reviews", 422, message="commit_id is not part of the pull request")
    run(fake, client, shop, pull, Written(comments=[comment(1)]))
    (made,) = shop.check_runs
    assert (made.conclusion, shop.comments) == ("failure", [])
    assert "The review comments could not be written" in str(made.summary)
    assert len(fake.seen("POST", "/reviews")) == 1


def test_comments_that_fail_do_not_hold_the_check_back(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    fake.fail("POST", "reviews", 502)
    with pytest.raises(GitHubError):  # the work is done again later
        run(fake, client, shop, pull, Written(comments=[comment(1)]))
    assert shop.check_runs[0].conclusion == "failure"
    run(fake, client, shop, pull, Written(comments=[comment(1)]))
    assert len(shop.comments) == 1


def test_a_run_that_was_made_although_the_answer_was_lost_is_found(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    fake.fail("POST", "check-runs", 502, after=True)
    run(fake, client, shop, pull, Written())
    assert [made.conclusion for made in shop.check_runs] == ["failure"]


def test_a_fork_gets_its_check_in_the_base_repository(fake: FakeGitHub, client: Client, shop: Repository) -> None:
    pull = fake.pull(shop, "change", fork="mallory/shop")
    run(fake, client, shop, pull, Written(comments=[comment(2)]))
    assert shop.check_runs[0].head_sha == pull.head_sha
    assert len(shop.comments) == 1


def test_a_judgement_that_could_not_be_made_fails_the_check(
    fake: FakeGitHub, client: Client, shop: Repository, pull: Pull
) -> None:
    publisher = GitHubPublisher(client, job(shop, pull), fake.app.id, Written())
    publisher.start()
    publisher.fail("The change could not be read", "why")
    (made,) = shop.check_runs
    assert (made.conclusion, made.title, made.summary) == ("failure", "The change could not be read", "why")
