"""The embedded sample: a small shop on ``main``, its policies, and a pull request that changes it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from bot.model import SourceError

BASE, HEAD = "main", "more-nginx"
_SAMPLE = Path(__file__).parent
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "preadmit demo"), ("EMAIL", "demo@preadmit.invalid"), ("DATE", "2026-01-01T00:00:00Z"))
}


def make_repository(directory: Path) -> None:
    """Make a git repository with the branches BASE and HEAD in ``directory``, which is created if need be.

    Raises SourceError where it cannot.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _git(directory, "init", "--quiet", f"--initial-branch={BASE}")
        _commit(directory, _SAMPLE / "base", "A shop and its policies")
        _git(directory, "switch", "--quiet", "--create", HEAD)
        _commit(directory, _SAMPLE / "head", "More nginx, and an agent")
        _git(directory, "switch", "--quiet", BASE)
    except OSError as refused:
        what = refused.filename or directory
        raise SourceError(f"the sample cannot be made: {what}: {refused.strerror}", "name another --dir") from refused
    except subprocess.SubprocessError as failed:
        raise SourceError(f"the sample cannot be made: {failed}", "git 2.31 or later is needed") from failed


def _commit(directory: Path, files: Path, message: str) -> None:
    # contents alone: git takes a file of the same size and time for the one that it knows, and ours may be read-only
    for file in sorted(path for path in files.rglob("*") if path.is_file()):
        place = directory / file.relative_to(files)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    _git(directory, "add", "--all")
    _git(directory, "commit", "--quiet", "--no-verify", f"--message={message}")


def _git(directory: Path, *arguments: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # those name another one
    environment = {**kept, **_IDENTITY, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", "-C", str(directory), *arguments]
    subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL, timeout=60)  # noqa: S603 - fixed words
