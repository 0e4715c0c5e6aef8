"""``preadmit serve`` on the workshop's pull request: one check run, one review, and nothing twice."""

from __future__ import annotations

import re

import pytest

from tests.e2e.service import Case, Opener, opened, running, service
from tests.e2e.shop import BASE, BLOCKED, CHANGE, FIX, line_of, workshop
from tests.fake_github.deliveries import encode

__all__ = ["opened", "running", "service"]

MARKER = re.compile(r"^<!-- preadmit:([0-9A-Za-z_-]+) -->\n")


@pytest.fixture
def shop(opened: Opener) -> Case:
    """The workshop's pull request, not delivered yet."""
    return opened({**BASE, **workshop(strict=True)}, CHANGE)


def test_one_check_run_begins_at_once_and_fails(shop: Case) -> None:
    log = shop.deliver()
    (run,) = shop.repository.check_runs
    assert (run.name, run.head_sha, run.app.slug) == ("preadmit: main", shop.pull.head_sha, "preadmit")
    assert [(body["status"], body.get("conclusion")) for body in run.history] == [
        ("in_progress", None), ("completed", "failure"),
    ]  # fmt: skip
    assert run.title == "2 blocked, 0 failing, 1 passing; 3 policies, 4 resources; 1 existing"
    assert f"pull={shop.pull.number} head={shop.pull.head_sha} event=pull_request.opened outcome=judged" in log


def test_its_text_has_the_events_words_and_the_table(shop: Case) -> None:
    shop.deliver()
    lines = str(shop.run.summary).splitlines()
    start = lines.index("### Blocked")
    assert lines[start : start + 6] == ["### Blocked", "", "```", *BLOCKED, "```"]
    table = next(number for number, line in enumerate(lines) if line.startswith("NAMESPACE"))
    assert table > start
    assert [line.split()[2:] for line in lines[table + 1 : table + 5]] == [
        ["Deployment", "nginx-ecr", "3", "0", "0", "0", "0"],
        ["Deployment", "nginx-public", "2", "0", "0", "0", "0"],
        ["Deployment", "privileged-deploy", "2", "0", "0", "0", "0"],
        ["Deployment", "ui", "2", "1", "0", "0", "0"],
    ]
    assert "The base branch has this violation already, so it does not block." in str(shop.run.text)


def test_one_review_comments_exactly_at_the_lines(shop: Case) -> None:
    shop.deliver()
    (review,) = shop.repository.reviews
    assert (review["body"], review["commit_id"]) == (shop.run.title, shop.pull.head_sha)
    assert [(one.author, one.path, one.line, one.start_line) for one in shop.comments] == [
        ("preadmit[bot]", "shop/nginx-public.yaml", line_of(CHANGE["shop/nginx-public.yaml"], "image: nginx"), None),
        (
            "preadmit[bot]",
            "shop/privileged-deploy.yaml",
            line_of(CHANGE["shop/privileged-deploy.yaml"], "privileged: true"),
            None,
        ),
    ]
    markers = [MARKER.match(one.body) for one in shop.comments]
    assert all(markers)
    assert len({found[1] for found in markers if found}) == 2
    assert "validation error: Unknown Image registry." in shop.comments[0].body
    assert "**Blocked** by policy `baseline-policy`, rule `baseline`" in shop.comments[1].body


def test_annotations_stand_at_the_lines(shop: Case) -> None:
    shop.deliver()
    assert [(one["path"], one["start_line"], one["annotation_level"]) for one in shop.run.annotations] == [
        ("shop/nginx-public.yaml", line_of(CHANGE["shop/nginx-public.yaml"], "image: nginx"), "failure"),
        ("shop/privileged-deploy.yaml", line_of(CHANGE["shop/privileged-deploy.yaml"], "privileged: true"), "failure"),
        ("shop/ui.yaml", line_of(CHANGE["shop/ui.yaml"], "      labels:"), "notice"),
    ]


def test_a_redelivery_adds_nothing(shop: Case) -> None:
    first = f"delivery-{shop.pull.number}"
    shop.deliver(delivery=first)
    before = shop.writes
    body = encode(shop.payload("opened"))
    assert shop.service.send("pull_request", body, delivery=first).json() == {"accepted": first}
    shop.deliver()  # another one, which would wait for the work of the first: one pull request, one after another
    assert len([line for line in shop.service.output if f"delivery={first} " in line]) == 1
    assert shop.writes == before
    assert (len(shop.repository.check_runs), len(shop.run.history)) == (1, 2)
    assert (len(shop.repository.reviews), len(shop.comments), len(shop.run.annotations)) == (1, 2, 3)


def test_a_fixing_commit_turns_it_to_success_on_the_new_head(shop: Case) -> None:
    shop.deliver()
    old = shop.pull.head_sha
    shop.push(dict(FIX))
    assert [(one.head_sha, one.conclusion) for one in shop.repository.check_runs] == [
        (old, "failure"), (shop.pull.head_sha, "success"),
    ]  # fmt: skip
    assert shop.run.title == "0 blocked, 0 failing, 3 passing; 3 policies, 4 resources; 1 existing"
    assert "Blocked" not in str(shop.run.summary)
    assert (len(shop.repository.reviews), len(shop.comments)) == (1, 2)


def test_a_push_that_leaves_a_violation_does_not_repeat_its_comment(shop: Case) -> None:
    shop.deliver()
    moved = "# one line more\n" + str(CHANGE["shop/nginx-public.yaml"])
    shop.push({"shop/nginx-public.yaml": moved, "shop/web.yaml": str(CHANGE["shop/nginx-public.yaml"])})
    assert [(one.path, one.line) for one in shop.comments[2:]] == [
        ("shop/web.yaml", line_of(CHANGE["shop/nginx-public.yaml"], "image: nginx"))
    ]
    assert len(shop.repository.reviews) == 2
    assert shop.run.annotations[0]["start_line"] == line_of(moved, "image: nginx")
