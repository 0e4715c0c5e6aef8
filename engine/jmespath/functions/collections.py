"""Kyverno's functions on lists and objects."""

from __future__ import annotations

from functools import partial

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation
from engine.jmespath.functions.text import of_scalar
from engine.jmespath.signatures import Table, function
from engine.model import Value
from engine.values import golang

TABLE: Table = {}
_function = partial(function, TABLE)


@_function("lookup", "object|array", "string|number", result="any")
def lookup(_evaluation: Evaluation, subject: dict[str, Value] | list[Value], key: str | float) -> Value:
    """gives the value at a key of an object or an index of an array; null where there is none"""
    if isinstance(subject, dict):
        if not isinstance(key, str):
            raise QueryError("JMESPath function 'lookup': argument #2 is not of type String")
        return subject.get(key)
    if not isinstance(key, float):
        raise QueryError("JMESPath function 'lookup': argument #2 is not of type Number")
    index = _int(key)
    return subject[index] if 0 <= index < len(subject) else None


def _int(number: float) -> int:
    """A whole number of int's range (utils.go, intNumber)."""
    if number != number or number in (float("inf"), float("-inf")) or number != int(number):
        shown = golang.float_text(number, "g")
        raise QueryError(f"JMESPath function 'lookup': argument #2: expected an integer number but got: {shown}")
    if not -(2.0**63) <= number < 2.0**63:
        shown = golang.float_text(number, "g")
        message = f"number is outside the range of integer numbers: {shown}"
        raise QueryError(f"JMESPath function 'lookup': argument #2: {message}")
    return int(number)


@_function("items", "object|array", "string", "string", result="array")
def items(evaluation: Evaluation, subject: dict[str, Value] | list[Value], key: str, value: str) -> list[Value]:
    """makes an array of objects with a key (or index) and a value each, under the two given names"""
    evaluation.spend(len(subject))
    if isinstance(subject, dict):
        return [{key: name, value: subject[name]} for name in sorted(subject)]
    return [{key: float(index), value: item} for index, item in enumerate(subject)]


@_function("object_from_lists", "array", "array", result="object")
def object_from_lists(_evaluation: Evaluation, keys: list[Value], values: list[Value]) -> dict[str, Value]:
    """makes an object of an array of keys and an array of values; null where values run out"""
    built: dict[str, Value] = {}
    for position, key in enumerate(keys):
        try:
            name = of_scalar(key)
        except QueryError:
            raise QueryError("JMESPath function 'object_from_lists': argument #1 is not of type StringArray") from None
        built[name] = values[position] if position < len(values) else None
    return built
