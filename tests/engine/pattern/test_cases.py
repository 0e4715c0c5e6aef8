"""The language-neutral cases of validate patterns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import pattern
from engine.errors import LimitError
from tests.engine.pattern import naive

CASES = Path(__file__).parents[2] / "cases" / "pattern"


def _cases(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((CASES / f"{name}.yaml").read_text()))


def _verdict(resource: Any, wanted: Any) -> tuple[str, str, str]:
    failure = pattern.compile(wanted)(resource)
    if failure is None:
        return "pass", "", ""
    return "skip" if failure.skip else "fail" if failure.path else "error", failure.path, failure.message


@pytest.mark.parametrize("case", _cases("scalars"), ids=lambda case: f"{case['value']} {case['pattern']}")
def test_scalar(case: dict[str, Any]) -> None:
    assert pattern.matches_scalar(case["value"], case["pattern"]) is case["matches"]
    assert naive.scalar(case["value"], case["pattern"]) is case["matches"] or isinstance(case["pattern"], (dict, list))


@pytest.mark.parametrize("case", _cases("walk"), ids=lambda case: case["name"])
def test_walk(case: dict[str, Any]) -> None:
    expected = case["result"], case.get("path", ""), case.get("message", "")
    assert _verdict(case["resource"], case["pattern"]) == expected


def test_the_place_is_known_even_where_the_path_is_not() -> None:
    failure = pattern.compile({"^(a)": [{"b": "x"}], "l": [{"c": "d"}]})({"l": [{"c": "d"}, {"c": "e"}]})
    assert failure is not None
    assert (failure.path, failure.keys) == ("", ("l", 1, "c"))


def test_a_compiled_pattern_forgets_between_resources() -> None:
    matches = pattern.compile({"l": [{"metadata": {"labels": {"a*": "x"}}}], "=(m)": {"(k)": "x"}, "z": "w"})
    labelled = {"l": [{"metadata": {"labels": {"ab": "x"}}}], "z": "w"}
    other = {"l": [{"metadata": {"labels": {"ac": "x"}}}], "z": "w"}
    assert [matches(resource) for resource in (labelled, other, labelled)] == [None, None, None]
    lost = matches({**labelled, "m": {"k": "x"}, "z": "v"})
    assert lost is not None
    assert lost.path == "/z/"
    assert matches(labelled) is None


def test_a_pattern_of_many_alternatives_ends_at_a_long_text() -> None:
    wide = "|".join(f"*x{number}*" for number in range(20_000))
    assert pattern.matches_scalar("x7", wide)
    assert not pattern.matches_scalar("y" * 900, wide)
    assert not pattern.matches_scalar("y" * 100_000, wide.replace("*", ""))
    with pytest.raises(LimitError, match="20000 wildcards against 100000 characters"):
        pattern.matches_scalar("y" * 100_000, wide)
