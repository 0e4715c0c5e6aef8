"""The commands run: in this process, which is quick, or as a program of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from bot.cli import group
from tests.bot.git_repository import Repository
from tests.e2e.shop import Files


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind; ``output`` is what it printed on both streams."""

    code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Both streams."""
        return self.stdout + self.stderr

    @property
    def lines(self) -> list[str]:
        """Standard output, line by line."""
        return self.stdout.splitlines()

    @property
    def title(self) -> str:
        """The last line: the counts."""
        return self.lines[-1]


def run(*arguments: str) -> Done:
    """A command in this process; a fault of the program itself is raised."""
    result = CliRunner(catch_exceptions=False).invoke(group, arguments, prog_name="preadmit")
    return Done(result.exit_code, result.stdout, result.stderr)


def program(*arguments: str, cwd: Path | None = None) -> Done:
    """The same as a program."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=cwd or Path.cwd(),
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def environment() -> dict[str, str]:
    """The environment of a program that finds this checkout."""
    import os

    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1"}


def check(repository: Repository, *arguments: str, head: str | None = "change", base: str | None = "main") -> Done:
    """``preadmit check`` of a branch."""
    named = [*(("--base", base) if base else ()), *(("--head", head) if head else ())]
    return run("check", "--repo", str(repository.path), *named, *arguments)


def judged(repository: Repository, *arguments: str, **named: str | None) -> dict[str, Any]:
    """The judgement of ``preadmit check`` as JSON."""
    found: dict[str, Any] = json.loads(check(repository, "--format", "json", *arguments, **named).stdout)
    return found


@dataclass(frozen=True, slots=True)
class Made:
    """Repositories below one directory, a new one at each call."""

    directory: Path

    def __call__(self, base: Files, change: Files | Callable[[Repository], None] | None = None) -> Repository:
        """A repository with ``base`` on main and ``change``, files or what is done to the tree, on branch change."""
        repository = Repository(self.directory / f"shop{sum(1 for _ in self.directory.iterdir())}")
        repository.commit(base)
        repository.git("switch", "--quiet", "--create", "change")
        if callable(change):
            change(repository)
            repository.commit()
        elif change:
            repository.commit(change)
        return repository
