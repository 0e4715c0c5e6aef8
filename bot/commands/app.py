"""``preadmit app``."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click


@click.group("app")
def command() -> None:
    """The GitHub App that preadmit answers as."""


@command.command("create")
@click.option("--url", required=True, metavar="URL", help="Where GitHub will reach `preadmit serve`, https://HOST.")
@click.option("--name", default="preadmit", show_default=True, help="The App's name, unique on GitHub.")
@click.option("--organization", default="", metavar="NAME", help="Who owns the App. Default: you.")
@click.option("--merge-queue", is_flag=True, help="Also ask for what a merge queue needs (merge queues: read).")
@click.option("--conversation", is_flag=True, help="Also hear orders outside of review threads (issues: read).")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="preadmit-app",
    show_default=True,
    metavar="DIR",
    help="Where the credentials are stored, readable by you alone.",
)
@click.option("--port", default=0, metavar="PORT", help="The local page's port. Default: a free one.")
@click.option("--no-browser", is_flag=True, help="Only print the page's address.")
def create(url: str, name: str, organization: str, out: Path, port: int, no_browser: bool, **extras: bool) -> None:
    """Register the App on GitHub with one click, and store its credentials.

    Serves a page on this machine that sends GitHub the App's description: its permissions, events and webhook. GitHub
    asks you once, and gives the credentials back to the page. Enterprise Server: set GITHUB_API_URL.
    """
    from bot.app_manifest import EXTRAS, AppManifest, ManifestError
    from bot.credentials import Credentials, CredentialsError, check_free
    from bot.github.conversion import convert
    from bot.registration import Registrar, Registration
    from bot.settings import api_url

    faults: list[str] = []
    api = api_url(os.environ, faults)
    if not re.fullmatch(r"[A-Za-z0-9-]*", organization):
        faults.append(f"{organization!r} is no organization's name")
    try:
        check_free(out)
        registration = Registration(
            manifest=AppManifest(name, url, tuple(EXTRAS[extra] for extra in extras if extras[extra])),
            api_url=api,
            organization=organization,
            exchange=lambda code: Credentials.of(convert(api, code)),
            store=lambda made: str(made.write(out, api)),
        )
        if faults:
            raise ManifestError("; ".join(faults))
        registrar = Registrar(registration, port)
    except (CredentialsError, ManifestError, OSError) as wrong:
        click.echo(f"preadmit app create: {wrong}", err=True)
        sys.exit(2)
    _follow(registrar.address, no_browser)
    made = registrar.wait()
    if made is not None:
        click.echo(
            f"{made.slug} is registered; its credentials are in {out}.\nInstall it: {made.address}/installations/new"
        )


def _follow(address: str, no_browser: bool) -> None:
    click.echo(f"Open {address} and press the button (Ctrl-C ends this without an App).")
    if not no_browser:
        click.launch(address)
