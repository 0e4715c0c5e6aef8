"""``preadmit serve``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.serve import Service


@click.command("serve")
@click.option("--web", is_flag=True, help="Only receive; `preadmit worker` answers.")
def command(web: bool) -> None:
    """Receive GitHub's webhooks and answer pull requests: POST /webhook, GET /healthz, /readyz, /metrics.

    \b
    Settings come from the environment:
      PREADMIT_APP_ID            the App's id
      PREADMIT_PRIVATE_KEY       its private key (PEM), or PREADMIT_PRIVATE_KEY_FILE, a file that holds it
      PREADMIT_WEBHOOK_SECRET    the webhook's secret; the one before may stay in PREADMIT_WEBHOOK_SECRET_OLD
      GITHUB_API_URL             default https://api.github.com; https://HOST/api/v3 for Enterprise Server
      PORT                       default 8080
      PREADMIT_STATE_DIR         default /var/lib/preadmit; the database, and contents of repositories by their hash
      PREADMIT_DATABASE_URL      postgresql://USER:PASSWORD@HOST/DATABASE, where several processes share the work
      PREADMIT_THREADS           default 4; pull requests judged at the same time
      PREADMIT_LOG_FORMAT        text (default) or json
      PREADMIT_METRICS_PORT      where `preadmit worker` shows its metrics; default: nowhere
      PREADMIT_EVALUATION_SECONDS    default 60; for judging one pull request
      PREADMIT_EVALUATION_MEGABYTES  default 1024; memory for judging one pull request
      PREADMIT_RECONCILE_SECONDS default 300; between comparisons of open pull requests with their checks, 0: none
      PREADMIT_RECHECK_LABEL     a label that has a pull request judged anew; default: none
      PREADMIT_KEEP_DAYS         default 14; until finished work leaves the database
      PREADMIT_WAITING_WORK      default 2000; pieces of work of one installation that may wait, 0: no limit
      PREADMIT_RUNNING_WORK      default PREADMIT_THREADS less one; of one installation at a time
      PREADMIT_WRITES_A_MINUTE   default 80, PREADMIT_WRITES_AN_HOUR 500; of one installation, 0: no limit
      PREADMIT_GRACE_SECONDS     default 25; for what is begun, when the service is told to stop
      PREADMIT_MAX_...           limits of what is judged: docs/LIMITS.md
    """
    run("serve", lambda service: service.web() if web else service.both())


def run(name: str, role: Callable[[Service], None]) -> None:
    """Run a role of the service by the environment's settings, or say in one line what is wrong with them."""
    from bot import render
    from bot.isolation.pool import Bounds, Evaluators
    from bot.serve import Service
    from bot.settings import SettingsError, read

    try:
        settings = read(os.environ)
        bounds = Bounds(settings.evaluation_seconds, settings.evaluation_megabytes, settings.limits)
        role(Service.checked(settings, Evaluators(bounds), render))
    except SettingsError as wrong:
        click.echo(f"preadmit {name}: {wrong}", err=True)
        sys.exit(2)
