"""Kyverno's compression (upstream: libs/gzip)."""

from __future__ import annotations

from typing import Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, free, function
from engine.cel.libraries.costs import MAX_TEXT, check_text
from engine.cel.libraries.kyverno.native import text
from engine.cel.types import BYTES, DYN, STRING
from engine.cel.values import Value

_HEADER: Final = b"\x1f\x8b\x08"
_FIXED: Final = 10
"""Bytes that any header has."""
_GZIP: Final = 31
"""zlib's window for a stream with gzip's header."""


def _compress(value: Value) -> bytes:
    """Deterministic, though not the same bytes that Go's compressor finds."""
    import zlib

    stream = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    content = stream.compress(text(value).encode("utf-8", "surrogatepass")) + stream.flush()
    return content[:9] + b"\xff" + content[10:]  # Go names no operating system


def _decompress(content: bytes) -> str:
    parts: list[bytes] = []
    left = MAX_TEXT
    while content or not parts:
        part, content = _member(content, left)
        left -= len(part)
        parts.append(part)
    return b"".join(parts).decode("utf-8", "replace")


def _member(content: bytes, most: int) -> tuple[bytes, bytes]:
    """What one member of a file holds, and the bytes after it."""
    import zlib

    if len(content) < _FIXED:
        raise EvaluationError("unexpected EOF" if content else "EOF")
    if not content.startswith(_HEADER):
        raise EvaluationError("gzip: invalid header")
    stream = zlib.decompressobj(_GZIP)
    try:
        part = stream.decompress(content, most + 1)
    except zlib.error as error:
        checked = "check" in str(error)
        raise EvaluationError("gzip: invalid checksum" if checked else "flate: corrupt input") from None
    check_text(len(part) + MAX_TEXT - most)
    if not stream.eof:
        raise EvaluationError("unexpected EOF")
    return part, stream.unused_data


GZIP: Final = Library(
    "kyverno.gzip",
    functions=(
        function("gzip.decompress", free("decompress_bytes_string", (BYTES,), STRING, _decompress)),
        function("gzip.compress", free("compress_any_bytes", (DYN,), BYTES, _compress)),
    ),
)
