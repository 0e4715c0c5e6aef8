"""A bare git repository that is read and written by plumbing alone."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Octo",
    "GIT_AUTHOR_EMAIL": "octo@example.com",
    "GIT_COMMITTER_NAME": "Octo",
    "GIT_COMMITTER_EMAIL": "octo@example.com",
    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
}
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_INDEX = re.compile(r"^index [0-9a-f]+\.\.([0-9a-f]+)", re.MULTILINE)
_RENAME = re.compile(r"[RC]\d{3}")


@dataclass(frozen=True)
class TreeEntry:
    """One line of a tree."""

    mode: str
    type: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True)
class Difference:
    """A file that differs: git's letter, its names before and after, the new content's name, and the hunks."""

    letter: str
    old: str
    path: str
    sha: str | None
    patch: str


def _change(path: str, content: str | bytes | None) -> bytes:
    """One line of a fast-import stream, with the content."""
    if content is None:
        return f"D {path}\n".encode()
    raw = content.encode() if isinstance(content, str) else content
    return f"M 100644 inline {path}\ndata {len(raw)}\n".encode() + raw + b"\n"


class BareRepository:
    """Objects and refs of one repository."""

    def __init__(self, path: Path, default_branch: str = "main") -> None:
        path.mkdir(parents=True)
        self.path = path
        self.default_branch = default_branch
        self.run("init", "--quiet", "--bare", f"--initial-branch={default_branch}")

    def run(self, *arguments: str, content: bytes = b"") -> bytes:
        """Run git here; raises ``KeyError`` when it fails, which the server answers with 404."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=_ENVIRONMENT, input=content, capture_output=True, check=False
        )
        if done.returncode != 0:
            raise KeyError(done.stderr.decode(errors="replace"))
        return done.stdout

    def line(self, *arguments: str) -> str:
        """The output as text without its line end."""
        return self.run(*arguments).decode().rstrip("\n")

    def commit(self, branch: str, files: dict[str, str | bytes | None], onto: str | None = None) -> str:
        """Commit changes (None deletes) on ``branch``, which begins at ``onto`` when it is new; its name."""
        parent = self.sha(f"refs/heads/{branch}") or (self.sha(onto) if onto else None)
        head = f"commit refs/heads/{branch}\ncommitter Octo <octo@example.com> 1704067200 +0000\ndata 6\nchange\n"
        stream = head.encode() + (f"from {parent}\n".encode() if parent else b"")
        self.run("fast-import", "--quiet", "--force", content=stream + b"".join(map(_change, files, files.values())))
        found = self.sha(f"refs/heads/{branch}")
        assert found
        return found

    def sha(self, name: str) -> str | None:
        """The commit of a ref or name, None where there is none."""
        for candidate in (name, f"refs/heads/{name}"):
            try:
                return self.line("rev-parse", "--verify", "--quiet", "--end-of-options", candidate + "^{commit}")
            except KeyError:
                continue
        return None

    def tree(self, treeish: str, *, recursive: bool) -> tuple[str, list[TreeEntry]]:
        """The tree's name and entries."""
        options = ["-r", "-t"] if recursive else []
        listing = self.run("ls-tree", "-z", "-l", *options, treeish).decode().split("\0")
        entries = []
        for line in filter(None, listing):
            facts, path = line.split("\t", 1)
            mode, kind, sha, size = facts.split()
            entries.append(TreeEntry(mode, kind, sha, int(size) if size.isdigit() else None, path))
        return self.line("rev-parse", treeish + "^{tree}"), entries

    def blob(self, sha: str) -> bytes:
        """A blob's content."""
        return self.run("cat-file", "blob", sha)

    def blobs(self, names: list[str]) -> dict[str, bytes]:
        """Contents by name of those that are there."""
        output, at, found = self.run("cat-file", "--batch", content="\n".join(names).encode()), 0, {}
        while at < len(output):
            header, at = output[at:].partition(b"\n")[0], output.index(b"\n", at) + 1
            if not header.endswith(b"missing"):
                size = int(header.split()[2])
                found[header.split()[0].decode()] = output[at : at + size]
                at += size + 1
        return found

    def content(self, commit: str, path: str) -> bytes | None:
        """A file of a commit, None where it has none."""
        try:
            return self.run("cat-file", "blob", f"{commit}:{path}")
        except KeyError:
            return None

    def merge(self, ours: str, theirs: str) -> str | None:
        """The commit that merges two, None where they conflict."""
        try:
            tree = self.line("merge-tree", "--write-tree", ours, theirs)
        except KeyError:
            return None
        return self.line("commit-tree", tree, "-p", ours, "-p", theirs, "-m", "merge")

    def differences(self, fork: str, head: str) -> list[Difference]:
        """The files that differ, as git shows them."""
        words = iter(self.run("diff", "--name-status", "-z", "-M", fork, head).decode().split("\0")[:-1])
        shown = self.run("diff", "--no-ext-diff", "--full-index", "-U3", "-M", fork, head).decode("utf-8", "replace")
        found = []
        for letter, text in zip(words, re.split(r"^diff --git .*\n", shown, flags=re.MULTILINE)[1:], strict=False):
            old = next(words)
            new = next(words) if _RENAME.fullmatch(letter) else old
            names = _INDEX.search(text)
            patch = text[hunk.start() :] if (hunk := _HUNK.search(text)) else ""
            found.append(Difference(letter[0], old, new, names[1] if names else None, patch))
        return found


def lines_of(patch: str) -> set[int]:
    """The lines of the new side that a diff shows."""
    lines: set[int] = set()
    for start, count in _HUNK.findall(patch):
        lines |= set(range(int(start), int(start) + int(count or 1)))
    return lines
