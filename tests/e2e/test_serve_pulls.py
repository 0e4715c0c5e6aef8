"""Pull requests of every kind, and what is kept of their verdicts."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.service import SECONDS, Case, Opener, Service, opened, running, service
from tests.e2e.shop import BASE, CHANGE, FIX, Files, deployment, workshop
from tests.fake_github import FakeGitHub, deliveries, shapes

__all__ = ["opened", "running", "service"]

POLICIES: Files = {**BASE, **workshop(strict=True)}
PUBLIC: Files = {"shop/public.yaml": deployment("public", image="nginx")}
PRIVILEGED: Files = {"shop/privileged.yaml": deployment("privileged", more="securityContext:\n  privileged: true\n")}


def open_one(opened: Opener, base: Files, change: Files) -> Case:
    """A pull request of an installation of its own, whose writes no other's pace holds back."""
    return opened(base, change, installation=next(opened.service.fake.ids))


def another(case: Case, head: str, base: str) -> Case:
    """A second pull request of the same repository."""
    return replace(case, pull=case.service.fake.pull(case.repository, head, base))


def verdicts(case: Case) -> list[tuple[str, str, str | None]]:
    """The check runs of the repository: names, heads, conclusions."""
    return [(run.name, run.head_sha, run.conclusion) for run in case.repository.check_runs]


def test_a_stacked_one_is_judged_against_the_one_below(opened: Opener) -> None:
    lower = open_one(opened, POLICIES, PUBLIC)
    lower.repository.git.commit("upper", dict(PRIVILEGED), onto="change")
    upper = another(lower, "upper", "change")
    lower.deliver()
    upper.deliver()
    assert verdicts(lower) == [
        ("preadmit: main", lower.pull.head_sha, "failure"),
        ("preadmit: change", upper.pull.head_sha, "failure"),
    ]
    assert [(one.pull, one.path) for one in lower.comments] == [
        (lower.pull.number, "shop/public.yaml"),
        (upper.pull.number, "shop/privileged.yaml"),
    ]
    assert "default/public:" not in str(upper.run.summary)


def test_a_stacked_one_whose_base_was_merged_is_judged_against_the_branch_below(opened: Opener) -> None:
    lower = open_one(opened, POLICIES, {"shop/more.yaml": deployment("more")})
    lower.repository.git.commit("upper", dict(PRIVILEGED), onto="change")
    upper = another(lower, "upper", "change")
    upper.deliver()
    merged = lower.repository.git.merge(lower.repository.git.sha("main") or "", lower.pull.head_sha)
    lower.repository.git.run("update-ref", "refs/heads/main", merged or "")
    upper.pull.base_ref = "main"
    upper.deliver("edited", changes={"base": {"ref": {"from": "change"}, "sha": {"from": "0" * 40}}})
    assert verdicts(upper) == [
        ("preadmit: change", upper.pull.head_sha, "failure"),
        ("preadmit: main", upper.pull.head_sha, "failure"),
    ]
    assert len(upper.comments) == 1
    assert "1 resource." in str(upper.repository.check_runs[1].summary)


def test_between_branches_each_base_judges_by_its_own_policies(opened: Opener) -> None:
    into_main = open_one(opened, POLICIES, PUBLIC)
    into_main.repository.git.commit("release", dict.fromkeys(workshop(strict=True)), onto="main")
    into_release = another(into_main, "change", "release")
    into_main.deliver()
    into_release.deliver()
    head = into_main.pull.head_sha
    assert verdicts(into_main) == [("preadmit: main", head, "failure"), ("preadmit: release", head, "success")]
    before = len(into_main.repository.check_runs[0].history)
    again = deliveries.check_run(into_main.service.fake, into_main.repository, into_main.repository.check_runs[1])
    again |= {"installation": {"id": into_main.installation, "node_id": "I_1"}}
    into_main.service.deliver("check_run", again)
    assert [len(run.history) for run in into_main.repository.check_runs] == [before, 4]


def test_a_bots_is_judged_like_all_and_its_orders_are_not_heard(opened: Opener) -> None:
    shop = open_one(opened, POLICIES, PUBLIC)
    bot = shapes.user(shop.service.fake.url, "dependabot[bot]")
    payload = shop.payload()
    payload["pull_request"]["user"] = payload["sender"] = bot
    shop.service.deliver("pull_request", payload)
    assert (shop.run.conclusion, len(shop.comments)) == ("failure", 1)
    asked = deliveries.issue_comment(shop.service.fake, shop.repository, shop.pull, "/preadmit recheck", bot["login"])
    log = shop.service.deliver("issue_comment", asked | {"installation": payload["installation"]})
    assert "refused: dependabot[bot] may not write" in log
    assert len(shop.run.history) == 2


def test_a_merge_that_was_reverted_and_comes_again(opened: Opener) -> None:
    first = open_one(opened, POLICIES, PUBLIC)
    git = first.repository.git
    first.deliver()
    before, blocked = git.sha("main") or "", first.pull.head_sha
    git.run("update-ref", "refs/heads/main", git.merge(before, blocked) or "")
    git.commit("revert", dict.fromkeys(PUBLIC), onto="main")
    revert = another(first, "revert", "main")
    revert.deliver()
    assert revert.run.conclusion == "success"
    git.run("update-ref", "refs/heads/main", git.merge(git.sha("main") or "", revert.pull.head_sha) or "")
    git.commit("again", dict(PUBLIC), onto="main")
    again = another(first, "again", "main")
    again.deliver()
    assert (again.run.conclusion, again.run.title) == ("failure", first.repository.check_runs[0].title)
    assert [(one.pull, one.path) for one in first.comments] == [
        (first.pull.number, "shop/public.yaml"),
        (again.pull.number, "shop/public.yaml"),
    ]


def kept(case: Case, delivery: str) -> dict[str, str | int]:
    """What the database holds of the work of a delivery, which it takes shortly after the log."""
    asked = "SELECT output FROM workflow_output WHERE workflow_uuid = ?"
    ends = time.monotonic() + SECONDS
    with closing(sqlite3.connect(case.service.fake.root.parent / "state/preadmit.sqlite")) as connection:
        while (row := connection.execute(asked, [delivery]).fetchone()) is None:
            assert time.monotonic() < ends
            time.sleep(0.02)
    word, _, verdict = str(json.loads(row[0])).partition(": ")
    assert word == "judged"
    found: dict[str, str | int] = json.loads(verdict)
    return found


def test_the_verdict_is_kept_with_what_judged(opened: Opener, tmp_path: Path) -> None:
    judging = {
        **workshop(strict=True),
        ".github/preadmit.yml": "values: values.yaml\n",
        "values.yaml": "policies: []\n",
    }
    shop = open_one(opened, {**BASE, **judging}, CHANGE)
    log = shop.deliver(delivery=f"kept-{shop.pull.number}")
    for path, text in judging.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(str(text))
    listed = subprocess.run(["sha256sum", *sorted(judging)], cwd=tmp_path, capture_output=True, check=True)
    said = (
        subprocess.run(["sha256sum"], input=listed.stdout, capture_output=True, check=True).stdout.decode().split()[0]
    )
    found = kept(shop, f"kept-{shop.pull.number}")
    assert found == {
        "conclusion": "failure",
        "judged_head": shop.pull.head_sha,
        "judged_base": shop.repository.git.sha("main"),
        "policies": f"sha256:{said}",
        "rows": 4,
    }
    assert f"`sha256:{said}`" in str(shop.run.summary)
    assert f"policies=sha256:{said}" in log


def test_the_digest_changes_with_the_policies_alone(opened: Opener) -> None:
    shop = open_one(opened, POLICIES, CHANGE)
    seen = []
    for change in (FIX, {"README.md": "more"}, {"policies/labels.yaml": None}):
        shop.deliver("reopened")
        seen.append(re.findall("sha256:([0-9a-f]{64})", str(shop.run.summary)))
        shop.repository.git.commit("main", dict(change))
    shop.deliver("reopened")
    seen.append(re.findall("sha256:([0-9a-f]{64})", str(shop.run.summary)))
    assert seen[0] == seen[1] == seen[2] != seen[3]
    assert [len(one) for one in seen] == [1, 1, 1, 1]


def test_a_force_push_leaves_one_verdict_and_keeps_the_comments(opened: Opener) -> None:
    shop = open_one(opened, POLICIES, PUBLIC)
    shop.deliver()
    before, git = shop.pull.head_sha, shop.repository.git
    rewritten = {"shop/public.yaml": deployment("public", image="nginx") + "# rewritten\n", **PRIVILEGED}
    git.run("update-ref", "-d", "refs/heads/change")
    shop.pull.head_sha = git.commit("change", dict(rewritten), onto="main")
    git.run("update-ref", f"refs/pull/{shop.pull.number}/head", shop.pull.head_sha)
    shop.deliver("synchronize", before=before)
    assert verdicts(shop) == [
        ("preadmit: main", before, "failure"),
        ("preadmit: main", shop.pull.head_sha, "failure"),
    ]
    assert [(one.path, one.commit) for one in shop.comments] == [
        ("shop/public.yaml", before),
        ("shop/privileged.yaml", shop.pull.head_sha),
    ]


def test_a_force_push_back_judges_the_old_head_again_on_its_run(opened: Opener) -> None:
    shop = open_one(opened, POLICIES, PUBLIC)
    shop.deliver()
    first = shop.pull.head_sha
    shop.push(dict.fromkeys(PUBLIC))
    assert shop.run.conclusion == "success"
    left = shop.pull.head_sha
    shop.pull.head_sha = first
    shop.repository.git.run("update-ref", "refs/heads/change", first)
    shop.deliver("synchronize", before=left)
    assert verdicts(shop) == [("preadmit: main", first, "failure"), ("preadmit: main", left, "success")]
    assert len(shop.comments) == 1


@pytest.mark.parametrize(("action", "name"), [("renamed", "acme/store"), ("transferred", "octo/shop")])
def test_a_repository_with_a_new_name_goes_on_where_it_was(opened: Opener, action: str, name: str) -> None:
    shop = open_one(opened, POLICIES, PUBLIC)
    fake, old = shop.service.fake, shop.repository.full_name
    shop.deliver()
    del fake.repositories[old.lower()]
    new = f"{name}{shop.pull.number}"
    shop.repository.full_name = shop.pull.head_repository = new
    fake.repositories[new.lower()] = shop.repository
    owner = {"from": {"organization": {"login": old.partition("/")[0]}}}
    changes = {"owner": owner} if action == "transferred" else {"repository": {"name": {"from": old.partition("/")[2]}}}
    payload = deliveries.common(fake, shop.repository) | {"action": action, "changes": changes}
    shop.service.deliver("repository", payload | {"installation": {"id": shop.installation, "node_id": "I_1"}})
    assert verdicts(shop) == [("preadmit: main", shop.pull.head_sha, "failure")]
    shop.push(PRIVILEGED)
    assert verdicts(shop)[1:] == [("preadmit: main", shop.pull.head_sha, "failure")]
    assert [one.path for one in shop.comments] == ["shop/public.yaml", "shop/privileged.yaml"]


def test_an_enterprise_server_is_answered_at_its_address(tmp_path: Path) -> None:
    fake = FakeGitHub(tmp_path / "github")
    service = Service(fake, tmp_path / "state", GITHUB_API_URL=f"{fake.url}/api/v3")
    try:
        shop = open_one(Opener(service), POLICIES, CHANGE)
        shop.deliver()
        assert (shop.run.conclusion, len(shop.comments)) == ("failure", 2)
        assert service.stop() == 0
        service.assert_clean()
    finally:
        service.kill()
        fake.close()


@pytest.mark.parametrize(("change", "conclusion"), [(PUBLIC, "failure"), (FIX, "success")])
def test_a_merge_queue_gets_an_answer_of_its_own(opened: Opener, change: Files, conclusion: str) -> None:
    shop = open_one(opened, POLICIES, {"README.md": "words\n"})
    git, base = shop.repository.git, shop.repository.git.sha("main")
    head = git.commit("gh-readonly-queue/main/pr-1", dict(change), onto="main")
    payload = deliveries.common(shop.service.fake, shop.repository) | {
        "action": "checks_requested",
        "merge_group": {"head_sha": head, "base_sha": base, "base_ref": "refs/heads/main", "head_ref": "refs/heads/q"},
    }
    payload["installation"] = {"id": shop.installation, "node_id": "I_1"}
    shop.service.deliver("merge_group", payload)
    assert verdicts(shop) == [("preadmit: main", head, conclusion)]
    assert shop.comments == []
