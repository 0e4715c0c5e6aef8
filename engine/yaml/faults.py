"""What can be wrong with a document's text, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Protocol

from engine.errors import EngineError

SYNTAX = "yaml-syntax"
DUPLICATE_KEY = "duplicate-key"
TOO_DEEP = "too-deep"
ALIAS_BOMB = "alias-bomb"


class Fault(EngineError):
    """A document that cannot be read: ``code`` of the problem, ``where`` (line and column from 0) within its text."""

    def __init__(self, code: str, message: str, where: tuple[int, int], advice: str) -> None:
        super().__init__(message)
        self.code, self.where, self.advice = code, where, advice


class Mark(Protocol):
    """A place in libyaml's terms."""

    index: int
    line: int
    column: int


_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")


def placer(text: str) -> Callable[[Mark], tuple[int, int]]:
    """Mark -> line and column from 0; only ``\\n`` ends a line, while YAML also knows ``\\r``, NEL, LS and PS."""
    if _OTHER_BREAKS.search(text) is None:
        return attrgetter("line", "column")

    def place(mark: Mark) -> tuple[int, int]:
        before = text[: mark.index]
        return before.count("\n"), len(before) - before.rfind("\n") - 1

    return place


_ADVICE = (
    ("tab", "Indent with spaces; YAML forbids tabs there."),
    ("cannot start any token", "Indent with spaces, and quote a text that begins with @, ` or %."),
    ("mapping values are not allowed", "Put the text in quotes, or correct the indentation."),
    ("could not find expected ':'", "Put a colon and a space after the key, or indent the text further."),
    ("block mapping", "Correct the indentation: keys of one mapping begin in the same column."),
    ("block collection", "Correct the indentation: entries of one list begin in the same column."),
    ("document start", "Indent these lines like the ones before; what follows here is not judged."),
    ("flow", "Close the bracket or brace, and put commas between the entries."),
    ("quoted scalar", "Close the quotes."),
    ("anchor", "Define the anchor with & before the alias that uses it."),
    ("escape", "Use single quotes where a backslash stands for itself."),
)


def syntax_advice(message: str) -> str:
    """What to do about a message of the YAML parser."""
    return next((advice for sign, advice in _ADVICE if sign in message), "Correct the YAML at this place.")
