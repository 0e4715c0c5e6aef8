"""Conditions: what each must have, and its operator (upstream: validateConditions in validate.go)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.model import Path, Value
from engine.schema import type_name

_OPERATIONS = frozenset({"CREATE", "UPDATE", "DELETE", "CONNECT"})
_ALLOWED = "Only the following values are allowed: [CREATE, UPDATE, DELETE, CONNECT]"
_ORDERS = ("GreaterThanOrEquals", "GreaterThan", "LessThanOrEquals", "LessThan")
OPERATORS = (
    *("Equal", "Equals", "NotEqual", "NotEquals", "In", "AnyIn", "AllIn", "NotIn", "AnyNotIn", "AllNotIn"),
    *_ORDERS,
    *(f"Duration{order}" for order in _ORDERS),
)


class Refusal(NamedTuple):
    """``where`` is the reference's name of the place, ``path`` the place below the block."""

    where: str
    text: str
    path: Path


def complete(block: Value, name: str) -> Iterator[Refusal]:
    """Conditions without key, value or operator, and operations that do not exist."""
    for where, path, condition in _conditions(block, name):
        refusal = _values(condition)
        if refusal:
            yield Refusal(f"{where}.{refusal[0]}", refusal[1], path)
            return


def known_operators(block: Value, name: str) -> Iterator[Refusal]:
    """Operators that do not exist; upstream takes their letters literally here."""
    for where, path, condition in _conditions(block, name):
        if condition.get("operator", "") not in OPERATORS:
            listed = " ".join(f'"{operator}"' for operator in OPERATORS)
            text = f"entered value of `operator` is invalid. valid values: [{listed}]"
            yield Refusal(f"{where.replace('.all[', '.any[')}.", text, (*path, "operator"))
            return


def _conditions(block: Value, name: str) -> Iterator[tuple[str, Path, dict[str, Value]]]:
    if type(block) is list:
        for index, condition in enumerate(block):
            yield f"{name}[{index}]", (index,), condition
    elif type(block) is dict:
        for part in ("any", "all"):
            for index, condition in enumerate(block.get(part) or ()):
                yield f"{name}.{part}[{index}]", (part, index), condition


def _values(condition: dict[str, Value]) -> tuple[str, str] | None:
    key, value = condition.get("key"), condition.get("value")
    if key is None or value is None or not condition.get("operator"):
        return "", "entered value of `key`, `value` or `operator` is missing or misspelled"
    if type(key) is not str or key.replace(" ", "") != "{{request.operation}}":
        return None
    match value:
        case str():
            return _operation(value)
        case list():
            for index, item in enumerate(value):
                if type(item) is not str:
                    text = f"'value[{index}]' found to be of the type {type_name(item)}. "
                    return f"value[{index}]", text + "The provided values are expected to be strings"
                if item not in _OPERATIONS:
                    return f"value[{index}]", f"unknown value '{item}' found under the 'value' field. {_ALLOWED}"
            return None
    text = f"'value' field found to be of the type {type_name(value)}. The provided value/values are expected to be "
    return "value", text + "either in the form of a string or list"


def _operation(value: str) -> tuple[str, str] | None:
    if value in _OPERATIONS or (len(value) >= 4 and value.startswith("{{") and value.endswith("}}")):
        return None
    return f"value: {value}", f"unknown value '{value}' found under the 'value' field. {_ALLOWED}"
