"""The operator in front of a string pattern, and ranges (upstream: pkg/engine/operator/operator.go)."""

from __future__ import annotations

from enum import StrEnum

from engine.regex import later


class Operator(StrEnum):
    """How a value is compared with the operand; the value is what is written in front of it."""

    EQUAL = ""
    MORE_EQUAL = ">="
    LESS_EQUAL = "<="
    NOT_EQUAL = "!"
    MORE = ">"
    LESS = "<"
    IN_RANGE = "-"
    NOT_IN_RANGE = "!-"


_PREFIXES = (Operator.MORE_EQUAL, Operator.LESS_EQUAL, Operator.MORE, Operator.LESS, Operator.NOT_EQUAL)
_BOUND = r"([-|+]?[0-9]+(?:\.[0-9]+)?[A-Za-z]*)"
_IN_RANGE = later(f"{_BOUND}-{_BOUND}")
_NOT_IN_RANGE = later(f"{_BOUND}!-{_BOUND}")


def parse(text: str) -> tuple[Operator, str, str]:
    """Operator, operand, and for ranges the upper bound; one character alone is never an operator."""
    if len(text) < 2:
        return Operator.EQUAL, text, ""
    for prefix in _PREFIXES:
        if text.startswith(prefix):
            return prefix, text[len(prefix) :], ""
    if text.isascii():
        if matched := _NOT_IN_RANGE.fullmatch(text):
            return Operator.NOT_IN_RANGE, matched.group(1), matched.group(2)
        if matched := _IN_RANGE.fullmatch(text):
            return Operator.IN_RANGE, matched.group(1), matched.group(2)
    return Operator.EQUAL, text, ""
