"""``preadmit version``."""

from __future__ import annotations

from importlib.metadata import version

import click

from bot.model import REFERENCE


@click.command("version")
def command() -> None:
    """Print this version and the release of Kyverno whose answers are given."""
    click.echo(f"preadmit {version('preadmit')}\nanswers of {REFERENCE}")
