"""Regular expressions of others, as Go's regexp package matches them: RE2, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

_MAX_MEMORY: Final = 8 << 20
"""Bytes that one compiled expression may take."""


@lru_cache(maxsize=1024)
def compile(text: str) -> Any:
    """The compiled expression, which searches as Python's do; ValueError with the text of Go's regexp.Compile."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        if _ANY_BYTE in text and _has_any_byte(text):
            raise ValueError(f"error parsing regexp: invalid escape sequence: `{_ANY_BYTE}`")
        return re2.compile(text, options)
    except re2.error as error:
        raise ValueError(_explained(text, error)) from None


def find_all(pattern: Any, text: str) -> Iterator[Any]:
    """The matches that Go's FindAll gives: an empty one right after a match does not count."""
    previous = -1
    for found in pattern.finditer(text):
        start, end = found.span()
        if start == end == previous:
            continue
        previous = end
        yield found


_ANY_BYTE: Final = "\\C"
"""RE2 lets an expression take UTF-8 apart, Go does not."""


def _has_any_byte(text: str) -> bool:
    """Whether the escape stands there as one, not after another backslash."""
    return _ANY_BYTE in text.replace("\\\\", "")


def _explained(regex: str, error: Exception) -> str:
    """RE2's complaint in the words of Go's regexp package, which differ in little."""
    raw = error.args[0] if error.args else ""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    reason, _, part = text.partition(": ")
    reason = _GO_REASONS.get(reason, reason)
    if reason in _WHOLE:
        part = regex
    return f"error parsing regexp: {reason}: `{part}`"


_GO_REASONS: Final = {
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "unexpected )": "unexpected )",
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "invalid repetition size": "invalid repeat count",
    "invalid named capture group": "invalid named capture",
    "trailing \\ at end of regexp": "trailing backslash at end of expression",
    "trailing \\": "trailing backslash at end of expression",
}
_WHOLE: Final = frozenset({"missing closing )", "unexpected )"})
