"""Objects of a git repository: the entries of its trees, and the contents that they name."""

from __future__ import annotations

import subprocess
import threading
import weakref
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Final

from bot.git import Git, by_path, path_text
from bot.model import Entry, SourceError

AHEAD: Final = 128
"""Names that are asked before any content is read: every pipe holds so many, so that nobody waits forever."""

_AT_ONCE: Final = 4096
"""Contents that are read within git's time limit."""

_PARTIAL: Final = "this clone may be partial or damaged: run `git fetch --refetch --no-filter`, or clone it whole"


class GitObjects:
    """Each object of a repository as one value, however many trees have it; safe to share by threads.

    Contents come from one ``git cat-file --batch``.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._entries: dict[bytes, Entry] = {}  # by what git writes of them
        self._kept: dict[str, bytes] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def entries(self, tree: str) -> dict[str, Entry]:
        """All entries of a tree by path, in git's order. An entry that several trees have is one and the same."""
        status, listing = self._git.status("ls-tree", "-r", "-z", "-l", "--full-tree", tree)
        if status != 0:  # a partial clone cannot tell the sizes of what it lacks, which need not be what is read
            listing = self._git.run("ls-tree", "-r", "-z", "--full-tree", tree)
        return by_path(map(self._entry, listing.split(b"\0")[:-1]))

    def _entry(self, listed: bytes) -> Entry:
        known = self._entries.get(listed)
        if known is None:
            described, _, path = listed.partition(b"\t")
            mode, _, sha, *size = described.decode().split()
            known = Entry(path_text(path), mode, sha, int(size[0]) if size and size[0].isdigit() else 0)
            self._entries[listed] = known
        return known

    def keep(self, sha: str, content: bytes) -> None:
        """Remember a content that was read elsewhere."""
        self._kept[sha] = content

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """The contents by name; raises SourceError for one that the repository does not hold."""
        wanted = list(dict.fromkeys(names))
        with self._lock:
            missing = [name for name in wanted if name not in self._kept]
            for start in range(0, len(missing), _AT_ONCE):
                self._kept.update(self._fetch(missing[start : start + _AT_ONCE]))
        return {name: self._kept[name] for name in wanted}

    def _fetch(self, names: list[str]) -> dict[str, bytes]:
        process = self._running()
        timer = threading.Timer(self._git.timeout, process.kill)
        timer.start()
        try:
            return dict(_answers(process, names))
        except SourceError:
            self._process = None  # answers still to come would be taken for those to the next names
            process.kill()
            raise
        finally:
            timer.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = self._git.start("cat-file", "--batch")
            weakref.finalize(self, _stop, self._process)
        return self._process


def _answers(process: subprocess.Popen[bytes], names: list[str]) -> Iterator[tuple[str, bytes]]:
    """The contents in the order of the names; git reads ahead of what is taken."""
    assert process.stdin is not None
    assert process.stdout is not None
    waiting = iter(names)
    for number, name in enumerate(names):
        if number % (AHEAD // 2) == 0:
            _ask(process.stdin, islice(waiting, AHEAD if number == 0 else AHEAD // 2))
        yield name, _answer(process.stdout, name)


def _ask(requests: IO[bytes], names: Iterable[str]) -> None:
    try:
        requests.write("".join(f"{name}\n" for name in names).encode())
        requests.flush()
    except BrokenPipeError as broken:
        raise SourceError("git cat-file ended before it was asked") from broken


def _answer(output: IO[bytes], name: str) -> bytes:
    header = output.readline().split()
    if header[1:] == [b"missing"]:
        raise SourceError(f"the repository lacks the object {name}", _PARTIAL)
    if len(header) != 3:  # it ends so, too, when it may not fetch what a partial clone lacks
        raise SourceError(f"git could not read the object {name}", _PARTIAL)
    size = int(header[2])
    content = output.read(size + 1)
    if len(content) != size + 1:
        raise SourceError(f"git cat-file ended in the middle of the object {name}")
    return content[:-1]


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
