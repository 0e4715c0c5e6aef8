"""What ``apply`` and ``test`` have in common: they run offline, and end as Kyverno's commands do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

import click

from bot.dropin.strict import FileError


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
