"""cel-go's strings (ext/strings.go), as of version 2, and as of 4."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from engine.cel.costs import by_size, traversal
from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, free, function, member
from engine.cel.libraries.costs import check_text, of_first, visiting
from engine.cel.libraries.extensions.format_check import check_format
from engine.cel.libraries.extensions.formatting import format
from engine.cel.libraries.extensions.formatting_later import format as later_format
from engine.cel.types import DYN, INT, STRING, list_of
from engine.cel.values import Value
from engine.values import golang

_ESCAPES: Final = str.maketrans(
    {
        "\a": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\v": "\\v",
        "\\": "\\\\",
        '"': '\\"',
    }
)
_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER: Final = {lower: upper for upper, lower in _LOWER.items()}


def _out_of_range(index: int) -> EvaluationError:
    return EvaluationError(f"index out of range: {index}")


def _char_at(text: str, index: int) -> str:
    if not 0 <= index <= len(text):
        raise _out_of_range(index)
    return text[index : index + 1]


def _index_of(text: str, wanted: str, offset: int = 0) -> int:
    if offset < 0:
        raise _out_of_range(offset)
    if not wanted:
        return min(offset, len(text))
    return text.find(wanted, offset)


def _last_index_of(text: str, wanted: str) -> int:
    return text.rfind(wanted)


def _last_index_of_from(text: str, wanted: str, offset: int) -> int:
    if offset < 0:
        raise _out_of_range(offset)
    if not wanted:
        return min(offset, len(text))
    if offset >= len(text):
        return -1
    return text.rfind(wanted, 0, offset + len(wanted))


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    if len(new) > len(old):
        times = text.count(old)
        times = times if count < 0 else min(times, count)
        check_text(len(text) + times * (len(new) - len(old)))
    return text.replace(old, new, count)


def _split(text: str, separator: str, count: int = -1) -> list[str]:
    if count == 0:
        return []
    if not separator:
        return list(text) if count < 0 else [*text[: count - 1], *filter(None, [text[count - 1 :]])]
    return text.split(separator, count - 1 if count > 0 else -1)


def _substring(text: str, start: int) -> str:
    if not 0 <= start <= len(text):
        raise _out_of_range(start)
    return text[start:]


def _substring_range(text: str, start: int, end: int) -> str:
    if start > end:
        raise EvaluationError(f"invalid substring range. start: {start}, end: {end}")
    for index in (start, end):
        if not 0 <= index <= len(text):
            raise _out_of_range(index)
    return text[start:end]


def _join(texts: list[Value], separator: str = "") -> str:
    for text in texts:
        if not isinstance(text, str):
            raise EvaluationError(f"join: invalid input: {golang.sprint(text)}")
    check_text(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _joined(texts: list[Value], separator: str = "") -> int:
    length = sum(len(text) for text in texts if isinstance(text, str)) + len(separator) * max(len(texts) - 1, 0)
    return traversal(2 * length)


def _quote(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _lower(text: str) -> str:
    return text.translate(_LOWER)


def _upper(text: str) -> str:
    return text.translate(_UPPER)


def _reverse(text: str) -> str:
    return text[::-1]


_TEXTS: Final = list_of(STRING)

_REBUILD: Final = of_first(2)

STRINGS: Final = Library(
    "cel.lib.ext.strings",
    functions=(
        function("charAt", member("string_char_at_int", (STRING, INT), STRING, _char_at)),
        function(
            "indexOf",
            member("string_index_of_string", (STRING, STRING), INT, _index_of, visiting),
            member("string_index_of_string_int", (STRING, STRING, INT), INT, _index_of, visiting),
        ),
        function(
            "lastIndexOf",
            member("string_last_index_of_string", (STRING, STRING), INT, _last_index_of, visiting),
            member("string_last_index_of_string_int", (STRING, STRING, INT), INT, _last_index_of_from, visiting),
        ),
        function("lowerAscii", member("string_lower_ascii", (STRING,), STRING, _lower, by_size)),
        function(
            "replace",
            member("string_replace_string_string", (STRING, STRING, STRING), STRING, _replace, _REBUILD),
            member("string_replace_string_string_int", (STRING, STRING, STRING, INT), STRING, _replace, _REBUILD),
        ),
        function(
            "split",
            member("string_split_string", (STRING, STRING), _TEXTS, _split, _REBUILD),
            member("string_split_string_int", (STRING, STRING, INT), _TEXTS, _split, _REBUILD),
        ),
        function(
            "substring",
            member("string_substring_int", (STRING, INT), STRING, _substring, by_size),
            member("string_substring_int_int", (STRING, INT, INT), STRING, _substring_range, by_size),
        ),
        function("trim", member("string_trim", (STRING,), STRING, golang.trim_space, by_size)),
        function("upperAscii", member("string_upper_ascii", (STRING,), STRING, _upper, by_size)),
        function("format", member("string_format", (STRING, list_of(DYN)), STRING, format, by_size)),
        function("strings.quote", free("strings_quote", (STRING,), STRING, _quote, by_size)),
        function(
            "join",
            member("list_join", (_TEXTS,), STRING, _join, _joined),
            member("list_join_string", (_TEXTS, STRING), STRING, _join, _joined),
        ),
    ),
    validators={"format": check_format},
)
"""Version 2, which Kubernetes and Kyverno use."""

LATEST: Final = replace(
    STRINGS,
    functions=(
        *(one for one in STRINGS.functions if one.name != "format"),
        function("format", member("string_format", (STRING, list_of(DYN)), STRING, later_format, by_size)),
        function("reverse", member("string_reverse", (STRING,), STRING, _reverse, by_size)),
    ),
    validators={},
)
"""Version 4, which the specification describes."""
