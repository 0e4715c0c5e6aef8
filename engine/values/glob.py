"""Globs as gobwas/glob reads them, without separators (what ``matchImageReferences`` are written in).

``*`` and ``**`` are any text, ``?`` one character, ``[abc]`` ``[a-z]`` ``[!a]`` one of some, ``{a,b*}`` alternatives;
``\\`` takes a character literally. They become RE2's expressions, so that no text costs more than its length.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from engine.values import regexp

_ENDS_TEXT: Final = "?*[{"
_ENDS_ALTERNATIVE: Final = "?*[{},"
_END_OF_INPUT: Final = "unexpected end of input"


@lru_cache(maxsize=1024)
def compile(text: str) -> Callable[[str], bool]:
    """Whether a text is meant; raises ValueError with the text of gobwas/glob."""
    pattern = regexp.compile(f"(?s){_translated(text)}")
    return lambda given: pattern.fullmatch(given) is not None


def _translated(text: str) -> str:
    parts: list[str] = []
    depth = at = 0
    while at < len(text):
        sign = text[at]
        at += 1
        if sign == "{":
            depth += 1
            parts.append("(?:")
        elif sign == "," and depth:
            parts.append("|")
        elif sign == "}" and depth:
            depth -= 1
            parts.append(")")
        elif sign == "[":
            part, at = _class(text, at)
            parts.append(part)
        elif sign == "?":
            parts.append(".")
        elif sign == "*":
            parts.append(".*")
        else:
            literal, at = _literal(text, at - 1, _ENDS_ALTERNATIVE if depth else _ENDS_TEXT)
            parts.append("".join(map(_escaped, literal)))
    return "".join(parts) + ")" * depth


def _literal(text: str, at: int, ends: str) -> tuple[str, int]:
    """Characters up to one that ends them, and where that is; a backslash takes the next one as it is."""
    found: list[str] = []
    while at < len(text) and text[at] not in ends:
        at += text[at] == "\\"
        found.append(text[at : at + 1])
        at += 1
    return "".join(found), min(at, len(text))


def _class(text: str, at: int) -> tuple[str, int]:
    """The characters of ``[...]``, and where it ends."""
    negation = "^" if text[at : at + 1] == "!" else ""
    at += len(negation)
    if at >= len(text):
        raise ValueError(_END_OF_INPUT)
    if text[at + 1 : at + 2] == "-":
        low, high, at = text[at], text[at + 2 : at + 3], at + 3
        inner = f"{_escaped(low)}-{_escaped(high)}" if high else ""
    else:
        characters, at = _literal(text, at, "]")
        low = high = ""
        inner = "".join(map(_escaped, characters))
    if at >= len(text):
        raise ValueError(_END_OF_INPUT)
    if text[at] != "]":
        raise ValueError("expected close range character")
    if high < low:
        raise ValueError(f"hi character '{high}' should be greater than lo '{low}'")
    if not inner:
        raise ValueError("could not parse range")
    return f"[{negation}{inner}]", at + 1


def _escaped(character: str) -> str:
    return character if character.isalnum() else f"\\x{{{ord(character):x}}}"
