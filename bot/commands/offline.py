"""What ``apply`` and ``test`` have in common: they run offline, and end as Kyverno's commands do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn

import click

from bot.dropin.strict import FileError
from engine.values import golang


class Command(click.Command):
    """A command whose switches may be given their value, as Kyverno's may: ``--audit-warn=false`` (pflag)."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments with all switches written as click knows them."""
        options = [param for param in self.params if isinstance(param, click.Option) and param.is_flag]
        switches = {name for option in options for name in option.opts}
        return super().parse_args(ctx, list(_plain(args, switches)))


def _plain(args: Iterable[str], switches: set[str]) -> Iterator[str]:
    for arg in args:
        name, _, value = arg.partition("=")
        wanted = golang.parse_bool(value) if name in switches else None
        if wanted is None:
            yield arg
        elif wanted:
            yield name


def leave(refusal: str, run: Callable[[], int]) -> NoReturn:
    """Run, and leave with the exit code; a refusal, or a file that cannot be read, is one line and exit code 1."""
    if refusal:
        _fail(refusal)
    try:
        code = run()
    except FileError as error:
        sys.stdout.flush()
        _fail(str(error))
    sys.exit(code)


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)
