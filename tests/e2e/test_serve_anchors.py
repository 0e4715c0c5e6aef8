"""Comments stand where GitHub shows the change: one line elsewhere, and it refuses the whole review."""

from __future__ import annotations

import pytest

from bot.diff import CONTEXT
from tests.e2e.service import Opener, opened, running, service
from tests.e2e.shop import BASE, CHANGE, Files, deployment, line_of, workshop

__all__ = ["opened", "running", "service"]

LONG = "".join(f"# {number}\n" for number in range(150))
"""Lines that keep the head of a file far from its end."""


def long(name: str, image: str) -> str:
    """A Deployment whose image stands far from its name."""
    return deployment(name, image=image).replace("spec:\n", f"{LONG}spec:\n", 1)


def test_a_file_renamed_with_its_resource_is_commented_on_inside_its_hunks(opened: Opener) -> None:
    base: Files = {**BASE, **workshop(strict=True), "apps/old.yaml": long("old", "nginx")}
    added = long("new", "nginx")
    shop = opened(base, {**CHANGE, "apps/new.yaml": added})
    shop.service.fake.push(shop.repository, shop.pull, {"apps/old.yaml": None})
    shop.deliver()
    assert "could not be written" not in str(shop.run.summary)
    places = {one.path: one.line for one in shop.comments}
    assert places["shop/nginx-public.yaml"] == line_of(CHANGE["shop/nginx-public.yaml"], "image: nginx")
    assert places["apps/new.yaml"] == line_of(added, "        app: new") + CONTEXT
    (comment,) = [one for one in shop.comments if one.path == "apps/new.yaml"]
    assert f", on line {line_of(added, 'image: nginx')}." in comment.body


@pytest.mark.parametrize("old", ["apps/web.yaml.off", "attic/web.txt"])
def test_a_file_that_only_gets_its_name_has_no_line_to_comment_on(opened: Opener, old: str) -> None:
    text = deployment("web", image="nginx")
    shop = opened({**BASE, **workshop(strict=True), old: text}, {**CHANGE, "apps/web.yaml": text})
    shop.service.fake.push(shop.repository, shop.pull, {old: None})
    shop.deliver()
    assert "apps/web.yaml" in {one["path"] for one in shop.run.annotations}
    assert {one.path for one in shop.comments} == {"shop/nginx-public.yaml", "shop/privileged-deploy.yaml"}


def test_a_file_that_was_a_patch_is_compared_with_what_it_was(opened: Opener) -> None:
    patch = long("web", "nginx")
    base: Files = {
        **BASE,
        **workshop(strict=True),
        "app/kustomization.yaml": "resources: [base.yaml]\npatches: [{path: web.yaml}]\n",
        "app/base.yaml": deployment("web"),
        "app/web.yaml": patch,
    }
    change: Files = {
        **CHANGE,
        "app/kustomization.yaml": "resources: [base.yaml, web.yaml]\n",
        "app/web.yaml": f"# x\n{patch}",
    }
    shop = opened(base, change)
    shop.deliver()
    assert "could not be written" not in str(shop.run.summary)
    assert {one.path for one in shop.comments} >= {"shop/nginx-public.yaml", "shop/privileged-deploy.yaml"}


def test_windows_line_ends_and_a_missing_last_one(opened: Opener) -> None:
    base: Files = {
        **BASE,
        **workshop(strict=True),
        "shop/dos.yaml": long("dos", "public.ecr.aws/a").replace("\n", "\r\n"),
    }
    edited = long("dos", "nginx").replace("\n", "\r\n").rstrip()
    shop = opened(base, {"shop/dos.yaml": edited})
    shop.deliver()
    assert [(one.path, one.line) for one in shop.comments] == [("shop/dos.yaml", line_of(edited, "image: nginx"))]


def test_a_moved_file_is_no_likeness_for_a_new_one(opened: Opener) -> None:
    moved = deployment("orders2")
    shop = opened({**BASE, **workshop(strict=True), "shop/orders2.yaml": moved}, {**CHANGE, "apps/orders2.yaml": moved})
    shop.service.fake.push(shop.repository, shop.pull, {"shop/orders2.yaml": None})
    shop.deliver()
    text = CHANGE["shop/nginx-public.yaml"]
    assert (shop.comments[0].path, shop.comments[0].line) == ("shop/nginx-public.yaml", line_of(text, "image: nginx"))
    assert len(shop.comments) == 2
