"""What expressions cost, in the numbers of cel-go's own tracker (cel.CostTracking), over twenty numbers."""

from __future__ import annotations

import pytest

from engine.cel.environment import Budget, Environment
from engine.cel.macros import BINDINGS, TWO_VARIABLES
from engine.cel.types import DYN

VARIABLES = {"l": [1.0] * 20, "s": "x" * 500, "m": {"a": 1.0, "b": {"c": 1.0}}, "ll": [[1.0] * 20] * 2}
ENVIRONMENT = Environment([BINDINGS, TWO_VARIABLES], dict.fromkeys(VARIABLES, DYN))
COSTS = {
    "1": 0,
    "l": 1,
    "m.a": 2,
    "m.b.c": 3,
    "has(m.b)": 2,
    "l.all(x, x > 0.0)": 102,
    "l.exists(x, x > 5.0)": 122,
    "l.exists_one(x, x > 0.0)": 83,
    "l.exists_one(x, x > 5.0)": 43,
    "l.filter(x, x > 0.0)": 312,
    "l.filter(x, x > 5.0)": 52,
    "l.map(x, x)": 272,
    "l.map(x, x > 5.0, x)": 52,
    "l.map(x, x > 0.0, x)": 312,
    "l.all(x, l.all(y, x == y))": 2502,
    "ll.all(x, x.all(y, y > 0.0))": 212,
    "l.all(x, x > 0.0 && x < 5.0 && x != 3.0)": 182,
    "l.all(x, x < 0.0 || x > 0.0)": 142,
    "l.transformList(i, v, v)": 272,
    "m.transformMap(k, v, 1)": 38,
    "m.transformMapEntry(k, v, {k: 1})": 98,
    "[1, 2, 3]": 10,
    "{'a': 1}": 30,
    "s.contains('y')": 51,
    "s.startsWith('xx')": 2,
    "s.matches('x+y')": 52,
    "size(l)": 2,
    "l[0]": 2,
    "m['a']": 2,
    "m.?a.orValue(1)": 2,
    "string(1)": 1,
    "timestamp('2020-01-01T00:00:00Z')": 1,
    "true ? 1 : 2": 0,
    "!true": 1,
    "true && true": 0,
}


@pytest.mark.parametrize("text", COSTS)
def test_cost(text: str) -> None:
    budget = Budget(1_000_000)
    ENVIRONMENT.compile(text).evaluate(VARIABLES, budget)
    assert 1_000_000 - budget.remaining == COSTS[text]
