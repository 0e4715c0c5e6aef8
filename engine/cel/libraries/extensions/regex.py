"""cel-go's regular expressions as of version 1 (ext/regex.go)."""

from __future__ import annotations

from math import ceil
from typing import Any, Final

from msgspec.structs import replace

from engine.cel.costs import LIST, size
from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, Overload, free, function
from engine.cel.libraries.costs import check_text
from engine.cel.patterns import compiled
from engine.cel.types import INT, STRING, list_of, optional_of
from engine.cel.values import NONE, Optional, Value
from engine.values import golang, regexp


def _single(pattern: str) -> Any:
    """A pattern that captures one group at most."""
    expression = compiled(pattern)
    if expression.groups > 1:
        raise EvaluationError(f"regular expression has more than one capturing group: {golang.quote(pattern)}")
    return expression


def _extract(text: str, pattern: str) -> Optional:
    expression = _single(pattern)
    found = expression.search(text)
    if found is None:
        return NONE
    if not expression.groups:
        return Optional(found.group(0))
    captured = found.group(1)
    return Optional(captured) if captured else NONE


def _extract_all(text: str, pattern: str) -> list[Value]:
    expression = _single(pattern)
    if not expression.groups:
        return [found.group(0) for found in regexp.find_all(expression, text)]
    return [found.group(1) for found in regexp.find_all(expression, text) if found.group(1)]


def _replace(text: str, pattern: str, new: str, count: int = -1) -> str:
    """At most so many matches, all if negative; ``\\1`` in the new text stands for a group."""
    if count == 0:
        return text
    expression = compiled(pattern)
    built: list[str] = []
    end = length = 0
    for found in regexp.find_all(expression, text):
        if count == 0:
            break
        count -= 1
        piece = _filled(new, found, expression.groups)
        length += len(piece)
        check_text(length)
        start, stop = found.span()
        built += (text[end:start], piece)
        end = stop
    return "".join(built) + text[end:]


def _filled(new: str, found: Any, groups: int) -> str:
    parts: list[str] = []
    at = 0
    while (slash := new.find("\\", at)) >= 0:
        parts += (new[at:slash], _escape(new, slash + 1, found, groups))
        at = slash + 2
    return "".join(parts) + new[at:]


def _escape(new: str, at: int, found: Any, groups: int) -> str:
    """What a backslash and the character at a place stand for."""
    char = new[at : at + 1]
    if char == "\\":
        return char
    if not char:
        raise EvaluationError(f"invalid replacement string: '{new}' \\ not allowed at end")
    if not "0" <= char <= "9":
        raise EvaluationError(f"invalid replacement string: '{new}' \\ must be followed by a digit or \\")
    group = int(char)
    if group > groups:
        raise EvaluationError(f"replacement string references group {group} but regex has only {groups} group(s)")
    return found.group(group) or ""


def _searched(text: str, pattern: str) -> float:
    return 1 + (len(text) + 1) * 0.1 * ((len(pattern) + 1) * 0.25)


def _extracted(text: str, pattern: str, found: Optional) -> int:
    return ceil(_searched(text, pattern) + size(found))


def _all_extracted(text: str, pattern: str, found: list[Value]) -> int:
    return ceil(_searched(text, pattern) + len(found) + LIST)


def _replaced(text: str, pattern: str, *rest: Value) -> int:
    return int(_searched(text, pattern) + len(rest[-1]))


def _measured(overload: Overload) -> Overload:
    """An overload whose cost counts what is found."""
    return replace(overload, paid_after=True)


REGEX: Final = Library(
    "cel.lib.ext.regex",
    functions=(
        function(
            "regex.extract",
            _measured(free("regex_extract_string_string", (STRING, STRING), optional_of(STRING), _extract, _extracted)),
        ),
        function(
            "regex.extractAll",
            _measured(
                free("regex_extractAll_string_string", (STRING, STRING), list_of(STRING), _extract_all, _all_extracted)
            ),
        ),
        function(
            "regex.replace",
            _measured(
                free("regex_replace_string_string_string", (STRING, STRING, STRING), STRING, _replace, _replaced)
            ),
            _measured(
                free(
                    "regex_replace_string_string_string_int", (STRING, STRING, STRING, INT), STRING, _replace, _replaced
                )
            ),
        ),
    ),
)
