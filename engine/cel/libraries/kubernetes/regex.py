"""Kubernetes' regular expressions (upstream: library/regex.go)."""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from engine.cel.checker import Checked
from engine.cel.costs import of_match
from engine.cel.errors import EvaluationError
from engine.cel.functions import Complaint, Library, function, member
from engine.cel.patterns import compiled
from engine.cel.syntax import Call, Literal
from engine.cel.types import INT, STRING, list_of
from engine.cel.values import Value
from engine.values import regexp


def _compiled(pattern: str) -> Any:
    try:
        return compiled(pattern)
    except EvaluationError as error:
        raise EvaluationError(f"Illegal regex: {error}") from None


def _find(text: str, pattern: str) -> str:
    found = _compiled(pattern).search(text)
    return str(found.group(0)) if found else ""


def _find_all(text: str, pattern: str, count: int = -1) -> list[Value]:
    found = regexp.find_all(_compiled(pattern), text)
    return [one.group(0) for one in (found if count < 0 else islice(found, count))]


def _check_literal(node: Call, _checked: Checked) -> None:
    """Refuse a literal expression that is none, as making a program of it upstream does (RegexOptimization)."""
    if len(node.arguments) > 0 and isinstance(node.arguments[0], Literal):
        try:
            compiled(node.arguments[0].value)
        except EvaluationError as error:
            raise Complaint(str(error)) from None


REGEX: Final = Library(
    "kubernetes.regex",
    functions=(
        function("find", member("string_find_string", (STRING, STRING), STRING, _find, of_match)),
        function(
            "findAll",
            member("string_find_all_string", (STRING, STRING), list_of(STRING), _find_all, of_match),
            member("string_find_all_string_int", (STRING, STRING, INT), list_of(STRING), _find_all, of_match),
        ),
    ),
    validators={"find": _check_literal, "findAll": _check_literal},
)
