"""What literals mean: numbers, and the escapes of texts and bytes (upstream: cel-go parser/unescape.go)."""

from __future__ import annotations

import re
from typing import Final

from engine.cel.lexer import Token
from engine.cel.values import INT_MAX, INT_MIN, UINT_MAX, Uint, Value
from engine.regex import later


def literal_value(token: Token, sign: str) -> Value:
    """A literal's value; raises ValueError with cel-go's text."""
    text = token.text
    match token.kind:
        case "string":
            return string_value(text)
        case "bytes":
            return bytes_value(text)
        case "int":
            number = int(sign + text, 16 if text.startswith("0x") else 10) if len(text) < 100 else INT_MAX + 1
            if not INT_MIN <= number <= INT_MAX:
                raise ValueError("invalid int literal")
            return number
        case "uint":
            number = int(text[:-1], 16 if text.startswith("0x") else 10) if len(text) < 100 else UINT_MAX + 1
            if number > UINT_MAX:
                raise ValueError("invalid uint literal")
            return Uint(number)
        case "float":
            return _double(sign + text)
    return {"true": True, "false": False, "null": None}[text]


def _double(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("invalid double literal")
    return number


_ESCAPES = later(r"\\(?:([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_NAMED: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _content(written: str) -> tuple[str, bool]:
    """What stands between the quotes, with newlines normalised, and whether it is raw."""
    written = written.replace("\r\n", "\n").replace("\r", "\n")
    is_raw = written[0] in "rR"
    if is_raw:
        written = written[1:]
    quotes = 3 if len(written) >= 6 and written[:3] in ('"""', "'''") else 1
    return written[quotes:-quotes], is_raw


def string_value(written: str) -> str:
    """The value of a string literal; raises ValueError with cel-go's text."""
    content, is_raw = _content(written)
    return content if is_raw or "\\" not in content else _ESCAPES.sub(_character, content)


def _character(match: re.Match[str]) -> str:
    octal, short, middle, long, named = match.groups()
    if named is not None:
        return _NAMED.get(named, named)
    point = int(octal, 8) if octal else int(short or middle or long, 16)
    if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
        raise ValueError("invalid unicode code point")
    return chr(point)


def bytes_value(written: str) -> bytes:
    """The value of a bytes literal (``b`` included): UTF-8, but escapes are single bytes."""
    content, is_raw = _content(written[1:])
    if is_raw or "\\" not in content:
        return content.encode("utf-8", "surrogatepass")
    parts, start = [], 0
    for match in _ESCAPES.finditer(content):
        parts.append(content[start : match.start()].encode("utf-8", "surrogatepass"))
        parts.append(_byte(match))
        start = match.end()
    parts.append(content[start:].encode("utf-8", "surrogatepass"))
    return b"".join(parts)


def _byte(match: re.Match[str]) -> bytes:
    octal, short, middle, long, named = match.groups()
    if middle or long:
        raise ValueError("unable to unescape string")
    if named is not None:
        return _NAMED.get(named, named).encode("utf-8", "surrogatepass")
    return bytes((int(octal, 8) if octal else int(short, 16),))
