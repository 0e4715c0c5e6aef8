"""``preadmit worker``."""

from __future__ import annotations

import click


@click.command("worker")
def command() -> None:
    """Answer pull requests that `preadmit serve --web` has received, here or on another machine.

    The settings are those of `preadmit serve`; several machines share one PREADMIT_DATABASE_URL.
    """
    from bot.commands.serve import run

    run("worker", lambda service: service.worker())
