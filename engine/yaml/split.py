"""A file's text to the texts of its documents, so that one broken document leaves the others alone.

``---`` and ``...`` in the first column followed by a blank end a document everywhere in YAML, even inside a scalar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from engine.regex import later


class Piece(Struct, frozen=True):
    """The text of one document and the number, from 1, of the file's line that it begins on."""

    text: str
    line: int


_MARKER = later(r"\n(?:---|\.\.\.)(?=[ \t\n]|\Z)")
_ANY_MARKER = later("[\n\r\x85\u2028\u2029](?:---|\\.\\.\\.)(?=[ \t\n\r\x85\u2028\u2029]|\\Z)")
_OTHER_BREAKS = later("[\r\x85\u2028\u2029]")
_DIRECTIVES = later(r"(?:[ \t]*(?:#[^\n]*)?\n)*%[^\n]*\n(?:(?:%[^\n]*|[ \t]*(?:#[^\n]*)?)\n)*")
_CONTENT = later(r"^[ \t]*[^ \t\n#]", re.MULTILINE)


def split(text: str) -> Iterator[Piece]:
    """The pieces that hold more than comments; ``text`` has ``\\n`` where the file had ``\\r\\n``."""
    body = f"\n{text}" if text.endswith("\n") else f"\n{text}\n"
    marker = _ANY_MARKER if _OTHER_BREAKS.search(text) else _MARKER
    line, counted, start, held = 1, 1, 1, -1
    for found in marker.finditer(body):
        if piece := _piece(body, held if held >= 0 else start, found.start() + 1):
            line += body.count("\n", counted, piece[0])
            counted = piece[0]
            yield Piece(piece[1], line)
        held = start if held < 0 and _DIRECTIVES.fullmatch(body, start, found.start() + 1) else -1
        start = _after(body, found.start() + 1, found.end())
    if piece := _piece(body, held if held >= 0 else start, len(body)):
        yield Piece(piece[1], line + body.count("\n", counted, piece[0]))


def _after(body: str, begin: int, end: int) -> int:
    """Where the document after a marker begins: on the next line, or at the marker if its line says more."""
    line_end = body.find("\n", end)
    rest = body[end:line_end].strip(" \t")
    return begin if rest and rest[0] != "#" else line_end + 1


def _piece(body: str, start: int, end: int) -> tuple[int, str] | None:
    """The offset and text of the first line with content and all after it; directives alone are no content."""
    content = _CONTENT.search(body, start, end)
    if content is None or (body[content.end() - 1] == "%" and _DIRECTIVES.fullmatch(body, start, end)):
        return None
    begin = content.start()
    return begin, body[begin:end]
