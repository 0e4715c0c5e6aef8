"""The language-neutral cases in tests/cases/patch."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.errors import EngineError
from engine.patch import difference, json_patch, strategic_merge
from engine.values.numbers import floats, renumber

CASES = Path(__file__).parents[2] / "cases" / "patch"


def cases(name: str) -> list[Any]:
    loaded = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in loaded]


def check(case: dict[str, Any], patch: Callable[[Any], Any]) -> None:
    resource = floats(case["resource"])
    before = copy.deepcopy(resource)
    if "error" in case:
        with pytest.raises(EngineError) as raised:
            patch(resource)
        assert str(raised.value) == case["error"]
    else:
        patched = patch(resource)
        expected = None if case.get("unchanged") else case["result"]
        assert renumber(patched) == expected
    assert resource == before


@pytest.mark.parametrize("case", [*cases("anchors"), *cases("merge")])
def test_strategic_merge(case: dict[str, Any]) -> None:
    patch = copy.deepcopy(case["patch"])
    compiled = strategic_merge.compile(patch)
    check(case, compiled)
    check(case, compiled)
    assert patch == case["patch"]


@pytest.mark.parametrize("case", cases("json_patch"))
def test_json_patch(case: dict[str, Any]) -> None:
    compiled = json_patch.compile(case["patch"])
    check(case, compiled)
    check(case, compiled)


@pytest.mark.parametrize("case", cases("difference"))
def test_difference(case: dict[str, Any]) -> None:
    found = difference.changed_paths(case["before"], case["after"])
    assert found == tuple(tuple(path) for path in case["paths"])
