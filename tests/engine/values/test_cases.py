"""The language-neutral cases of Go's values."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.values import duration, golang, quantity, wildcard

CASES = Path(__file__).parents[2] / "cases" / "values"


def _cases(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((CASES / f"{name}.yaml").read_text()))


@pytest.mark.parametrize("case", _cases("quantity"), ids=lambda case: case["text"] or "empty")
def test_quantity(case: dict[str, Any]) -> None:
    found = quantity.try_parse(case["text"])
    assert (None if found is None else str(found)) == case["written"]
    assert (None if found is None else found.canonical()) == case["canonical"]


@pytest.mark.parametrize("case", _cases("quantity_arithmetic"), ids=lambda case: f"{case['left']} {case['right']}")
def test_quantity_arithmetic(case: dict[str, Any]) -> None:
    left, right = quantity.parse(case["left"]), quantity.parse(case["right"])
    assert left.compare(right) == case["order"]
    assert [str(left.add(right)), str(left.sub(right)), str(left.mul(right))] == [
        case[op] for op in ("add", "sub", "mul")
    ]
    if case["div"] is None:
        with pytest.raises(ZeroDivisionError):
            left.div(right)
    else:
        assert str(left.div(right)) == case["div"]


@pytest.mark.parametrize("case", _cases("duration"), ids=lambda case: case["text"] or "empty")
def test_duration(case: dict[str, Any]) -> None:
    found = duration.try_parse(case["text"])
    assert found == case["nanoseconds"]
    assert (None if found is None else duration.format(found)) == case["written"]


@pytest.mark.parametrize("case", _cases("wildcard"), ids=lambda case: f"{case['glob']} {case['text']}")
def test_wildcard(case: dict[str, Any]) -> None:
    assert wildcard.match(case["glob"], case["text"]) is case["matches"]
    assert wildcard.compile(case["glob"])(case["text"]) is case["matches"]


@pytest.mark.parametrize("case", _cases("float"), ids=lambda case: str(case["value"]))
def test_float(case: dict[str, Any]) -> None:
    value = case["value"]
    written = {"E": golang.float_text(value, "E"), "e": golang.float_text(value, "e")}
    written |= {"g": golang.float_text(value, "g"), "f": golang.float_text(value, "f")}
    assert {"value": value, **written, "json": golang.number_text(value)} == case


@pytest.mark.parametrize("case", _cases("written"), ids=lambda case: case["sprint"][:20])
def test_written(case: dict[str, Any]) -> None:
    assert golang.sprint(case["value"]) == case["sprint"]
    assert golang.marshal(case["value"]) == case["marshal"]


@pytest.mark.parametrize("case", _cases("number"), ids=lambda case: case["text"] or "empty")
def test_number(case: dict[str, Any]) -> None:
    integer, number = golang.parse_int(case["text"]), golang.parse_float(case["text"])
    assert (None if integer is None else str(integer)) == case["int"]
    assert (None if number is None else golang.float_text(number, "g")) == case["float"]


def test_what_json_cannot_say() -> None:
    for number in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match="unsupported value"):
            golang.marshal([number])
    with pytest.raises(TypeError):
        golang.marshal({"a": object()})


@pytest.mark.parametrize(
    ("text", "error"),
    [("x", "must match"), ("1.2.3", "must match"), ("1K", "suffix"), ("", "must match"), (".e-30", "numeric part")],
)
def test_quantity_errors(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        quantity.parse(text)


def test_duration_error() -> None:
    with pytest.raises(ValueError, match='time: invalid duration "x"'):
        duration.parse("x")
