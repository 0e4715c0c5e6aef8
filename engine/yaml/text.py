"""A file's bytes to text, or the one problem that keeps it from being read."""

from __future__ import annotations

from engine.model import Problem
from engine.regex import later

TOO_LARGE = "too-large"
NOT_UTF8 = "not-utf8"
BINARY = "binary-file"

_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ORDINARY_BYTES = b"\n" + bytes(range(0x20, 0x7F))
_ORDINARY = later("[\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")


def decode(content: bytes | str, file: str, most_bytes: int) -> str | Problem:
    """The text without byte order mark and with ``\\n`` for ``\\r\\n``."""
    if len(content) > most_bytes:
        message = f"the file has {len(content):,} bytes; files of up to {most_bytes:,} bytes are read"
        return Problem(TOO_LARGE, message, file, 1, 1, "Split the file.")
    if isinstance(content, bytes):
        if content.startswith(_WIDE_MARKS):
            return Problem(NOT_UTF8, "the file is UTF-16", file, 1, 1, "Save the file as UTF-8.")
        if b"\0" in content:
            return Problem(BINARY, "the file is binary, not text", file, 1, 1, "Remove it, or exclude it.")
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            return _not_utf8(content, error.start, file)
    else:
        text = content
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n") if "\r" in text else text


def _not_utf8(content: bytes, at: int, file: str) -> Problem:
    before = content[:at]
    message = f"the file is not UTF-8: byte 0x{content[at]:02x}"
    column = len(before) - before.rfind(b"\n")
    return Problem(NOT_UTF8, message, file, before.count(b"\n") + 1, column, "Save the file as UTF-8.")


def is_ordinary(text: str) -> bool:
    """Whether the text has only printable characters and ``\\n``: no tab, no other line break, no byte order mark."""
    if text.isascii():
        return not text.encode().translate(None, _ORDINARY_BYTES)
    return _ORDINARY.fullmatch(text) is not None
