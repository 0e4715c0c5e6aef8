"""What ``check`` and ``scan`` have in common: they print a judgement and leave with its exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.markdown import visible
from bot.model import Judgement, SourceError
from bot.publish import FORMATS, ConsolePublisher, FilePublisher

repository_option = click.option(
    "--repo",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="The repository, which may be bare. Default: this directory.",
)
format_option = click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="What to print."
)
out_option = click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write there exactly what the bot would post.",
)


def publish(judged: Callable[[], Judgement], form: str, out: Path | None) -> None:
    """Print the judgement in a format, write what the bot would post to ``out``, and leave with the exit code."""
    with telling():
        judgement = judged()
        ConsolePublisher(form=form).publish(judgement)
        if out is not None:
            FilePublisher(out).publish(judgement)
    sys.exit(judgement.exit_code)


@contextmanager
def telling() -> Iterator[None]:
    """Where trees cannot be had or written, say why and what to do, and leave with 2."""
    try:
        yield
    except SourceError as error:
        advice = f"\n{visible(error.advice)}" if error.advice else ""
        click.echo(f"preadmit: {visible(str(error))}{advice}", err=True)
        sys.exit(2)
