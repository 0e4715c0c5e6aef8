"""``preadmit serve``."""

from __future__ import annotations

import os
import sys

import click


@click.command("serve")
def command() -> None:
    """Receive GitHub's webhooks and answer pull requests: POST /webhook, GET /healthz.

    \b
    Settings come from the environment:
      PREADMIT_APP_ID            the App's id
      PREADMIT_PRIVATE_KEY       its private key (PEM), or PREADMIT_PRIVATE_KEY_FILE, a file that holds it
      PREADMIT_WEBHOOK_SECRET    the webhook's secret
      GITHUB_API_URL             default https://api.github.com; https://HOST/api/v3 for Enterprise Server
      PORT                       default 8080
      PREADMIT_STATE_DIR         default /var/lib/preadmit; contents of repositories are kept there by their hash
      PREADMIT_THREADS           default 4; pull requests judged at the same time
    """
    from bot import render
    from bot.pipeline import judge
    from bot.serve import serve
    from bot.settings import SettingsError, read

    try:
        serve(read(os.environ), judge, render)
    except SettingsError as wrong:
        click.echo(f"preadmit serve: {wrong}", err=True)
        sys.exit(2)
