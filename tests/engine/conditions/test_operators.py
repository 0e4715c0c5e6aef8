"""The operators of conditions: language-neutral cases, and what holds for any key and value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditions.operators import NAMES, operator, specialise
from engine.errors import PolicyError

CASES = Path(__file__).parents[2] / "cases" / "operators" / "operators.yaml"

scalars = st.sampled_from(
    [
        "",
        "0",
        "5",
        "a",
        "a*",
        "*",
        "1h",
        "60m",
        "1Gi",
        "1-10",
        '["a"]',
        "null",
        "1.2.3",
        None,
        True,
        0.0,
        5.0,
        1.5,
        5,
        0,
    ]
)
values = st.recursive(
    scalars | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2)
)


def _holds(name: str, key: Any, value: Any) -> bool:
    compare, fixed = operator(name), specialise(name, value)
    assert compare is not None
    assert fixed is not None
    result = compare(key, value)
    assert fixed(key) is result
    return result


@pytest.mark.parametrize(
    "case", yaml.safe_load(CASES.read_text()), ids=lambda case: f"{case['key']} {case['operator']} {case['value']}"
)
def test_case(case: dict[str, Any]) -> None:
    assert _holds(case["operator"], case["key"], case["value"]) is case["holds"]


def test_unknown_operators() -> None:
    assert operator("Matches") is None
    assert specialise("Matches", "x") is None


@pytest.mark.parametrize("name", ["In", "NotIn"])
def test_upstream_panics_on_a_list_that_holds_no_strings(name: str) -> None:
    compare = operator(name)
    assert compare is not None
    with pytest.raises(PolicyError, match="float64"):
        compare(["a", 1.0], ["a"])


def test_a_deeply_nested_text_is_no_list() -> None:
    assert not _holds("AnyIn", "a", "[" * 100_000)


@settings(max_examples=300)
@given(st.sampled_from(NAMES), values, values)
def test_a_constant_value_changes_nothing(name: str, key: Any, value: Any) -> None:
    try:
        _holds(name, key, value)
    except PolicyError:
        assert name in ("In", "NotIn")
        assert isinstance(key, list)


@given(values, values)
def test_opposites(key: Any, value: Any) -> None:
    assert not (_holds("Equals", key, value) and _holds("NotEquals", key, value))
    assert (_holds("Equals", key, value) or _holds("NotEquals", key, value)) is (key is not None)
    assert not (_holds("AnyIn", key, value) and _holds("AllNotIn", key, value))
    assert not (_holds("GreaterThan", key, value) and _holds("LessThanOrEquals", key, value))
