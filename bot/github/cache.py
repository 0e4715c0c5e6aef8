"""Objects on disk under their names: what a commit or a blob is called never changes its content.

Each repository has its own folder. A tree can name a blob that its repository does not hold, so one shared store would
let a repository ask for another's files.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

LIMIT: Final = 1 << 30
"""Bytes that the store may hold before the files used longest ago are deleted."""

_PRUNE_EVERY: Final = 64 << 20


def blob_name(content: bytes, like: str) -> str:
    """The name that git gives to a content, in the hash function of the name ``like``."""
    algorithm = "sha1" if len(like) == 40 else "sha256"
    return hashlib.new(algorithm, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class ObjectCache:
    """Blobs and tree listings of all repositories below ``directory``; safe to share by threads and processes."""

    def __init__(self, directory: Path, limit: int = LIMIT) -> None:
        self._directory, self._limit = directory / "objects", limit
        self._written = 0
        self._lock = threading.Lock()
        self._prune()

    def blob(self, repository: str, sha: str) -> bytes | None:
        """The content, None when it is not there or was damaged."""
        content = self._read(self._place(repository, sha))
        return content if content is not None and blob_name(content, sha) == sha else None

    def keep_blob(self, repository: str, sha: str, content: bytes) -> None:
        """Store a content whose name was verified."""
        self._write(self._place(repository, sha), content)

    def listing(self, repository: str, sha: str) -> list[Any] | None:
        """The stored listing of a commit's tree."""
        content = self._read(self._place(repository, sha + ".tree"))
        if content is None:
            return None
        try:
            found = json.loads(content)
        except ValueError:
            return None
        return found if isinstance(found, list) else None

    def keep_listing(self, repository: str, sha: str, listing: list[Any]) -> None:
        """Store the listing of a commit's tree."""
        self._write(self._place(repository, sha + ".tree"), json.dumps(listing, separators=(",", ":")).encode())

    def _place(self, repository: str, name: str) -> Path:
        folder = hashlib.sha256(repository.lower().encode()).hexdigest()[:32]
        return self._directory / folder / name[:2] / name[2:]

    @staticmethod
    def _read(place: Path) -> bytes | None:
        try:
            content = place.read_bytes()
            os.utime(place)  # used now: pruned later
        except OSError:
            return None
        return content

    def _write(self, place: Path, content: bytes) -> None:
        """Write under a passing name first, so that nobody reads half of it; a full disk costs only requests."""
        with suppress(OSError):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, passing = tempfile.mkstemp(dir=place.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                os.replace(passing, place)
            except OSError:
                os.unlink(passing)
                raise
        with self._lock:
            self._written += len(content)
            due = self._written >= _PRUNE_EVERY
            if due:
                self._written = 0
        if due:
            self._prune()

    def _prune(self) -> None:
        """Delete the files used longest ago until the store is within its limit."""
        found: list[tuple[float, int, Path]] = []
        for folder, _, names in os.walk(self._directory):
            for name in names:
                with suppress(OSError):  # another process prunes, too
                    status = os.stat(os.path.join(folder, name))
                    found.append((status.st_mtime, status.st_size, Path(folder, name)))
        excess = sum(size for _, size, _ in found) - self._limit
        for _, size, place in sorted(found):
            if excess <= 0:
                return
            excess -= size
            with suppress(OSError):
                place.unlink()
