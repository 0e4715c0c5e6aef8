"""``preadmit demo``."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import click

from bot import demo
from bot.commands.show import telling
from bot.pipeline import judge
from bot.publish import ConsolePublisher, FilePublisher
from bot.source import GitSource


@click.command("demo")
@click.option(
    "--dir",
    "directory",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to make the sample repository. Default: a new directory below the temporary ones.",
)
def command(directory: Path | None) -> None:
    """Judge an embedded sample pull request, and show what a reviewer sees."""
    if directory is None:
        directory = Path(tempfile.mkdtemp(prefix="preadmit-demo-"))
    elif directory.exists() and any(directory.iterdir()):
        raise click.UsageError(f"{directory} is not empty; name a new directory")
    repository, posted = directory / "shop", directory / "posted"
    with telling():
        demo.make_repository(repository)
        click.echo(f"A small shop with four policies on `{demo.BASE}`; `{demo.HEAD}` asks to be merged into it.\n")
        judgement = judge(GitSource(repository, demo.BASE, demo.HEAD))
        ConsolePublisher().publish(judgement)
        FilePublisher(posted).publish(judgement)
    where, program = shlex.quote(str(repository)), shlex.quote(_program())
    click.echo(
        f"\nWhat a reviewer sees on the pull request: {posted}/summary.md\n"
        f"All that the bot would post, comments and suggestions included: {posted}/\n"
        f"Judge it again:  {program} check --repo {where} --base {demo.BASE} --head {demo.HEAD}\n"
        f"The whole tree:  {program} scan {demo.BASE} --repo {where}\n"
        f"Your own change: {program} check, in any repository that keeps Kyverno policies"
    )


def _program() -> str:
    """How this program was called, so that what is printed can be typed again."""
    called = sys.argv[0]
    return called if called.endswith("preadmit") and not shutil.which("preadmit") else "preadmit"
