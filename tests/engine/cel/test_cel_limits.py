"""Cost, memory and depth: what an evaluation may spend, and what is said to one that spends more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest

from engine.cel.costs import PER_CALL_LIMIT
from engine.cel.environment import Budget, Environment, Options
from engine.cel.errors import CompileError, CostError, EvaluationError
from engine.cel.macros import BINDINGS
from engine.cel.plain import to_json
from engine.cel.types import DYN

LIMITED = Environment([BINDINGS], dict.fromkeys(("many", "text", "x"), DYN), options=Options(cost_limit=PER_CALL_LIMIT))
_JSON_OF_TIMES = ["2020-01-01T00:00:00Z", "90s", "int", 1]
MANY = [{"name": f"n{i}", "value": float(i)} for i in range(3_000)]


class Counted(Mapping[str, Any]):
    """Variables that know how often they were asked for."""

    def __init__(self, **variables: Any) -> None:
        self._variables = variables
        self.reads = 0

    def __getitem__(self, name: str) -> Any:
        self.reads += 1
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


@pytest.mark.parametrize(
    "text",
    [
        "many.all(a, many.all(b, x != a.name || x != b.name))",
        "many.exists(a, many.exists(b, x == many))",
        "many.map(a, many.map(b, [x, a, b])).size() > 0",
        "many.filter(a, many.filter(b, x == a).size() > 0).size() > 0",
        "many.exists_one(a, many.exists_one(b, x == a || x == b))",
        "many.all(a, text.matches('(a|b|c)*d$') || x == x)",
        "many.all(a, text.contains('zzzz') || x == x)",
        "many.all(a, many == many && x == x)",
        "many.all(a, x in many || true)",
        "many.all(a, (text + text).size() > 0 && x == x)",
    ],
)
def test_work_that_grows_faster_than_its_input_is_stopped(text: str) -> None:
    variables = Counted(many=MANY, text="ab" * 20_000, x="none")
    with pytest.raises(CostError, match=r"^operation cancelled: actual cost limit exceeded$"):
        LIMITED.compile(text).evaluate(variables)
    assert variables.reads < PER_CALL_LIMIT


def test_doubling_again_and_again_is_stopped() -> None:
    text = "a40.size()"
    for number in range(40, 0, -1):
        text = f"cel.bind(a{number}, a{number - 1} + a{number - 1}, {text})"
    for start in ("many", "text"):
        with pytest.raises(CostError):
            LIMITED.compile(f"cel.bind(a0, {start}, {text})").evaluate({"many": MANY, "text": "ab" * 50})


def test_no_operator_hides_that_the_limit_is_reached() -> None:
    endless = "many.all(a, many.all(b, a != x || b != x))"
    for text in (f"{endless} || true", f"true && ({endless} ? true : true)", f"[1].exists(i, {endless} || i == 1)"):
        with pytest.raises(CostError):
            LIMITED.compile(text).evaluate({"many": MANY, "x": 1})


def test_a_budget_is_shared_and_ends() -> None:
    program = LIMITED.compile("many.all(a, a.value >= 0.0)")
    budget = Budget(40_000)
    spent = []
    for _ in range(2):
        before = budget.remaining
        assert program.evaluate({"many": MANY}, budget) is True
        spent.append(before - budget.remaining)
    assert spent == [18_002, 18_002]  # per element: name, field, comparison and 3 for the loop; two at the end
    with pytest.raises(CostError):
        program.evaluate({"many": MANY}, budget)
    assert budget.remaining < 0


def test_variables_are_computed_when_read() -> None:
    class Lazy(dict[str, Any]):
        def __missing__(self, name: str) -> Any:
            raise EvaluationError(f"{name} cannot be computed")

    environment = Environment(variables={"a": DYN, "b": DYN})
    assert environment.compile("a == 1 || b == 1").evaluate(Lazy(a=1)) is True
    assert environment.compile("b == 1 || a == 1").evaluate(Lazy(a=1)) is True
    with pytest.raises(EvaluationError, match=r"^b cannot be computed$"):
        environment.compile("a == 1 && b == 1").evaluate(Lazy(a=1))
    with pytest.raises(EvaluationError, match=r"^no such attribute\(s\): b$"):
        environment.compile("b.c.d").evaluate({})


def test_a_variable_that_needs_itself_ends_in_an_error() -> None:
    environment = Environment(variables={"a": DYN})
    program = environment.compile("[a].map(x, x)[0]")

    class Looped(dict[str, Any]):
        def __missing__(self, name: str) -> Any:
            return program.evaluate(self)

    with pytest.raises(EvaluationError, match="recursion limit"):
        program.evaluate(Looped())


def test_a_mistake_in_a_variable_is_the_expressions_error() -> None:
    class Broken(dict[str, Any]):
        def __missing__(self, name: str) -> Any:
            return 1 // 0

    with pytest.raises(EvaluationError, match="internal error: ZeroDivisionError"):
        Environment(variables={"a": DYN}).compile("a").evaluate(Broken())


def test_nothing_that_comes_in_is_changed() -> None:
    kept = deepcopy(MANY)
    for text in ("many + many", "many.map(a, a).filter(a, true)", "{'a': many}.transformMap(k, v, v)", "many"):
        Environment([BINDINGS, *_two()], {"many": DYN}).compile(text).evaluate({"many": MANY, "x": 1})
    assert kept == MANY


def _two() -> list[Any]:
    from engine.cel.macros import TWO_VARIABLES

    return [TWO_VARIABLES]


def test_a_result_that_is_nested_too_deeply_is_no_json() -> None:
    nested: list[Any] = []
    for _ in range(5_000):
        nested = [nested]
    with pytest.raises(EvaluationError, match="nested too deeply"):
        to_json(nested)


def test_values_of_any_depth_are_compared_or_refused() -> None:
    nested, other = {"a": 1}, {"a": 1}
    for _ in range(5_000):
        nested, other = {"a": nested}, {"a": other}  # type: ignore[dict-item]
    environment = Environment(variables={"x": DYN, "y": DYN})
    with pytest.raises(EvaluationError, match="recursion limit exceeded"):
        environment.compile("x == y").evaluate({"x": nested, "y": other})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{'a': [1, 2u, 1.5, null, true, b'hi', 's']}", {"a": [1, 2, 1.5, None, True, "aGk=", "s"]}),
        ("[timestamp('2020-01-01T00:00:00Z'), duration('90s'), int, optional.of(1)]", _JSON_OF_TIMES),
        ("{1: 'a', 2u: 'b'}", {"1": "a", "2": "b"}),
        ("{true: 1}", {"true": 1}),
    ],
)
def test_results_as_json(value: str, expected: Any) -> None:
    assert to_json(LIMITED.compile(value).evaluate({})) == expected


def test_what_has_no_json() -> None:
    for text in ("optional.none()", "{1.5: 1}"):
        with pytest.raises(EvaluationError):
            to_json(LIMITED.compile(text).evaluate({}))


def test_of_many_mistakes_a_hundred_are_told() -> None:
    with pytest.raises(CompileError) as refusal:
        LIMITED.compile("#" * 90_000)
    assert len(refusal.value.issues) == 101
    assert str(refusal.value).endswith("\n1 more errors were truncated")
