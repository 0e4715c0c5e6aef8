"""What calls of the libraries cost, as cel-go counted it with Kubernetes' estimator."""

from __future__ import annotations

import pytest

from engine.cel.environment import Budget, Environment
from engine.cel.libraries.bundles import KYVERNO_BASE
from engine.cel.types import DYN, STRING

TEXTS = {"s": "x" * 1000, "t": "a+" * 20, "u": "y" * 50}
COSTS = {
    "s.find(t)": 1012,
    "s.trim()": 101,
    "s.replace(t, u)": 203,
    "s.format([u])": 112,
    "regex.replace(s, 'x', u)": 50053,
    "regex.extractAll(s, 'x')": 1063,
    "lists.range(100).distinct()": 20122,
    "sets.equivalent(lists.range(50), lists.range(20))": 2093,
    "math.greatest(lists.range(50))": 112,
    "cidr('10.0.0.0/9').containsCIDR('10.1.1.0/24')": 6,
    "base64.decode(s)": 102,
    "format.dns1123Label().validate(s)": 810,
    "quantity(u).isInteger() || true": 7,
    "semver('1.2.3').compareTo(semver('1.2.4'))": 3,
}


@pytest.mark.parametrize("of", [STRING, DYN], ids=["settled", "by its values"])
@pytest.mark.parametrize("expression", COSTS)
def test_costs_what_it_costs_upstream(expression, of):
    program = Environment(KYVERNO_BASE, dict.fromkeys(TEXTS, of)).compile(expression)
    budget = Budget(1_000_000)
    program.evaluate(TEXTS, budget)
    assert 1_000_000 - budget.remaining == COSTS[expression]
