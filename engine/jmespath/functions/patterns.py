"""Kyverno's functions that match: regular expressions (RE2), wildcards, labels."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation, check_text, deep_equal
from engine.jmespath.functions.text import of_scalar
from engine.jmespath.signatures import Table, function
from engine.model import Value
from engine.values import regexp, wildcard

TABLE: Table = {}
_function = partial(function, TABLE)

_MATCH_STEPS: Final = 20
"""What finding one more match costs, measured in elements visited."""
_REFERENCE: Final = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")


@_function("regex_match", "string", "string|number", result="bool")
def regex_match(_evaluation: Evaluation, regex: str, subject: str | float) -> bool:
    """tells whether a regular expression matches anywhere in a string or number"""
    return _compiled(regex).search(of_scalar(subject)) is not None


@_function("regex_replace_all", "string", "string|number", "string|number", result="string")
def regex_replace_all(evaluation: Evaluation, regex: str, subject: str | float, new: str | float) -> str:
    """replaces what a regular expression matches; $1 and ${name} stand for its groups"""
    pattern = _named("regex_replace_all", regex)
    template = _template(of_scalar(new), pattern)
    return _replaced(evaluation, pattern, of_scalar(subject), template)


@_function("regex_replace_all_literal", "string", "string|number", "string|number", result="string")
def regex_replace_all_literal(evaluation: Evaluation, regex: str, subject: str | float, new: str | float) -> str:
    """replaces what a regular expression matches by a string that is taken as it is"""
    return _replaced(evaluation, _named("regex_replace_all_literal", regex), of_scalar(subject), [of_scalar(new)])


@_function("pattern_match", "string", "string|number", result="bool")
def pattern_match(_evaluation: Evaluation, pattern: str, subject: str | float) -> bool:
    """tells whether a string or number matches a pattern with * and ?"""
    return wildcard.match(pattern, of_scalar(subject))


@_function("label_match", "object", "object", result="bool")
def label_match(evaluation: Evaluation, wanted: dict[str, Value], labels: dict[str, Value]) -> bool:
    """tells whether every pair of the first object is in the second"""
    return all(key in labels and deep_equal(labels[key], value, evaluation) for key, value in wanted.items())


def _compiled(regex: str) -> Any:
    try:
        return regexp.compile(regex)
    except ValueError as error:
        raise QueryError(str(error)) from None


def _named(name: str, regex: str) -> Any:
    try:
        return _compiled(regex)
    except QueryError as error:
        raise QueryError(f"JMESPath function '{name}': {error}") from None


def _template(new: str, pattern: Any) -> list[str | int]:
    """Go's Regexp.Expand: ``$name`` takes the longest name, an unknown group is empty, ``$$`` is ``$``."""
    parts: list[str | int] = []
    end = 0
    for found in _REFERENCE.finditer(new):
        parts.append(new[end : found.start()])
        end = found.end()
        group = found[1] or found[2]
        if group is None:
            parts.append("$")
        elif group.isascii() and group.isdigit():
            parts.append(int(group) if len(group) < 9 else pattern.groups + 1)
        else:
            parts.append(pattern.groupindex.get(group, pattern.groups + 1))
    parts.append(new[end:])
    return [part for part in parts if part != "" and (isinstance(part, str) or part <= pattern.groups)]


def _replaced(evaluation: Evaluation, pattern: Any, subject: str, template: list[str | int]) -> str:
    """Go's ReplaceAll."""
    built: list[str] = []
    length = end = 0
    for found in regexp.find_all(pattern, subject):
        evaluation.spend(_MATCH_STEPS)
        start, stop = found.span()
        built.append(subject[end:start])
        for part in template:
            piece = part if isinstance(part, str) else found.group(part) or ""
            built.append(piece)
            length += len(piece)
        check_text(length)
        end = stop
    built.append(subject[end:])
    return "".join(built)
