"""``preadmit scan``: the background scan of a tree."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bot import limits
from bot.commands.show import format_option, out_option, publish, repository_option
from bot.pipeline import scan
from bot.source import GitSource


@click.command("scan")
@click.argument("ref", required=False)
@repository_option
@format_option
@out_option
def command(ref: str | None, repo: Path, form: str, out: Path | None) -> None:
    """Judge every manifest of REF (default: the working tree) with the policies of the same tree.

    A scan reports and never blocks. Exit codes: 0 reported, 2 something could not be judged.
    """
    publish(lambda: scan(GitSource(repo), ref, limits.of(os.environ)), form, out)
