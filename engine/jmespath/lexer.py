"""Kyverno's tokens, as dictionaries of the jmespath library's shape.

The library's own lexer differs from go-jmespath's lexer.go where policies can see it: literals that are not JSON are
accepted, raw strings undo other escapes, and the error texts are its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from engine.errors import QuerySyntaxError
from engine.jmespath import json_text
from engine.regex import later

Token: TypeAlias = dict[str, Any]
"""``type``, ``value`` (text), ``start`` and ``end`` (character offsets)."""

_TOKEN: Final = later(
    r"""
    (?P<space>[ \t\n\r]+)
    | (?P<unquoted_identifier>[A-Za-z_][A-Za-z0-9_]*\x80?)
    | (?P<number>(?:-|[0-9])[0-9]*)
    | (?P<quoted_identifier>"(?:[^"\\]|\\.)*")
    | (?P<raw>'(?:[^'\\]|\\'|\\(?!'))*')
    | (?P<literal>`(?:[^`\\]|\\.)*`)
    | (?P<pair>\[\?|\[\]|\|\||&&|==|!=|<=|>=)
    | (?P<single>[.*,:{}\]()@\[|&<>!=])
    """,
    re.VERBOSE | re.DOTALL,
)

_SYMBOLS: Final = {
    "[?": "filter",
    "[]": "flatten",
    "||": "or",
    "&&": "and",
    "==": "eq",
    "!=": "ne",
    "<=": "lte",
    ">=": "gte",
    ".": "dot",
    "*": "star",
    ",": "comma",
    ":": "colon",
    "{": "lbrace",
    "}": "rbrace",
    "[": "lbracket",
    "]": "rbracket",
    "(": "lparen",
    ")": "rparen",
    "@": "current",
    "|": "pipe",
    "&": "expref",
    "<": "lt",
    ">": "gt",
    "!": "not",
    "=": "unknown",
}


def tokens(expression: str) -> Iterator[Token]:
    """The tokens of an expression, ``eof`` last; raises QueryError with go-jmespath's text."""
    position = 0
    while position < len(expression):
        found = _TOKEN.match(expression, position)
        if found is None:
            raise _refusal(expression, position)
        kind, text = found.lastgroup or "", found.group()
        if kind != "space":
            yield _token(kind, text, position, found.end())
        position = found.end()
    yield {"type": "eof", "value": "", "start": position, "end": position}


def _token(kind: str, text: str, start: int, end: int) -> Token:
    value = text
    match kind:
        case "pair" | "single":
            kind = _SYMBOLS[text]
        case "quoted_identifier":
            value = json_text.parse(text)
        case "raw":
            kind, value = "raw_string", text[1:-1].replace("\\'", "'")
        case "literal":
            value = text[1:-1].replace("\\`", "`")
    return {"type": kind, "value": value, "start": start, "end": end}


def _refusal(expression: str, position: int) -> QuerySyntaxError:
    char = expression[position]
    if char in "\"'`":
        return QuerySyntaxError(f"Unclosed delimiter: {char}", expression, byte_offset(expression, len(expression)))
    offset = byte_offset(expression, position + 1) - 1
    return QuerySyntaxError(f"Unknown char: {_quote_ascii(char)}", expression, offset)


def byte_offset(expression: str, position: int) -> int:
    """Where a character stands for Go, which counts bytes."""
    return len(expression[:position].encode("utf-8", "surrogatepass"))


def _quote_ascii(char: str) -> str:
    """Go's strconv.QuoteRuneToASCII."""
    code = ord(char)
    named = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\v": r"\v", "\\": r"\\"}
    if char in named:
        return f"'{named[char]}'"
    if 0x20 <= code < 0x7F:
        return f"'{char}'"
    if code < 0x80:
        return rf"'\x{code:02x}'"
    return rf"'\u{code:04x}'" if code < 0x10000 else rf"'\U{code:08x}'"
