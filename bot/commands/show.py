"""What ``check`` and ``scan`` have in common: they print a judgement and leave with its exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from bot.model import Judgement, SourceError
from bot.publish import ConsolePublisher, FilePublisher


def publish(judged: Callable[[], Judgement], form: str, out: Path | None) -> None:
    """Print the judgement in a format, write what the bot would post to ``out``, and leave with the exit code."""
    try:
        judgement = judged()
        ConsolePublisher(form=form).publish(judgement)
        if out is not None:
            FilePublisher(out).publish(judgement)
    except SourceError as error:
        advice = f"\n{error.advice}" if error.advice else ""
        click.echo(f"preadmit: {error}{advice}", err=True)
        sys.exit(2)
    sys.exit(judgement.exit_code)
