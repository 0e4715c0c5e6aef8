"""Text to tokens, and the escapes of its literals (upstream: cel-go parser/gen/CEL.g4, parser/unescape.go)."""

from __future__ import annotations

from typing import Final, NamedTuple

from engine.cel.errors import Issue
from engine.regex import later

_HEX = "[0-9a-fA-F]"
_ESCAPE = rf"""\\(?:[abfnrtv"'\\?`]|[0-3][0-7][0-7]|[xX]{_HEX}{{2}}|u{_HEX}{{4}}|U{_HEX}{{8}})"""
_STRING = (
    r'(?:[rR](?:"""[\s\S]*?"""|' + r"'''[\s\S]*?'''|" + r'"[^"\n\r]*"|' + r"'[^'\n\r]*')|"
    rf'"""(?:{_ESCAPE}|[^\\])*?"""|'
    rf"'''(?:{_ESCAPE}|[^\\])*?'''|"
    rf'"(?:{_ESCAPE}|[^\\"\n\r])*"|'
    rf"'(?:{_ESCAPE}|[^\\'\n\r])*')"
)
_TOKENS = later(
    r"(?:[\t \r\n\f]+|//[^\n]*)*"
    rf"(?:(?P<bytes>[bB]{_STRING})|(?P<string>{_STRING})"
    r"|(?P<ident>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<float>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<uint>0x{_HEX}+[uU]|[0-9]+[uU])|(?P<int>0x{_HEX}+|[0-9]+)"
    r"|(?P<sign>==|!=|<=|>=|&&|\|\||[\[\]{}().,\-!?:+*/%<>])"
    r"|(?P<escaped>`[A-Za-z0-9_.\-/ ]+`)"
    r"|(?P<bad>[\s\S])|(?P<end>\Z))"
)
_BROKEN = later(
    rf"""(["'])(?:{_ESCAPE}|(?!\1)[^\\\n\r])*"""
    rf"""(?:\\(?:[0-3][0-7]?|[xX]{_HEX}?|u{_HEX}{{,3}}|U{_HEX}{{,7}})?[^\n\r]?)?"""
)
"""A string that has no end, as far as it is one."""
_KEYWORDS: Final = frozenset({"in", "true", "false", "null"})
END: Final = "<EOF>"
MAX_PROBLEMS: Final = 100
"""Upstream's errorReportingLimit."""


class Token(NamedTuple):
    """``kind`` is a class (ident, int, uint, float, string, bytes, escaped), or the sign or keyword itself."""

    kind: str
    text: str
    position: int


class SyntaxProblem(Exception):
    """The text is no expression; the parser makes an issue of it."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class TooManyProblems(SyntaxProblem):
    """The text is so little of an expression that the rest is not looked at."""

    def __init__(self, problems: list[SyntaxProblem], position: int) -> None:
        super().__init__(f"Syntax error: More than {MAX_PROBLEMS} syntax errors", position)
        self.problems = problems


def tokens(text: str) -> tuple[list[Token], list[SyntaxProblem]]:
    """All tokens and an ``<EOF>``, and what had to be passed over because it is none; raises TooManyProblems."""
    found: list[Token] = []
    problems: list[SyntaxProblem] = []
    match = _TOKENS.match
    at = 0
    while True:
        read = match(text, at)
        assert read is not None
        kind = read.lastgroup
        assert kind is not None
        start, at = read.span(kind)
        if kind == "sign":
            written = read[kind]
            found.append(Token(written, written, start))
        elif kind == "end":
            found.append(Token(END, END, start))
            return found, problems
        elif kind == "bad":
            if len(problems) == MAX_PROBLEMS:
                raise TooManyProblems(problems, start)
            unread = _unread(text, start)
            at = start + len(unread)
            problems.append(SyntaxProblem(f"Syntax error: token recognition error at: '{unread}'", start))
        else:
            written = read[kind]
            found.append(Token(written if written in _KEYWORDS else kind, written, start))


def _unread(text: str, start: int) -> str:
    """What ANTLR's lexer had read when it gave up: a string without end or to what is no escape, or a character."""
    if text[start] in "\"'":
        read = _BROKEN.match(text, start)
        return read[0] if read is not None else text[start]
    return text[start : start + 1] if text[start] not in "&|=" else text[start : start + 2]


def place(text: str, position: int, message: str) -> Issue:
    """The issue at an offset; below 0 it is at no place (upstream: common.NoLocation), an empty text has no column."""
    if position < 0 or not text:
        return Issue(message, 1 if position >= 0 else -1, -1)
    line = text.count("\n", 0, position) + 1
    return Issue(message, line, position - (text.rfind("\n", 0, position) + 1))
