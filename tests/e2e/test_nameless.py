"""Resources without a name of their own, or with one twice: what stood there before stays what it was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.command import Made, judged
from tests.e2e.shop import Files, deployment, workshop

POLICIES = workshop(strict=False)


def unnamed(text: str) -> str:
    """A Deployment without its name."""
    return text.replace("  name: web\n", "  labels: {a: b}\n", 1)


def generated(text: str) -> str:
    """A Deployment whose name the cluster completes."""
    return text.replace("  name: web\n", "  generateName: web-\n", 1)


def doubled(text: str) -> str:
    """A Deployment that has the name of another one."""
    return text


WAYS = [unnamed, generated, doubled]
OLD = deployment("web", image="nginx")
GOOD = deployment("web", image="public.ecr.aws/shop/good:1.0")
OTHER = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\ndata: {a: b}\n"


def change(make: Made, before: list[str], after: list[str]) -> dict[str, Any]:
    """The judgement of a file of documents that becomes another one."""
    base: Files = {**POLICIES, "shop/all.yaml": "---\n".join(before)}
    return judged(make(base, {"shop/all.yaml": "---\n".join(after)}))


@pytest.mark.parametrize("way", WAYS)
def test_an_edit_elsewhere_turns_nothing_red(make: Made, way: Any) -> None:
    bad, good = way(OLD), way(GOOD)
    found = change(make, [OTHER, bad, good], [OTHER.replace("a: b", "a: c"), bad, good])
    assert (found["exit_code"], [row["kind"] for row in found["rows"]]) == (0, ["ConfigMap"])
    assert found["unjudged"] == []
    codes = {unnamed: ["no-name"] * 2, generated: [], doubled: ["duplicate-identity"]}
    assert [one["code"] for one in found["problems"]] == codes[way]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("edited", [False, True])
def test_one_more_before_them_is_the_new_one(make: Made, way: Any, edited: bool) -> None:
    bad, good = way(OLD), way(GOOD)
    more = way(deployment("web", image="public.ecr.aws/shop/more:1.0", labels="CostCenter: HR"))
    found = change(make, [bad, good], [more, bad.replace("replicas: 1", "replicas: 2") if edited else bad, good])
    assert [(row["operation"], row["line"]) for row in found["rows"]] == [
        ("CREATE", 1),
        *([("UPDATE", bad.count("\n") + 2)] if edited else []),
    ]
    assert [one["verdict"] for one in found["findings"]] == (["existing"] if edited else [])
    assert len(found["unjudged"]) == (0 if way is generated else 1)


@pytest.mark.parametrize("way", WAYS)
def test_one_that_goes_takes_no_other_along(make: Made, way: Any) -> None:
    bad, good = way(OLD), way(GOOD)
    found = change(make, [good, bad], [bad])
    assert (found["exit_code"], found["rows"], found["unjudged"]) == (0, [], [])


@pytest.mark.parametrize("way", WAYS)
def test_two_that_change_places_are_the_same(make: Made, way: Any) -> None:
    bad, good = way(OLD), way(GOOD)
    found = change(make, [good, bad], [bad, good])
    assert (found["exit_code"], found["rows"], found["unjudged"]) == (0, [], [])


@pytest.mark.parametrize("way", WAYS)
def test_one_that_becomes_bad_is_blocked(make: Made, way: Any) -> None:
    bad, good = way(OLD), way(GOOD)
    found = change(make, [good, good], [good, bad])
    assert [one["verdict"] for one in found["findings"]] == ["blocked"]


@pytest.mark.parametrize("way", [unnamed, doubled])
def test_the_first_of_them_is_not_judged(make: Made, way: Any) -> None:
    before = {unnamed: [OTHER], doubled: [GOOD]}[way]
    found = change(make, before, [*before, way(GOOD)])
    assert found["exit_code"] == 2
    assert len(found["unjudged"]) == 1
