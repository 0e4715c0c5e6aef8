"""Comments with a life, on a pull request that is worked on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.service import Case, Opener, Service, opened, running
from tests.e2e.shop import BASE, CHANGE, FIX, Files, deployment, line_of, workshop
from tests.fake_github.state import Comment, Request

__all__ = ["opened", "running"]

PUBLIC = "shop/nginx-public.yaml"


@pytest.fixture(params=[False, True], ids=["least rights", "contents: write"])
def service(request: pytest.FixtureRequest, running: Service) -> Iterator[Service]:
    """The process, with an App that may resolve threads or not."""
    running.fake.contents_write = request.param
    yield running
    running.assert_clean()


def open_one(opened: Opener, change: Files) -> Case:
    """A pull request of an installation of its own, whose writes no other's pace holds back."""
    return opened({**BASE, **workshop(strict=True)}, change, installation=next(opened.service.fake.ids))


@pytest.fixture
def shop(opened: Opener) -> Case:
    """The workshop's pull request, judged once."""
    made = open_one(opened, CHANGE)
    made.deliver()
    return made


def is_open(one: Comment) -> bool:
    """Whether a comment is shown as one that asks for something."""
    return not one.resolved and not one.minimized and "**Settled**" not in one.body


def mutations(case: Case) -> list[Request]:
    """The requests that changed comments."""
    return [one for one in case.service.fake.seen("POST", "^/graphql$") if one.body["query"].startswith("mutation")]


def test_a_fix_settles_the_comments_and_says_in_which_commit(shop: Case) -> None:
    before = [one.body for one in shop.comments]
    count = len(mutations(shop))
    shop.push(dict(FIX))
    assert [is_open(one) for one in shop.comments] == [False, False]
    for one, was in zip(shop.comments, before, strict=True):
        assert f"**Settled** in `{shop.pull.head_sha[:12]}`." in one.body
        assert was.partition("-->")[2].strip() in one.body
        assert (one.resolved, one.minimized) == (
            (True, "") if shop.service.fake.contents_write else (False, "RESOLVED")
        )
    assert len(mutations(shop)) == count + 1
    assert len(shop.repository.reviews) == 1
    shop.push({"README.md": "more\n"})
    assert [len(one.edits) for one in shop.comments] == [1, 1]


def test_what_comes_back_is_opened_again_with_the_same_comment(shop: Case) -> None:
    before = [one.body for one in shop.comments]
    shop.push(dict(FIX))
    shop.push({PUBLIC: CHANGE[PUBLIC]})
    assert [is_open(one) for one in shop.comments] == [True, False]
    assert (len(shop.comments), len(shop.repository.reviews)) == (2, 1)
    assert shop.comments[0].body == before[0]


def test_a_comment_follows_its_line(shop: Case) -> None:
    count = len(mutations(shop))
    shop.push({PUBLIC: f"# one\n# two\n{CHANGE[PUBLIC]!s}"})
    assert len(mutations(shop)) == count
    changed = f"# one\n{CHANGE[PUBLIC]!s}".replace("image: nginx", "image: nginx:2")
    shop.push({PUBLIC: changed})
    assert (len(shop.comments), len(mutations(shop))) == (2, count + 1)
    assert f", on line {line_of(changed, 'image: nginx:2')}." in shop.comments[0].body
    shop.push({"README.md": "nothing\n"})
    assert len(mutations(shop)) == count + 1


def test_a_warning_that_a_person_resolved_is_left_alone(opened: Opener) -> None:
    text = deployment("web", labels="team: a")
    shop = open_one(opened, {"shop/web.yaml": text})
    shop.deliver()
    (comment,) = shop.comments
    comment.resolved = True
    shop.push({"shop/web.yaml": f"# one\n{text}".replace("team: a", "team: b")})
    assert (comment.resolved, comment.edits) == (True, [])
    shop.push({"shop/web.yaml": deployment("web")})
    assert (comment.resolved, comment.edits, len(shop.comments)) == (True, [], 1)


def test_a_thread_of_another_is_never_touched(shop: Case) -> None:
    mark = shop.comments[0].body
    forged = Comment(1, 1, shop.pull.number, "mallory", shop.pull.head_sha, PUBLIC, 1, mark)
    shop.repository.comments.insert(0, forged)
    shop.push(dict(FIX))
    assert (forged.body, forged.edits, is_open(forged)) == (mark, [], True)


def test_nothing_is_settled_while_a_file_cannot_be_read(shop: Case) -> None:
    shop.push({PUBLIC: "kind: [Deployment\n"})
    assert [is_open(one) for one in shop.comments] == [True, True]
    assert shop.run.conclusion == "failure"


def test_a_push_of_everything_at_once_is_one_review(opened: Opener) -> None:
    shop = open_one(opened, {"shop/0.yaml": deployment("n0", image="nginx")})
    shop.deliver()
    more: Files = {f"shop/{n}.yaml": deployment(f"n{n}", image="nginx") for n in range(1, 30)}
    more["shop/0.yaml"] = deployment("n0")
    shop.push(dict(more))
    assert len(shop.repository.reviews) == 2
    assert sum(map(is_open, shop.comments)) == 20


def test_more_than_a_page_of_threads(shop: Case) -> None:
    """Those of others stand before ours: the second page must be read."""
    others = [Comment(n, 1, shop.pull.number, "octo", shop.pull.head_sha, PUBLIC, 1, "hm") for n in range(130)]
    shop.repository.comments[:0] = others
    shop.push({"README.md": "more\n"})
    assert len(shop.comments) == 132


def test_refused_changes_leave_the_check_as_it_is(shop: Case, tmp_path: Path) -> None:
    shop.service.fake.refused_changes = True
    try:
        shop.push(dict(FIX))
    finally:
        shop.service.fake.refused_changes = False
    assert shop.run.conclusion == "success"
    assert "The review comments could not be written" in str(shop.run.summary)
    shop.deliver("synchronize")
    assert [is_open(one) for one in shop.comments] == [False, False]


def test_two_of_one_name_have_a_comment_each(opened: Opener) -> None:
    def both(first: str, second: str) -> Files:
        return {"shop/twice.yaml": "---\n".join(deployment("web", image=image) for image in (first, second))}

    good = "public.ecr.aws/shop/web:1.0"
    base = {**BASE, **workshop(strict=True), **both(good, good)}
    case = opened(base, both("nginx", "nginx"), installation=next(opened.service.fake.ids))
    case.deliver()
    length = deployment("web", image="nginx").count("\n") + 1
    first, second = sorted(case.comments, key=lambda one: one.line)
    assert second.line - first.line == length
    case.push({"README.md": "more\n"})
    assert [(is_open(one), one.edits) for one in (first, second)] == [(True, [])] * 2
    case.push(both("nginx", good))
    assert [is_open(one) for one in (first, second)] == [True, False]
    case.push(both(good, good))
    assert [is_open(one) for one in (first, second)] == [False, False]
    assert len(case.comments) == 2
