"""``preadmit action``."""

from __future__ import annotations

import io
import os
import sys

import click


@click.command("action")
def command() -> None:
    """The entry point of the GitHub Action (action.yml): judge the event's change.

    Writes annotations, the job's summary and outputs; needs no secret, so a pull request from a fork is judged alike.

    Exit codes: 0 admitted, 1 blocked, 2 something could not be judged.
    """
    from bot import render
    from bot.action import Action
    from bot.limits import of
    from bot.pipeline import judge
    from bot.publish import FilePublisher

    if isinstance(sys.stdout, io.TextIOWrapper):  # the runner reads UTF-8, whatever the locale
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(Action(os.environ, lambda source: judge(source, of(os.environ)), render, FilePublisher, sys.stdout).run())
