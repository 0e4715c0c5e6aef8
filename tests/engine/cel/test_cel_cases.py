"""The language's cases: expressions and what cel-go makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.cel import blocks
from engine.cel.environment import Environment, Program
from engine.cel.errors import CompileError, EvaluationError
from engine.cel.macros import BINDINGS, TWO_VARIABLES
from tests.engine.cel.notation import same, type_named, value

FILES = sorted((Path(__file__).parents[2] / "cases" / "cel").glob("*.yaml"))


def _load(path: Path) -> list[Any]:
    return yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # type: ignore[no-any-return]


CASES = [
    pytest.param(case, id=f"{path.stem}:{number}:{case['expression'][:40]}")
    for path in FILES
    for number, case in enumerate(_load(path))
]


def _compile(case: dict[str, Any]) -> Program:
    given = case.get("variables", {})
    types = {name: type_named(variable.get("type", "dyn")) for name, variable in given.items()}
    return Environment([BINDINGS, TWO_VARIABLES, blocks.LIBRARY], types, case.get("container", "")).compile(
        case["expression"]
    )


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(CompileError) as refusal:
            _compile(case)
        assert str(refusal.value) == case["refused"]
        return
    program = _compile(case)
    if "type" in case:
        assert str(program.result_type) == case["type"]
    variables = {name: value(variable.get("value")) for name, variable in case.get("variables", {}).items()}
    if "error" in case:
        with pytest.raises(EvaluationError) as error:
            program.evaluate(variables)
        assert str(error.value) == case["error"]
    elif "value" in case:
        found = program.evaluate(variables)
        assert same(found, value(case["value"])), found


def test_every_case_says_what_is_expected() -> None:
    for path in FILES:
        for case in _load(path):
            assert {"value", "error", "refused", "type"} & set(case), (path.name, case)
