"""``preadmit doctor``."""

from __future__ import annotations

import logging
import os
import sys

import click


@click.command("doctor")
def command() -> None:
    """Look at everything that `preadmit serve` needs, with the same settings, and say what to do.

    Checks the settings, the database, the clock, the App's credentials, permissions and events, its webhook and whether
    GitHub's deliveries arrive, and where it is installed. Changes nothing. Exits 1 where something fails.
    """
    from bot.doctor.checkup import State
    from bot.doctor.visit import Doctor
    from bot.durable.database import reached
    from bot.github.auth import App
    from bot.github.own import facts, skew
    from bot.markdown import visible

    logging.disable(logging.WARNING)  # what is wrong stands among the results, and once
    doctor = Doctor(
        skew=lambda settings: skew(settings.api_url),
        facts=lambda settings: facts(App(settings.app_id, settings.private_key, settings.api_url)),
        database=reached,
    )
    failed = False
    for found in doctor.visit(os.environ):
        failed |= found.state is State.FAIL
        click.echo(f"{found.state:<5} {found.what:<14} {visible(found.text)}")
        if found.advice:
            click.echo(f"{'':<20} -> {visible(found.advice)}")
    sys.exit(1 if failed else 0)
