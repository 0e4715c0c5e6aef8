"""``preadmit scan``: the background scan of a tree."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.show import publish
from bot.pipeline import scan
from bot.publish import FORMATS
from bot.source import GitSource


@click.command("scan")
@click.argument("ref", required=False)
@click.option(
    "--repo",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="The repository, which may be bare. Default: this directory.",
)
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="What to print."
)
@click.option("--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Also write the outputs.")
def command(ref: str | None, repo: Path, form: str, out: Path | None) -> None:
    """Judge every manifest of REF (default: the working tree) with the policies of the same tree.

    A scan reports and never blocks. Exit codes: 0 reported, 2 something could not be judged.
    """
    publish(lambda: scan(GitSource(repo), ref), form, out)
