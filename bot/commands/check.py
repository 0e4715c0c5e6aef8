"""``preadmit check``: the local dry run of the bot."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bot import limits
from bot.commands.show import format_option, out_option, publish, repository_option
from bot.pipeline import judge
from bot.source import GitSource


@click.command("check")
@click.option("--base", metavar="REF", help="The branch to merge into. Default: the default branch.")
@click.option("--head", metavar="REF", help="The change. Default: the working tree with uncommitted changes.")
@repository_option
@format_option
@out_option
def command(base: str | None, head: str | None, repo: Path, form: str, out: Path | None) -> None:
    """Judge a change from local git objects; nothing is checked out.

    What is judged is what would be there after the merge, against the tip of the base branch; the merge is tried in
    memory, by git 2.38 or later. Policies, exceptions and configuration come from that tip, too, so that a change
    cannot weaken the rules that judge it. Where the two conflict, the change is compared with its merge base.

    Exit codes: 0 admitted, 1 blocked, 2 something could not be judged (a policy, the configuration or a changed
    manifest that cannot be read).
    """
    publish(lambda: judge(GitSource(repo, base, head), limits.of(os.environ)), form, out)
