"""The program ``preadmit``, which is also ``python -m bot``: started, and gone, as quickly as Python lets it."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

_LASTING = ("serve", "worker", "app", "action")
"""Commands whose threads and processes Python waits for."""


def main() -> NoReturn:
    """Run the command of the command line."""
    gc.disable()  # what is imported stays: there is nothing to be found among it
    from bot import cli

    gc.freeze()
    gc.enable()
    if sys.argv[1:2] and sys.argv[1] in _LASTING:
        cli.main()
    try:
        cli.main()
    except SystemExit as ended:
        if isinstance(ended.code, int):
            _leave(ended.code)
        raise
    _leave(0)


def _leave(code: int) -> NoReturn:
    """End without freeing every object first, which takes a tenth of a small run.

    Where something cannot be written, Python's own way out says so.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(code)
    os._exit(code)


if __name__ == "__main__":
    main()
