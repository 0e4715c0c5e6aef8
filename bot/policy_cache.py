"""Valid policies kept on disk between runs, so that a start reads them in a tenth of the time.

An entry holds the whole file that it was made of and the name of what made it (releases and the engine's own files),
and is used only where both are the same: a stale, foreign or broken entry is as good as none. It is plain data, never
code. ``PREADMIT_CACHE`` names the directory, or is ``off``; by default it lies below ``$XDG_CACHE_HOME`` or
``~/.cache``. A directory in which others can write is not used.
"""

from __future__ import annotations

import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

import engine
from engine import known
from engine.documents import Loaded
from engine.policies import Policy, PolicySet

_OFF = "off"
_MOST_BYTES = 256 * 1024
"""Larger files are no hand-written policies."""
_MOST_ENTRIES = 2000
"""Beyond it the older half is removed: the cache never holds more than a few megabytes of policies."""


def recall(content: bytes, file: str) -> tuple[Policy, ...] | None:
    """The policies of a file that was read before, all of them valid; None where that is not known."""
    directory = _directory()
    if not directory:
        return None
    try:
        with open(_path(directory, content), "rb") as entry:
            return known.decode(entry.read(), _reader(), content, file)
    except OSError:
        return None


def remember(content: bytes, loaded: Loaded, chosen: PolicySet) -> None:
    """Keep what a file holds; ``chosen`` has been validated and nothing was found wrong.

    That it cannot be kept is said nowhere: the next start is no slower than this one.
    """
    directory = _directory(make=True)
    entry = known.encode(_reader(), content, loaded, chosen) if len(content) <= _MOST_BYTES else None
    if not directory or entry is None:
        return
    path = _path(directory, content)
    beside = f"{path}.{os.getpid()}"
    try:
        with open(beside, "xb") as file:
            file.write(entry)
        os.replace(beside, path)  # readers see the whole of an entry or none
        _shrink(directory)
    except OSError:
        return


def _path(directory: str, content: bytes) -> str:
    """The name finds the entry and proves nothing: two files with one name take turns."""
    return os.path.join(directory, f"{zlib.crc32(content):08x}-{len(content):x}")


@cache
def _directory(make: bool = False) -> str:
    """The cache's directory, "" where there is none, or one that cannot be trusted."""
    chosen = os.environ.get("PREADMIT_CACHE", "")
    if chosen == _OFF:
        return ""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    directory = chosen or os.path.join(base, "preadmit")
    if not os.path.isabs(directory):
        return ""
    try:
        if make:
            os.makedirs(directory, mode=0o700, exist_ok=True)
        found = os.lstat(directory)
    except OSError:
        return ""
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022
    return directory if is_ours else ""


@cache
def _reader() -> str:
    """What reads policies here: this Python, msgspec's release, and the engine's files as they were last written."""
    written = repr(sorted(_files(engine.__path__))).encode()
    return f"{sys.version} msgspec {msgspec.__version__} engine {zlib.crc32(written):08x}"


def _files(directories: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    for directory in directories:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    found = entry.stat()
                    yield entry.path, found.st_size, found.st_mtime_ns
                elif entry.name != "__pycache__" and entry.is_dir():
                    yield from _files([entry.path])


@cache
def _count(directory: str) -> list[int]:
    """How many entries there are, counted once in a run."""
    return [len(os.listdir(directory))]


def _shrink(directory: str) -> None:
    count = _count(directory)
    count[0] += 1
    if count[0] <= _MOST_ENTRIES:
        return
    with os.scandir(directory) as entries:
        oldest = sorted((entry.stat().st_mtime_ns, entry.path) for entry in entries)
    for _, path in oldest[: len(oldest) // 2]:
        os.unlink(path)
    count[0] = len(oldest) - len(oldest) // 2
