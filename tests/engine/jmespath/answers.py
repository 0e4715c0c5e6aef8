"""What the tests of expressions share: a runtime with a fixed clock, and questions asked of JSON values."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from engine import jmespath
from engine.jmespath import Runtime
from engine.model import Value

_CHANCE = random.Random(7)
RUNTIME = Runtime(clock=lambda: datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), random=lambda: _CHANCE)


def floats(value: Value) -> Value:
    """The value with float64 for every number, as resources are loaded."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, dict):
        return {key: floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [floats(item) for item in value]
    return value


def ask(expression: str, value: Value = None) -> Value:
    """The answer to an expression."""
    return jmespath.compile(expression)(value, RUNTIME)
