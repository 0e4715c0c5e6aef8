"""The libraries, function by function; what comes out was asked of cel-go with Kyverno's environment."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.cel.costs import PER_CALL_LIMIT
from engine.cel.environment import Environment, Options
from engine.cel.errors import CompileError, EvaluationError
from engine.cel.libraries.bundles import KYVERNO_BASE, kyverno, kyverno_asking
from engine.cel.libraries.extensions.strings import LATEST
from engine.cel.libraries.kubernetes.jsonpatch import JSONPATCH
from engine.cel.libraries.kyverno import generator
from engine.cel.types import DOUBLE, DYN, INT, STRING

from .shown import show
from .small_world import SmallWorld

ROOT = Path(__file__).parents[2] / "cases" / "cel"
FILES = sorted(path for group in ("extensions", "kubernetes", "kyverno") for path in (ROOT / group).glob("*.yaml"))
CASES = [
    pytest.param(case, f"{path.parent.name}/{path.stem}", id=f"{path.parent.name}/{path.stem}-{number}")
    for path in FILES
    for number, case in enumerate(yaml.safe_load(path.read_text()))
]
VARIABLES = {**dict.fromkeys("abc", DYN), "i": INT, "s": STRING, "t": STRING, "x": DOUBLE}


LATER = "extensions/strings_later"
"""The one file of what no environment of Kyverno has."""


@pytest.fixture(scope="module")
def environment():
    world = SmallWorld()
    libraries = (*KYVERNO_BASE, JSONPATCH, *kyverno(), *kyverno_asking(world), generator.library(world))
    return Environment(libraries, VARIABLES, options=Options(homogeneous_literals=True, cost_limit=PER_CALL_LIMIT))


@pytest.fixture(scope="module")
def later_environment():
    return Environment([LATEST], VARIABLES)


@pytest.mark.parametrize(("case", "file"), CASES)
def test_answers_as_the_reference(environment, later_environment, case, file):
    answered = answer(later_environment if file == LATER else environment, case)
    assert answered == {key: case[key] for key in ("result", "error", "refused") if key in case}


def answer(environment, case):
    try:
        program = environment.compile(case["expression"])
        return {"result": show(program.evaluate(case.get("variables", {})))}
    except CompileError as error:
        return {"refused": str(error)}
    except EvaluationError as error:
        return {"error": str(error)}
