"""The ``git`` program as a reader of objects: nothing checked out, nothing written, nothing of the repository run.

A repository may be hostile. Its configuration, attributes and hooks cannot start a program here: the file system
monitor and hooks are off, no command used applies filters or textconv, missing objects of a partial clone are not
fetched (every protocol is refused), and the caller's environment and global configuration do not count. That is why
the ownership check (``safe.directory``), which guards against just those, can be lifted: a container seldom owns the
tree it is given.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from bot.model import Entry, SourceError

TIMEOUT = 120.0
"""Seconds that one git command, or reading some thousand contents, may take."""

_NAME = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")

_OPTIONS = (
    "--no-replace-objects",
    "--literal-pathspecs",
    "--no-pager",
    "-c",
    "core.fsmonitor=",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "advice.graftFileDeprecated=false",
    "-c",
    "safe.directory=*",
)


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


class Git:
    """Runs git plumbing in one directory; every failure is a ``SourceError`` that says what to do."""

    def __init__(self, directory: Path, timeout: float = TIMEOUT) -> None:
        self.directory = directory
        self.timeout = timeout
        self.git_dir: Path | None = None  # where git would find it by itself
        if not directory.is_dir():
            raise SourceError(f"{directory} is no directory", "name the repository's directory with --repo")

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        where = ("--git-dir", str(self.git_dir)) if self.git_dir else ()
        return ["git", *_OPTIONS, *where, *arguments]

    def status(self, *arguments: str, content: bytes = b"") -> tuple[int, bytes]:
        """Run a command that reads ``content``: its exit status, and its output, of a failed one what it complained.

        Status 1 is no failure: commands answer a question with it, and their output says more.
        """
        try:
            done = subprocess.run(  # noqa: S603 - a list, no shell; arguments that a user gives follow --end-of-options
                self._command(arguments),
                cwd=self.directory,
                env=_environment(),
                input=content,
                capture_output=True,
                timeout=self.timeout,
                check=False,
            )
        except FileNotFoundError as missing:
            raise SourceError("the program git was not found", "install git 2.31 or later") from missing
        except subprocess.TimeoutExpired as late:
            raise SourceError(f"git {arguments[0]} took longer than {self.timeout:g} s") from late
        if done.returncode == 128 and b"not a git repository" in done.stderr:
            raise SourceError(f"{self.directory} is no git repository", "name the repository's directory with --repo")
        told = done.stdout if done.returncode <= 1 else b""
        return done.returncode, told if done.returncode == 0 else told or done.stderr

    def run(self, *arguments: str) -> bytes:
        """Run a command that must succeed: its output."""
        status, output = self.status(*arguments)
        if status != 0:
            raise SourceError(f"git {arguments[0]} failed: {first_line(output)}")
        return output

    def line(self, *arguments: str) -> str | None:
        """The first line that a command prints, None when it fails."""
        status, output = self.status(*arguments)
        return first_line(output) if status == 0 else None

    def commit(self, ref: str) -> str | None:
        """The commit that ``ref`` names, None where there is none; options in disguise are refused."""
        if not ref or ref.startswith("-") or any(ord(c) < 32 for c in ref):
            raise SourceError(f"{ref!r} cannot name a commit", "give a branch, a tag or a commit")
        found = self.line("rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}")
        return found if found and _NAME.fullmatch(found) else None  # "^main" names what is *not* in main

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a long-lived command with pipes at both ends."""
        return subprocess.Popen(  # noqa: S603 - as in status
            self._command(arguments),
            cwd=self.directory,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


def first_line(output: bytes) -> str:
    """The first line of an output, as text."""
    return output.partition(b"\n")[0].decode("utf-8", "backslashreplace")


def path_text(raw: bytes) -> str:
    r"""A path as text; bytes that are no UTF-8 are shown as ``\xNN``, and no surrogate enters the program."""
    return raw.decode("utf-8", "backslashreplace")


def by_path(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Entries by path; two names that read alike are refused, for one of the files would go unjudged."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if found.setdefault(entry.path, entry) is not entry:
            raise SourceError(f"two files are both named {entry.path}", "rename the one whose name is no UTF-8")
    return found
