"""The place for what policies made of resources, a file or a directory (upstream: commands/apply/log.go)."""

from __future__ import annotations

import os
from collections.abc import Iterable

from bot.dropin.strict import FileError


def clear(output: str) -> None:
    """Make the place: a file is emptied, a directory made. Raises FileError."""
    try:
        if _is_file(output):
            os.makedirs(os.path.dirname(output) or ".", exist_ok=True)
            with open(output, "w", encoding="utf-8"):
                pass
        else:
            os.makedirs(output, exist_ok=True)
    except OSError as error:
        raise FileError(f"failed to create file/folder ({error})") from error


def append(output: str, name: str, texts: Iterable[str]) -> None:
    """Add texts to the file, or in the directory to that of the name."""
    target = output if _is_file(output) else os.path.join(output, f"{name}.yaml")
    with open(target, "a", encoding="utf-8") as file:
        file.writelines(texts)


def _is_file(output: str) -> bool:
    return output.rpartition(".")[2] in ("yml", "yaml")
