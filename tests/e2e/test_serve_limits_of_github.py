"""GitHub does not show everything, nor at once: lists that it cuts, commits that come late, repositories that go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import markdown
from tests.e2e.service import Case, Opener, Service, opened, running, service
from tests.e2e.shop import BASE, CHANGE, deployment, workshop
from tests.fake_github import deliveries
from tests.fake_github.routes import MAX_FILES

__all__ = ["opened", "running", "service"]

POLICIES = {**BASE, **workshop(strict=True)}


@pytest.fixture
def entries(service: Service) -> Iterator[Service]:
    """The service before a GitHub that may cut lists of trees."""
    yield service
    service.fake.most_entries = 100_000


def test_a_tree_that_is_cut_is_listed_by_folders(entries: Service, opened: Opener) -> None:
    shop = opened(POLICIES, CHANGE)
    entries.fake.most_entries = 8
    shop.deliver()
    assert (shop.run.conclusion, len(shop.comments)) == ("failure", 2)
    assert "3 policies, 4 resources" in str(shop.run.title)
    assert [one for one in entries.fake.seen("GET", f"{shop.repository.full_name}/git/trees/") if not one.query]


def test_a_folder_that_is_cut_is_told(entries: Service, opened: Opener) -> None:
    shop = opened(POLICIES, {f"shop/{n}.yaml": deployment(f"d{n}") for n in range(20)})
    entries.fake.most_entries = 12
    shop.deliver()
    assert (shop.run.conclusion, shop.run.title) == ("failure", "The change could not be read")
    assert "the folder /shop/ has too many entries to be listed" in str(shop.run.summary)


def test_more_files_than_github_lists_are_judged_all(opened: Opener) -> None:
    public = {path: deployment(path[0], image="nginx") for path in ("a/first.yaml", "z/last.yaml")}
    shop = opened(POLICIES, {f"notes/{number:04}.txt": f"{number}\n" for number in range(MAX_FILES)} | public)
    shop.deliver()
    assert (shop.run.conclusion, str(shop.run.title).partition(",")[0]) == ("failure", "2 blocked")
    assert {one["path"] for one in shop.run.annotations} == set(public)
    assert [one.path for one in shop.comments] == ["a/first.yaml"]
    assert markdown.text("no line to comment on for z/last.yaml:") in str(shop.run.summary)
    assert len(shop.service.fake.seen("GET", f"{shop.repository.full_name}/pulls/.*/files")) == MAX_FILES // 100


def test_a_file_whose_patch_is_left_out_is_judged_from_its_content(opened: Opener) -> None:
    shop = opened(POLICIES, CHANGE)
    shop.repository.unshown = {"shop/nginx-public.yaml"}
    shop.deliver()
    assert (shop.run.conclusion, len(shop.run.annotations)) == ("failure", 3)
    assert [one.path for one in shop.comments] == ["shop/privileged-deploy.yaml"]
    assert len(shop.repository.reviews) == 1


def send(shop: Case, name: str) -> None:
    """Deliver without waiting."""
    body = deliveries.encode(shop.payload())
    assert shop.service.send("pull_request", body, delivery=name).status_code == 202


def test_what_comes_late_is_waited_for_and_what_is_gone_ends(service: Service, opened: Opener) -> None:
    """All at once, since each waits for some seconds."""
    late = [
        ("POST", "/check-runs", 422, "No commit found for SHA"),
        ("GET", "/git/trees/", 404, "Not Found"),
        ("GET", "/git/trees/", 409, "Git Repository is empty."),
        ("PATCH", "/check-runs/", 404, "Not Found"),
    ]
    waiting = [opened(POLICIES, CHANGE) for _ in late]
    for shop, (method, path, status, message) in zip(waiting, late, strict=True):
        service.fake.fail(method, shop.repository.full_name + path, status, message=message)
        send(shop, f"late-{shop.pull.number}")
    gone = opened(POLICIES, CHANGE)
    del service.fake.repositories[gone.repository.full_name]
    send(gone, f"gone-{gone.pull.number}")
    for shop in waiting:
        service.log_of(f"late-{shop.pull.number}~1")
        assert (shop.run.status, shop.run.conclusion, len(shop.comments)) == ("completed", "failure", 2)
        assert "nginx" in str(shop.run.summary)
    log = service.log_of(f"gone-{gone.pull.number}~2")
    assert " outcome='gone: " in log
