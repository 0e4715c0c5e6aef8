"""JMESPath's functions on texts, lists and objects (functions.go of Kyverno's fork)."""

from __future__ import annotations

from functools import partial

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation, ExpRef, Missing, check_nodes, check_text
from engine.jmespath.signatures import Table, function
from engine.model import Value
from engine.values import golang

TABLE: Table = {}
_function = partial(function, TABLE)


@_function("length", "string|array|object", result="number")
def length(_evaluation: Evaluation, subject: str | list[Value] | dict[str, Value]) -> float:
    """counts the characters of a string, the elements of an array or the keys of an object"""
    return float(len(subject))


@_function("starts_with", "string", "string", result="bool")
def starts_with(_evaluation: Evaluation, subject: str, prefix: str) -> bool:
    """tells whether the first string begins with the second"""
    return subject.startswith(prefix)


@_function("ends_with", "string", "string", result="bool")
def ends_with(_evaluation: Evaluation, subject: str, suffix: str) -> bool:
    """tells whether the first string ends with the second"""
    return subject.endswith(suffix)


@_function("contains", "array|string", "any", result="bool")
def contains(_evaluation: Evaluation, subject: str | list[Value], element: Value) -> bool:
    """tells whether a string has a substring, or an array an element"""
    if isinstance(subject, str):
        return isinstance(element, str) and element in subject
    kind = type(element)
    if kind is dict or kind is list:
        return _refuse_comparison(subject, kind)
    return any(type(item) is kind and item == element for item in subject)


def _refuse_comparison(subject: list[Value], kind: type) -> bool:
    """Go's ``==`` panics on two maps or two slices; other types just differ."""
    if not any(type(item) is kind for item in subject):
        return False
    name = "map[string]interface {}" if kind is dict else "[]interface {}"
    raise QueryError(f"runtime error: comparing uncomparable type {name}")


@_function("join", "string", "array[string]", result="string")
def join(_evaluation: Evaluation, separator: str, parts: list[str]) -> str:
    """joins the strings of an array with a separator between them"""
    check_text(sum(map(len, parts)) + len(separator) * len(parts))
    return separator.join(parts)


@_function("reverse", "array|string", result="array|string")
def reverse(_evaluation: Evaluation, subject: str | list[Value]) -> str | list[Value]:
    """reverses a string or an array"""
    return subject[::-1]


@_function("keys", "object", result="array[string]")
def keys(_evaluation: Evaluation, subject: dict[str, Value]) -> list[str]:
    """lists the keys of an object, in its own order (the reference's order is random)"""
    return list(subject)


@_function("values", "object", result="array")
def values(_evaluation: Evaluation, subject: dict[str, Value]) -> list[Value]:
    """lists the values of an object, in its own order (the reference's order is random)"""
    return list(subject.values())


@_function("merge", "object...", result="object")
def merge(_evaluation: Evaluation, *objects: Value) -> dict[str, Value]:
    """merges objects, later ones over earlier ones"""
    merged: dict[str, Value] = {}
    for item in objects:
        if not isinstance(item, dict):
            kind = "nil" if item is None else golang.type_name(item)
            raise QueryError(f"interface conversion: interface {{}} is {kind}, not map[string]interface {{}}")
        merged.update(item)
    return merged


@_function("map", "expref", "array", result="array")
def map_(evaluation: Evaluation, expression: ExpRef, subject: list[Value]) -> list[Value]:
    """applies an expression to every element of an array"""
    answers = [expression.step(item, evaluation) for item in subject]
    return [None if isinstance(answer, Missing) else answer for answer in answers]


@_function("not_null", "any...", result="any")
def not_null(_evaluation: Evaluation, *candidates: Value) -> Value:
    """gives the first argument that is not null"""
    return next((candidate for candidate in candidates if candidate is not None), None)


@_function("type", "any", result="string")
def type_(_evaluation: Evaluation, subject: Value) -> str:
    """names the type of a value"""
    match subject:
        case None:
            return "null"
        case bool():
            return "boolean"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
    raise QueryError("unknown type")  # a Go int is none of JMESPath's types


@_function("to_array", "any", result="array")
def to_array(_evaluation: Evaluation, subject: Value) -> list[Value]:
    """wraps what is no array in an array"""
    return subject if isinstance(subject, list) else [subject]


@_function("to_string", "any", result="string")
def to_string(evaluation: Evaluation, subject: Value) -> str:
    """gives a string as it is and anything else as JSON"""
    if isinstance(subject, str):
        return subject
    check_nodes(subject, evaluation)
    try:
        return golang.marshal(subject)
    except ValueError as error:
        raise QueryError(str(error)) from error


@_function("to_number", "any", result="number")
def to_number(_evaluation: Evaluation, subject: Value) -> float | None:
    """reads a number from a string; null for what is none"""
    if type(subject) is int:
        raise QueryError("unknown type")
    if isinstance(subject, str):
        return golang.parse_float(subject)
    return subject if isinstance(subject, float) else None
