"""The command ``preadmit``: its subcommands are loaded on demand, so that each starts as fast as it can."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Sequence

import click

_COMMANDS = {
    "check": "Judge a pull request from local git objects: what would the cluster say to this change?",
    "scan": "Judge every manifest of a tree, as the background scan does.",
    "apply": "Apply policies to resources; drop-in for `kyverno apply`.",
    "test": "Run kyverno-test.yaml files; drop-in for `kyverno test`.",
    "jp": "Ask, parse and list JMESPath expressions; drop-in for `kyverno jp`.",
    "serve": "Receive GitHub's webhooks and answer pull requests.",
    "worker": "Answer pull requests that `serve --web` has received.",
    "doctor": "Look at everything that `serve` needs, and say what to do.",
    "app": "Register the GitHub App with one click.",
    "action": "The entry point of the GitHub Action.",
    "demo": "Judge an embedded sample pull request, and show what a reviewer sees.",
    "version": "Print this version and the release of Kyverno whose answers are given.",
}

_SELDOM = (100_000, 50, 100)
"""When a command that soon ends looks for garbage: nearly all that it makes lives until then (a tenth of the time)."""


class LazyGroup(click.Group):
    """A group that imports the module of a subcommand when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        found = importlib.import_module(f"bot.commands.{cmd_name}").command
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, written without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _version(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    """Print the version; reading it from the package's metadata takes longer than judging a manifest."""
    if asked and not context.resilient_parsing:
        from importlib.metadata import version

        from bot.model import REFERENCE

        click.echo(f"preadmit {version('preadmit')} (answers of {REFERENCE})")
        context.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def group() -> None:
    """Give a pull request the answer that the cluster would give.

    preadmit judges the Kubernetes manifests of a change with the Kyverno policies of its base branch.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; the exit code is the subcommand's, and 2 where a fault of this program ends it."""
    if (sys.argv[1:] if arguments is None else arguments)[:1] not in (["serve"], ["worker"]):
        gc.set_threshold(*_SELDOM)
    try:
        group.main(args=arguments, prog_name="preadmit", standalone_mode=True)
    except Exception as fault:  # noqa: BLE001 - the last resort: a traceback would leave with 1, which means blocked
        sys.stderr.write(f"{_said(fault)}\n")
        sys.exit(2)


def _said(fault: Exception) -> str:
    """A fault of this program in one line, with the places that a report of it needs."""
    from pathlib import Path
    from traceback import extract_tb

    from bot.markdown import cut, visible

    steps = [f"{Path(step.filename).name}:{step.lineno}" for step in extract_tb(fault.__traceback__)[:-5:-1]]
    what = visible(cut(f"{type(fault).__name__}: {fault}", 300))
    return (
        f"preadmit: nothing was judged, by a fault of preadmit itself: {what} ({' < '.join(steps)}); please report it"
    )


if __name__ == "__main__":
    main()
