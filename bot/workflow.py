"""What a step of a GitHub Actions job can say: annotations, a summary, outputs; all text escaped for its place.

A line of the log that looks like a workflow command is one, so text of the repository is printed only between
``stop-commands`` and a word that nobody can guess.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Final

from bot.model import Annotation

MAX_PER_KIND: Final = 10
"""Annotations of one kind that GitHub keeps from a step; further ones vanish without a word."""

MAX_SUMMARY: Final = 1 << 20
"""Bytes of a step's summary; a larger one is dropped altogether."""

_KINDS: Final = {"failure": "error", "warning": "warning", "notice": "notice"}
_CUT: Final = "\n\n… cut: the summary of a step has at most 1 MiB.\n"


def escape(text: str) -> str:
    """Text as the message of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Text as the value of a command's property."""
    return escape(text).replace(":", "%3A").replace(",", "%2C")


def command(kind: str, message: str, **properties: str | int) -> str:
    """One workflow command; properties without a value are left out."""
    named = [f"{name}={escape_property(str(value))}" for name, value in properties.items() if value]
    return f"::{kind}{' ' if named else ''}{','.join(named)}::{escape(message)}"


def annotate(given: Iterable[Annotation]) -> Iterator[str]:
    """Commands for the first ten of each kind, and one line where there are more."""
    used = dict.fromkeys(_KINDS.values(), 0)
    for one in given:
        kind = _KINDS.get(one.level, "warning")
        used[kind] += 1
        if used[kind] > MAX_PER_KIND:
            continue
        end = max(one.start_line, one.end_line)
        yield command(kind, one.message, file=one.path, line=one.start_line, endLine=end, title=one.title)
    if max(used.values()) > MAX_PER_KIND:
        yield f"More findings are in the job's summary: GitHub shows {MAX_PER_KIND} annotations of a kind."


def quoted(text: str) -> Iterator[str]:
    """Text for the log in which nothing is a command."""
    word = secrets.token_hex(16)
    yield f"::stop-commands::{word}"
    yield text
    yield f"::{word}::"


def fitted(summary: str) -> str:
    """The summary within a step's measure, cut at a line."""
    raw = summary.encode("utf-8", "replace")
    if len(raw) <= MAX_SUMMARY:
        return summary
    kept = raw[: MAX_SUMMARY - len(_CUT.encode())].decode("utf-8", "ignore")
    return (kept.rpartition("\n")[0] or kept) + _CUT


def output(name: str, value: str) -> str:
    """A line for the file of outputs; a value with a line end could set another output."""
    if "\n" in value or "\r" in value:
        raise ValueError(f"the output {name} must be one line")
    return f"{name}={value}\n"
