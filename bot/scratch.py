"""A test merge made by the git program, without a word written to the user's repository.

What git has to write goes into a bare repository of its own below the temporary directory, which borrows the objects of
the user's. It has no configuration and no attributes but its own, so that no merge driver of theirs is ever started:
GitHub starts none either.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.diff import changed
from bot.git import Git, first_line, path_text
from bot.git_objects import GitObjects
from bot.model import SUBMODULE, SourceError, Tree

_WORK: Final = "refs/heads/work"
_BORN: Final = b"commit " + _WORK.encode() + b"\ncommitter preadmit <preadmit@localhost> 0 +0000\ndata 0\nfrom "


@dataclass(frozen=True, slots=True)
class Merged:
    """A test merge: the name of its tree, empty where it conflicts in the paths ``conflicts``."""

    tree: str
    conflicts: tuple[str, ...] = ()


class UnmergedError(Exception):
    """No test merge could be made here; ``str()`` says why."""


class Scratch(Git):
    """A bare repository that reads the objects of ``git`` and lasts as long as this value."""

    def __init__(self, git: Git) -> None:
        made = Path(tempfile.mkdtemp(prefix="preadmit-"))
        weakref.finalize(self, shutil.rmtree, made, ignore_errors=True)
        super().__init__(made, git.timeout)
        self.git_dir = made
        (made / "objects/info").mkdir(parents=True)
        (made / "refs").mkdir()
        (made / "HEAD").write_text("ref: refs/heads/none\n", "ascii")
        (made / "config").write_text(_config(git.line("rev-parse", "--show-object-format") or "sha1"), "ascii")
        objects = _place(git, "objects")
        (made / "objects/info/alternates").write_bytes(objects.removesuffix(b"\n") + b"\n")
        shallow = Path(_place(git, "shallow").removesuffix(b"\n").decode("utf-8", "surrogateescape"))
        if shallow.is_file():
            (made / "shallow").write_bytes(shallow.read_bytes())
        self.objects = GitObjects(self)

    def commit_of(self, work: Tree, parent: str, committed: Tree) -> str:
        """A commit of the files ``work`` on top of ``parent``, whose tree is ``committed``; raises UnmergedError."""
        paths = changed(committed, work)
        if any("\\x" in path for path in paths):
            raise UnmergedError("a changed file's name is no UTF-8")
        status, output = self.status("fast-import", "--quiet", content=b"".join(_stream(work, parent, paths)))
        made = self.commit(_WORK) if status == 0 else None
        if made is None:
            raise UnmergedError(f"git fast-import failed: {first_line(output)}")
        return made

    def merge(self, ours: str, theirs: str) -> Merged:
        """Merge two commits; raises UnmergedError where git cannot."""
        status, output = self.status("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
        if status == 0:
            return Merged(output.partition(b"\0")[0].strip().decode())
        if status == 1:
            return Merged("", tuple(path_text(name) for name in output.split(b"\0")[1:] if name))
        if status == 129:
            raise UnmergedError(f"{self.line('version')} cannot; git 2.38 or later can")
        raise UnmergedError("git merge-tree failed; the clone may be shallow or partial")


def _config(algorithm: str) -> str:
    if algorithm == "sha1":
        return "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
    extension = f"[extensions]\n\tobjectFormat = {algorithm}\n"
    return "[core]\n\trepositoryformatversion = 1\n\tbare = true\n" + extension


def _place(git: Git, name: str) -> bytes:
    return git.run("rev-parse", "--path-format=absolute", "--git-path", name)


def _stream(work: Tree, parent: str, paths: Iterable[str]) -> Iterator[bytes]:
    """What git fast-import reads: one commit."""
    yield _BORN + parent.encode() + b"\n"
    entries = work.entries()
    for path in paths:
        entry, name = entries.get(path), _quoted(path)
        if entry is None:
            yield b"D " + name + b"\n"
        elif entry.mode != SUBMODULE:
            content = work.read([entry])[entry.sha]
            yield f"M {entry.mode} inline ".encode() + name + b"\ndata %d\n" % len(content) + content + b"\n"
        elif entry.sha:  # a repository that was only put here has no commit yet that could be named
            yield f"M {entry.mode} {entry.sha} ".encode() + name + b"\n"


def _quoted(path: str) -> bytes:
    """A path as a C string, which holds any character."""
    if "\0" in path:
        raise SourceError(f"{path!r} is no path")
    return b'"' + path.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
