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
    GitHub's deliveries arrive, where it is installed, and whether its check is required there, from this App alone.
    Changes nothing. Exits 1 where something fails.
    """
    from bot.doctor.checkup import State
    from bot.doctor.visit import Doctor
    from bot.durable.database import reached
    from bot.github.auth import App
    from bot.github.own import facts, skew
    from bot.github.required import required_checks
    from bot.markdown import visible
    from bot.settings import Settings

    def app(settings: Settings) -> App:
        return App(settings.app_id, settings.private_key, settings.api_url)

    logging.disable(logging.WARNING)  # what is wrong stands among the results, and once
    doctor = Doctor(
        skew=lambda settings: skew(settings.api_url),
        facts=lambda settings: facts(app(settings)),
        database=reached,
        required=lambda settings, installations: required_checks(app(settings), installations),
    )
    failed = False
    for found in doctor.visit(os.environ):
        failed |= found.state is State.FAIL
        click.echo(f"{found.state:<5} {found.what:<14} {visible(found.text)}")
        if found.advice:
            click.echo(f"{'':<20} -> {visible(found.advice)}")
    sys.exit(1 if failed else 0)
