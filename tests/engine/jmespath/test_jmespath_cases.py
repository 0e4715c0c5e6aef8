"""The language-neutral cases: expression, given, and the result or the error.

Numbers are float64 unless the case says ``integers: true``. ``unordered`` compares lists whose order the reference
leaves to chance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.errors import QueryError
from engine.model import Value
from tests.engine.jmespath.answers import ask, floats

FILES = sorted((Path(__file__).parents[2] / "cases" / "jmespath").glob("*.yaml"))


def load() -> list[Any]:
    cases = []
    for file in FILES:
        for case in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader):
            cases.append(pytest.param(case, id=f"{file.stem}:{case['expression'][:60]}"))
    return cases


def typed(value: Value) -> Value:
    """The value with its types, as Python takes 1, 1.0 and True for equal."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return type(value).__name__, value


@pytest.mark.parametrize("case", load())
def test_case(case: dict[str, Any]) -> None:
    integers = case.get("integers", False)
    given = case.get("given") if integers else floats(case.get("given"))
    if "error" in case:
        with pytest.raises(QueryError) as caught:
            ask(case["expression"], given)
        assert str(caught.value) == case["error"]
        return
    expected = case["result"] if integers else floats(case["result"])
    answer = ask(case["expression"], given)
    if case.get("unordered"):
        expected, answer = sorted(expected), sorted(answer)
    assert typed(answer) == typed(expected)


def test_there_are_cases_of_every_family() -> None:
    assert len(FILES) >= 12
