"""Text from a repository as Markdown that shows it and does nothing else; and texts cut to GitHub's budgets.

Everything that a repository says is hostile until escaped: it must not make links, images, headings, HTML, mentions or
references to issues, nor turn the direction of the text around it, nor end the block that it stands in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from markupsafe import Markup

BODY_BUDGET: Final = 65_000
"""Bytes of a summary, a text or a comment. GitHub takes 65,535 characters and does not say how it counts them."""

_SPECIAL: Final = re.compile(r"[\\`*_\[\]|~>]")
_OPENING: Final = re.compile(r"(\d{0,9})([-+=#.)])")  # what makes a list, a heading or a rule of a line that it opens
_SPLIT: Final = "<!-- -->"  # ends the word for GitHub's references, which are looked for in the text between tags
_REFERENCES: Final = re.compile(
    r"@"  # mentions, and the addresses of mail
    r"|#(?=\w)"  # issues
    r"|(?i:\bgh-)(?=\d)|(?i:\bghsa-)|(?i:\bcve-)"
    r"|(?i:\bwww)(?=\.)|:(?=//)|(?i:\bmailto|\bxmpp)(?=:)"  # addresses
    r"|:(?=[\w+-]+:)"  # emoji
)
_INVISIBLE: Final = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\ufe00-\ufe0e\uffa0\U000e0000-\U000e0fff]"
)
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200d")  # joins emoji; alone it changes nothing around it


def visible(text: str, *, lines: bool = False) -> str:
    r"""The text with control, bidirectional and invisible characters as ``\x1b`` or ``\u202e``.

    ``lines`` keeps line feeds and tabs.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(c if _is_seen(c) or (lines and c in "\n\t") else _escape(c) for c in text)


@lru_cache(maxsize=4096)  # texts repeat their letters; the bound holds against one that does not
def _is_seen(character: str) -> bool:
    if character in _JOINERS:
        return True
    return unicodedata.category(character) not in _UNSEEN_CATEGORIES and not _INVISIBLE.match(character)


def _escape(character: str) -> str:
    match character:
        case "\n":
            return "\\n"
        case "\t":
            return "\\t"
        case "\r":
            return "\\r"
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def cut(text: str, length: int) -> str:
    """At most ``length`` characters, the last of which says that there was more."""
    return text if len(text) <= length else text[: max(0, length - 1)] + "…"


def text(value: object, length: int = 2_000) -> Markup:
    """Prose on one line."""
    neutral = "".join(_neutral(_one_line(value, length)))
    if opening := _OPENING.match(neutral):
        neutral = f"{opening[1]}\\{neutral[opening.end(1) :]}"
    return Markup(neutral)  # noqa: S704 - this is the escape


def _neutral(shown: str) -> Iterable[str]:
    at = 0
    for found in _REFERENCES.finditer(shown):
        yield _punctuated(shown[at : found.end()]) + _SPLIT
        at = found.end()
    yield _punctuated(shown[at:])


def _punctuated(part: str) -> str:
    part = part.replace("&", "&amp;").replace("<", "&lt;").replace("$", "&#36;")
    return _SPECIAL.sub(_backslashed, part)


def _backslashed(found: re.Match[str]) -> str:
    """Inside a table a backslash does not hold a pipe everywhere; a number does."""
    return {"|": "&#124;", ">": "&gt;"}.get(found[0], "\\" + found[0])


def _one_line(value: object, length: int) -> str:
    return visible(" ".join(cut(str(value), length).split()))


def tag(value: object, length: int = 300) -> Markup:
    """Code as HTML, for the places where Markdown is not read: between tags. Empty for an empty text."""
    shown = _one_line(value, length)
    entities = "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in shown)
    return Markup(f"<code>{entities}</code>" if shown else "")  # noqa: S704 - all but letters and digits is encoded


def code(value: object, length: int = 300) -> Markup:
    """A code span on one line, for prose and tables alike; empty for an empty text. References do nothing in code."""
    shown = _one_line(value, length)
    if not shown or "|" in shown or "\\" in shown:  # a table divides cells at pipes before it looks for code
        return tag(shown)
    ticks = "`" * (_longest_run(shown, "`") + 1)
    pad = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return Markup(f"{ticks}{pad}{shown}{pad}{ticks}")  # noqa: S704 - the fence is longer than any inside


def block(value: object, language: str = "", length: int = 4_000, *, keep: bool = False) -> Markup:
    """A fenced block, to begin on a line of its own. ``keep``: an edit, not to be cut or trimmed."""
    shown = str(value) if keep else visible(cut(str(value), length), lines=True).strip("\n")
    fence = "`" * max(3, _longest_run(shown, "`") + 1)
    return Markup(f"{fence}{language}\n{shown}\n{fence}")  # noqa: S704 - the fence is longer than any inside


def _longest_run(shown: str, character: str) -> int:
    return max((len(run) for run in re.findall(re.escape(character) + "+", shown)), default=0)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The first of ``total`` pieces that fit; before them may stand ``headings`` that do not count."""

    shown: tuple[str, ...]
    total: int
    headings: int = 0

    @property
    def count(self) -> int:
        """How many are shown."""
        return len(self.shown) - self.headings

    @property
    def is_cut(self) -> bool:
        """True when some are left out."""
        return self.count < self.total


def fit(pieces: Iterable[str], total: int, budget: int) -> Fitted:
    """The first whole pieces that the budget takes, in bytes of UTF-8 with a line end for each; no more are made."""
    shown: list[str] = []
    for piece in pieces:
        budget -= size(piece) + 1
        if budget < 0:
            break
        shown.append(piece)
    return Fitted(tuple(shown), total)


def size(piece: str) -> int:
    """Bytes of UTF-8."""
    return len(piece.encode("utf-8", "surrogatepass"))
