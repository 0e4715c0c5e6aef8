"""One value against one scalar pattern (upstream: pkg/engine/pattern/pattern.go), compiled.

Lists and maps in a pattern are accepted as upstream accepts them here: a map asks for a map, a list matches nothing.
"""

from __future__ import annotations

import operator as order
import sys
from collections.abc import Callable
from functools import lru_cache

from engine.errors import LimitError
from engine.model import Value
from engine.pattern.operators import Operator
from engine.pattern.operators import parse as parse_operator
from engine.values import duration, golang, quantity, wildcard
from engine.values.quantity import Quantity

Test = Callable[[Value], bool]

_MOST_STEPS = 20_000_000
"""Wildcards of a pattern with alternatives times characters of a text."""

_ORDER: dict[Operator, Callable[[int, int], bool]] = {
    Operator.EQUAL: order.eq,
    Operator.NOT_EQUAL: order.ne,
    Operator.MORE: order.gt,
    Operator.LESS: order.lt,
    Operator.MORE_EQUAL: order.ge,
    Operator.LESS_EQUAL: order.le,
}


def matches_scalar(value: Value, pattern: Value) -> bool:
    """Whether the value satisfies the pattern; a list as value is one value and matches no scalar."""
    return compile(pattern)(value)


def compile(pattern: Value) -> Test:
    """The pattern as a predicate over one value that is not looked into."""
    if isinstance(pattern, str):
        return _text(pattern)
    if isinstance(pattern, bool):
        return lambda value: value is pattern
    if isinstance(pattern, int):
        return lambda value: _is_int(value, pattern)
    if isinstance(pattern, float):
        return lambda value: _is_float(value, pattern)
    if pattern is None:
        return _is_empty
    if isinstance(pattern, dict):
        return lambda value: isinstance(value, dict)
    return lambda value: False


def _is_int(value: Value, pattern: int) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return value == pattern
    if isinstance(value, float):
        return value.is_integer() and golang.to_int64(value) == pattern
    return isinstance(value, str) and golang.parse_int(value) == pattern


def _is_float(value: Value, pattern: float) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, float):
        return value == pattern
    if isinstance(value, int):
        return pattern.is_integer() and golang.to_int64(pattern) == value
    return isinstance(value, str) and golang.parse_float(value) == pattern


def _is_empty(value: Value) -> bool:
    return not value and not isinstance(value, (dict, list))


@lru_cache(maxsize=4096)
def _text(pattern: str) -> Test:
    """A string: alternatives of ``|``, each of parts of ``&``; the pattern's own text always matches."""
    alternatives = [
        _all([_condition(part.strip(" ")) for part in one.strip(" ").split("&")]) for one in pattern.split("|")
    ]
    if len(alternatives) == 1:
        (test,) = alternatives
        return test if _matches_itself(pattern) else lambda value: value == pattern or test(value)
    tests = tuple(alternatives)
    searching = sum("*" in one for one in pattern.split("|"))
    longest = _MOST_STEPS // searching if searching else sys.maxsize

    def any_of(value: Value) -> bool:
        if isinstance(value, str) and len(value) > longest:
            raise LimitError(f"a pattern of {searching} wildcards against {len(value)} characters is too much work")
        return value == pattern or any(test(value) for test in tests)

    return any_of


def _matches_itself(pattern: str) -> bool:
    """A plain wildcard or literal: its own text needs no comparison of its own."""
    kind, operand, _ = parse_operator(pattern)
    return kind is Operator.EQUAL and golang.trim_space(operand) == pattern and "&" not in pattern


def _all(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda value: all(test(value) for test in tests)


def _condition(text: str) -> Test:
    kind, operand, upper = parse_operator(text)
    if kind is Operator.IN_RANGE:
        low, high = _compare(Operator.MORE_EQUAL, operand), _compare(Operator.LESS_EQUAL, upper)
        return lambda value: low(value) and high(value)
    if kind is Operator.NOT_IN_RANGE:
        low, high = _compare(Operator.LESS, operand), _compare(Operator.MORE, upper)
        return lambda value: low(value) or high(value)
    return _compare(kind, golang.trim_space(operand))


def _compare(kind: Operator, operand: str) -> Test:
    """Duration first, then quantity, then wildcard: the first that both sides can be read as decides."""
    span, amount = duration.try_parse(operand), quantity.try_parse(operand)
    text = _glob(operand) if kind is Operator.EQUAL else _not(_glob(operand)) if kind is Operator.NOT_EQUAL else None
    if span is None and amount is None:
        return text or (lambda value: False)
    return _measure(_ORDER[kind], span, amount, text)


def _measure(holds: Callable[[int, int], bool], span: int | None, amount: Quantity | None, text: Test | None) -> Test:
    def test(value: Value) -> bool:
        written = _number(value)
        if written is not None:
            if span is not None and (mine := duration.try_parse(written)) is not None:
                return holds(mine, span)
            if amount is not None and (size := quantity.try_parse(written)) is not None:
                return holds(size.compare(amount), 0)
        return text is not None and text(value)

    return test


def _number(value: Value) -> str | None:
    """The text that is read as a duration or quantity; nothing counts as 0 (upstream: convertNumberToString)."""
    if isinstance(value, str):
        return value
    if value is None:
        return "0"
    if isinstance(value, float):
        return f"{value:f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def _glob(pattern: str) -> Test:
    """A wildcard against the text of a scalar (upstream: compareString)."""
    matches = wildcard.compile(pattern)

    def test(value: Value) -> bool:
        if isinstance(value, str):
            return matches(value)
        text = _scalar_text(value)
        return text is not None and matches(text)

    return test


def _not(test: Test) -> Test:
    def negated(value: Value) -> bool:
        return value is not None and not isinstance(value, (dict, list)) and not test(value)

    return negated


def _scalar_text(value: Value) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return golang.float_text(value, "E")
    return str(value) if isinstance(value, int) else None
