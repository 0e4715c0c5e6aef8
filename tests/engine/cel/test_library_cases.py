"""The libraries, function by function; what comes out was asked of cel-go with Kyverno's environment."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.cel.environment import Environment, Options
from engine.cel.errors import CompileError, EvaluationError
from engine.cel.libraries.extensions.encoders import ENCODERS
from engine.cel.libraries.extensions.lists import LISTS
from engine.cel.libraries.extensions.math import MATH
from engine.cel.libraries.extensions.regex import REGEX
from engine.cel.libraries.extensions.sets import SETS
from engine.cel.libraries.extensions.strings import STRINGS
from engine.cel.libraries.kubernetes import cidr, format, ip, jsonpatch, lists, quantity, regex, semver, urls
from engine.cel.types import DOUBLE, DYN, INT, STRING
from engine.cel.validation import LITERALS

from .shown import show

ROOT = Path(__file__).parents[2] / "cases" / "cel"
FILES = sorted(path for group in ("extensions", "kubernetes", "kyverno") for path in (ROOT / group).glob("*.yaml"))
CASES = [
    pytest.param(case, id=f"{path.parent.name}/{path.stem}-{number}")
    for path in FILES
    for number, case in enumerate(yaml.safe_load(path.read_text()))
]
LIBRARIES = (
    LITERALS,
    STRINGS, LISTS, MATH, SETS, ENCODERS, REGEX, cidr.CIDR, ip.IP, format.FORMAT, lists.LISTS, regex.REGEX, urls.URLS,
    quantity.QUANTITY, semver.SEMVER, jsonpatch.JSONPATCH,
)  # fmt: skip
VARIABLES = {**dict.fromkeys("abc", DYN), "i": INT, "s": STRING, "t": STRING, "x": DOUBLE}


@pytest.fixture(scope="module")
def environment():
    return Environment(LIBRARIES, VARIABLES, options=Options(homogeneous_literals=True))


@pytest.mark.parametrize("case", CASES)
def test_answers_as_the_reference(environment, case):
    assert answer(environment, case) == {key: case[key] for key in ("result", "error", "refused") if key in case}


def answer(environment, case):
    try:
        program = environment.compile(case["expression"])
        return {"result": show(program.evaluate(case.get("variables", {})))}
    except CompileError as error:
        return {"refused": str(error)}
    except EvaluationError as error:
        return {"error": str(error)}
