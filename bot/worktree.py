"""The working tree as git would commit it: tracked files as they are on disk, and untracked ones that are not ignored.

git's own commands would run the clean filters of the repository's configuration on changed files, so the comparison is
done here: a file whose index stamp still holds is the blob that the index names, any other is read and hashed. A file
that a filter changes (line endings, LFS) and whose stamp is stale counts as changed, with the bytes that stand on disk.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final

from bot.git import Git, by_path, path_text
from bot.git_objects import GitObjects
from bot.model import EXECUTABLE, FILE, SUBMODULE, SYMLINK, Entry, SourceError

_KEPT_SIZE: Final = 1 << 20
_CHUNK: Final = 1 << 20
# `ls-files -t -s -z --debug` prints for each entry its tag, mode, name, stage and path, then what `stat` said of it
_INDEXED: Final = re.compile(
    rb"(\S) (\d{6}) ([0-9a-f]+) (\d)\t([^\0]+)\0"
    rb"  ctime: (\d+):(\d+)\n  mtime: (\d+):(\d+)\n  dev: \d+\tino: (\d+)\n"
    rb"  uid: \d+\tgid: \d+\n  size: (\d+)\tflags: \w+\n"
)
_SKIPPED: Final = b"S"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the index remembers of a file on disk; times in nanoseconds."""

    ctime: int
    mtime: int
    inode: int
    size: int

    def holds(self, now: os.stat_result) -> bool:
        """True when the file was not touched since (git stores inode and size in 32 bits)."""
        return (
            self.mtime == now.st_mtime_ns
            and self.ctime == now.st_ctime_ns
            and self.inode == now.st_ino & 0xFFFFFFFF
            and self.size == now.st_size & 0xFFFFFFFF
        )


class WorkTree:
    """The files on disk; symbolic links are entries of their own and never followed."""

    ref = "working tree"
    sha = ""

    def __init__(self, git: Git, objects: GitObjects) -> None:
        self._top = git.run("rev-parse", "--show-toplevel").removesuffix(b"\n")
        self._git, self._objects = Git(Path(os.fsdecode(self._top)), git.timeout), objects
        self._disk: dict[str, bytes] = {}  # name of a content that is no object of the repository -> its path on disk
        self._folders: dict[bytes, bool] = {b"": True}

    def entries(self) -> Mapping[str, Entry]:
        """All entries by path, as they were on the first call."""
        return self._entries

    def read(self, entries: Iterable[Entry]) -> Mapping[str, bytes]:
        """The contents by name, from git where it has them."""
        wanted = {entry.sha: entry for entry in entries if entry.mode != SUBMODULE}
        for name in wanted.keys() & self._disk.keys():
            self._objects.keep(name, self._on_disk(self._disk[name], wanted[name].mode))
        return self._objects.read(wanted)

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        found: dict[bytes, Entry] = {}
        racy = self._index_time()
        for tag, mode, sha, stage, raw, *stamp in _INDEXED.findall(self._list("-t", "-s", "--debug")):
            ctime, ctime_ns, mtime, mtime_ns, inode, size = map(int, stamp)
            if mode == SUBMODULE.encode() or tag == _SKIPPED:  # skipped: outside a sparse checkout, thus unchanged
                found[raw] = Entry(path_text(raw), mode.decode(), sha.decode(), size)
                continue
            known = Stamp(ctime * 10**9 + ctime_ns, mtime * 10**9 + mtime_ns, inode, size)
            trusted = sha.decode() if stage == b"0" and known.mtime < racy else ""
            if entry := self._entry(raw, known, trusted):
                found[raw] = entry
        for raw in self._list("--others", "--exclude-standard").split(b"\0"):
            if raw.endswith(b"/"):  # a repository inside the repository: git would add it as a submodule
                found[raw] = Entry(path_text(raw[:-1]), SUBMODULE, "", 0)
            elif raw and (entry := self._entry(raw)):
                found[raw] = entry
        return by_path(found[raw] for raw in sorted(found))

    def _list(self, *options: str) -> bytes:
        return self._git.run("ls-files", "-z", *options)

    def _index_time(self) -> int:
        """When the index was written: a file changed in that very moment may carry a stamp that holds (git: racy)."""
        index = self._git.run("rev-parse", "--path-format=absolute", "--git-path", "index").removesuffix(b"\n")
        try:
            return os.stat(index).st_mtime_ns
        except FileNotFoundError:
            return 0

    def _entry(self, raw: bytes, known: Stamp | None = None, trusted: str = "") -> Entry | None:
        """The entry of a path on disk; None where there is no file or link any more."""
        try:
            now = os.lstat(self._place(raw))
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not self._is_inside(os.path.dirname(raw)):
            return None
        if stat.S_ISLNK(now.st_mode):
            mode = SYMLINK
        elif stat.S_ISREG(now.st_mode):
            mode = EXECUTABLE if now.st_mode & 0o100 else FILE
        else:
            return None
        name = trusted if trusted and known and known.holds(now) else self._hash(raw, mode, now.st_size)
        return Entry(path_text(raw), mode, name, now.st_size)

    def _place(self, raw: bytes) -> bytes:
        return os.path.join(self._top, raw)

    def _is_inside(self, folder: bytes) -> bool:
        """True when no part of ``folder`` is a symbolic link, which could lead out of the tree."""
        if folder not in self._folders:
            linked = os.path.islink(self._place(folder))
            self._folders[folder] = not linked and self._is_inside(os.path.dirname(folder))
        return self._folders[folder]

    def _hash(self, raw: bytes, mode: str, size: int) -> str:
        """The name that git would give to the content on disk."""
        if mode == SYMLINK or size <= _KEPT_SIZE:
            content = self._on_disk(raw, mode)
            name = self._digest(len(content), [content])
            self._objects.keep(name, content)
            return name
        with self._open(raw) as file:
            name = self._digest(size, iter(lambda: file.read(_CHUNK), b""))
        self._disk[name] = raw
        return name

    def _digest(self, size: int, chunks: Iterable[bytes]) -> str:
        digest = hashlib.new(self._algorithm, b"blob %d\0" % size, usedforsecurity=False)
        for chunk in chunks:
            digest.update(chunk)
        return digest.hexdigest()

    @cached_property
    def _algorithm(self) -> str:
        return self._git.line("rev-parse", "--show-object-format") or "sha1"

    def _on_disk(self, raw: bytes, mode: str) -> bytes:
        if mode == SYMLINK:
            return os.readlink(self._place(raw))
        with self._open(raw) as file:
            return file.read()

    def _open(self, raw: bytes) -> BinaryIO:
        try:
            return os.fdopen(os.open(self._place(raw), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
        except OSError as refused:
            raise SourceError(f"cannot read {path_text(raw)}: {refused.strerror}") from refused
