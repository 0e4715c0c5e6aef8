"""Many contents by one request: the archive of a commit, of which only what was asked for and bears its name counts.

Attributes of the repository may leave files out of an archive or change them; each content is therefore checked by
its name, and what is missing is fetched another way.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.github.cache import blob_name
from bot.model import Entry

MOST_BYTES: Final = 256 << 20
"""Bytes of a tree above which its archive is not asked for."""


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a file that is read once, forward, and ends after a bound."""

    def __init__(self, pieces: Iterator[bytes], most: int) -> None:
        self._pieces, self._left, self._rest = pieces, most, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]  # a Buffer in typeshed, always one of these here
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None or self._left <= 0:
                return 0
            self._rest = piece
            self._left -= len(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def extract(pieces: Iterator[bytes], wanted: Iterable[Entry]) -> Mapping[str, bytes]:
    """The contents by name of those ``wanted`` entries, at least one, that a gzipped tar archive holds unchanged."""
    asked = list(wanted)
    places, left = {(entry.path, entry.size) for entry in asked}, {entry.sha for entry in asked}
    found: dict[str, bytes] = {}
    read = 0
    try:
        with tarfile.open(fileobj=io.BufferedReader(_Pieces(pieces, MOST_BYTES)), mode="r|gz") as archive:
            for member in archive:
                read += member.size
                if read > 2 * MOST_BYTES or not left:
                    break
                place = member.name.partition("/")[2]  # the first folder is the archive's own
                if not member.isreg() or (place, member.size) not in places:
                    continue
                file = archive.extractfile(member)
                content = file.read() if file else b""
                name = blob_name(content, asked[0].sha)
                if name in left:
                    found[name] = content
                    left.discard(name)
    except (tarfile.TarError, EOFError, OSError):
        return found  # cut short or damaged: what is missing is fetched one by one
    return found
