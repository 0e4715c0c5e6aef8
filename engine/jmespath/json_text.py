"""JSON as Go's encoding/json reads it into ``any``: every number a float64, and its error texts."""

from __future__ import annotations

import json
import re
from typing import Final, NoReturn

from engine.errors import LimitError, QueryError
from engine.model import Value
from engine.regex import later

MAX_DEPTH: Final = 200
"""Nesting of a document that an expression parses; Go refuses 10,000, our walks are recursive."""

_SPACE: Final = re.compile(rb"[ \t\n\r]*")
_SURROGATE: Final = later("[\ud800-\udfff]")
_ESCAPED_SURROGATE: Final = later(r"\\u[dD][89a-fA-F]")


def parse(text: str) -> Value:
    """The value of a JSON text; raises QueryError with Go's text, LimitError beyond MAX_DEPTH."""
    try:
        value = json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_constant)
    except RecursionError:
        _too_deep()
    except ValueError:
        raise QueryError(explain(text)) from None
    if text.count("[") + text.count("{") > MAX_DEPTH:
        check_depth(value)
    return _scrub(value) if _ESCAPED_SURROGATE.search(text) else value


def check_depth(value: Value) -> None:
    """Raise LimitError if the value nests deeper than MAX_DEPTH."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    _too_deep()


def _too_deep() -> NoReturn:
    raise LimitError(f"the parsed text nests deeper than {MAX_DEPTH} levels")


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise QueryError(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


def _constant(text: str) -> NoReturn:
    raise ValueError(text)


def _scrub(value: Value) -> Value:
    """Replace lone surrogates by U+FFFD, as Go's decoder does."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_scrub(item) for item in value]
    if isinstance(value, dict):
        return {_scrub(key): _scrub(item) for key, item in value.items()}
    return value


_STRICT: Final = frozenset(
    {
        "in numeric literal",
        "after decimal point in numeric literal",
        "in exponent of numeric literal",
        "in string escape code",
        r"in \u hexadecimal character escape",
    }
)
"""Places where not even a space may stand."""


class _Refused(Exception):
    """Carries the explanation out of the scan."""


class _Scan:
    """Walks a broken text as encoding/json's scanner.go does, to say where it breaks."""

    def __init__(self, text: str) -> None:
        self.data = text.encode("utf-8", "surrogatepass")
        self.at = 0

    def fail(self, where: str) -> NoReturn:
        ended = self.at >= len(self.data)
        if ended and where not in _STRICT and not where.startswith("in literal"):
            raise _Refused("unexpected end of JSON input")
        char = " " if ended else chr(self.data[self.at])  # the scanner ends every text with a space
        shown = {"'": r"'\''", '"': "'\"'", "\\": r"'\\'"}.get(char) or f"'{_escape(char)}'"
        raise _Refused(f"invalid character {shown} {where}")

    def peek(self) -> bytes:
        return self.data[self.at : self.at + 1]

    def space(self) -> bytes:
        found = _SPACE.match(self.data, self.at)
        self.at = found.end() if found else self.at
        return self.peek()

    def document(self) -> None:
        self.value()
        if self.space():
            self.fail("after top-level value")

    def value(self) -> None:
        char = self.space()
        if char == b"{":
            self.object()
        elif char == b"[":
            self.array()
        elif char == b'"':
            self.string()
        elif char in (b"t", b"f", b"n"):
            self.word({b"t": b"true", b"f": b"false", b"n": b"null"}[char])
        elif char == b"-" or char.isdigit():
            self.number()
        else:
            self.fail("looking for beginning of value")

    def object(self) -> None:
        self.at += 1
        if self.space() == b"}":
            self.at += 1
            return
        while True:
            if self.space() != b'"':
                self.fail("looking for beginning of object key string")
            self.string()
            if self.space() != b":":
                self.fail("after object key")
            self.at += 1
            self.value()
            if self.separator(b"}", "after object key:value pair"):
                return

    def array(self) -> None:
        self.at += 1
        if self.space() == b"]":
            self.at += 1
            return
        while True:
            self.value()
            if self.separator(b"]", "after array element"):
                return

    def separator(self, closing: bytes, where: str) -> bool:
        char = self.space()
        if char not in (b",", closing) or not char:
            self.fail(where)
        self.at += 1
        return char == closing

    def word(self, word: bytes) -> None:
        for char in word:
            if self.peek() != bytes((char,)):
                self.fail(f"in literal {word.decode()} (expecting '{chr(char)}')")
            self.at += 1

    def number(self) -> None:
        if self.peek() == b"-":
            self.at += 1
            if not self.peek().isdigit():
                self.fail("in numeric literal")
        if self.peek() == b"0":
            self.at += 1
        else:
            self.digits()
        if self.peek() == b".":
            self.at += 1
            if not self.peek().isdigit():
                self.fail("after decimal point in numeric literal")
            self.digits()
        if self.peek() in (b"e", b"E"):
            self.at += 1
            if self.peek() in (b"+", b"-"):
                self.at += 1
            if not self.peek().isdigit():
                self.fail("in exponent of numeric literal")
            self.digits()

    def digits(self) -> None:
        while self.peek().isdigit():
            self.at += 1

    def string(self) -> None:
        self.at += 1
        while (char := self.peek()) != b'"':
            if not char or char < b" ":
                self.fail("in string literal")
            self.at += 1
            if char == b"\\":
                self.escape()
        self.at += 1

    def escape(self) -> None:
        char = self.peek()
        if not char or char not in b'bfnrt\\/"u':
            self.fail("in string escape code")
        self.at += 1
        if char == b"u":
            for _ in range(4):
                if not self.peek() or self.peek() not in b"0123456789abcdefABCDEF":
                    self.fail(r"in \u hexadecimal character escape")
                self.at += 1


def _escape(char: str) -> str:
    if char.isprintable():
        return char
    short = {"\n": r"\n", "\t": r"\t", "\r": r"\r", "\a": r"\a", "\b": r"\b", "\f": r"\f", "\v": r"\v"}
    return short.get(char) or (rf"\x{ord(char):02x}" if ord(char) < 0x80 else rf"\u{ord(char):04x}")


def explain(text: str) -> str:
    """Why a text is not JSON, in the words of encoding/json."""
    try:
        _Scan(text).document()
    except _Refused as refused:
        return str(refused)
    except RecursionError:
        return "exceeded max depth"
    return "invalid JSON"
