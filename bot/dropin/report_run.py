"""``--policy-report``: the answers collected, by several processes where there are many, and written."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from bot.dropin import merged_report, processes
from bot.dropin.counts import Counts, Warnings
from bot.dropin.merged_report import Merged, Written
from bot.dropin.run import Asked
from engine.model import Problem
from engine.policies import AnyPolicy
from engine.resources import Resource

_AT_ONCE = 1000
"""Rows that are written at a time, where standard output does not gather them itself."""

Ask = Callable[[Sequence[Resource], Counts, list[Problem]], Iterator[Asked]]
"""Asks about resources, counts the answers, and notes what nobody could be asked."""


class Work(Struct, frozen=True):
    """What is asked, of which policies, and whose failures are warnings."""

    ask: Ask
    policies: Sequence[AnyPolicy]
    warnings: Warnings


def collect(
    work: Work, resources: Sequence[Resource], counts: Counts, unjudged: list[Problem], *, shared: bool
) -> Merged:
    """The answers about all resources, counted; ``shared`` lets other processes answer for some, as JSON only."""
    timestamp = int(time.time())

    def collected(share: Sequence[Resource], counts: Counts, unjudged: list[Problem]) -> Merged:
        return merged_report.collect(work.ask(share, counts, unjudged), work.warnings, timestamp)

    def written(share: Sequence[Resource]) -> bytes:
        counted, open_ = Counts(), list[Problem]()
        merged = collected(share, counted, open_)
        return msgspec.msgpack.encode(_Share(counted, open_, merged.written(work.policies)))

    first, *others = processes.shares(resources) if shared else [resources]
    copies = [processes.Copy(partial(written, share)) for share in others]
    merged = collected(first, counts, unjudged)
    for share, copy in zip(others, copies, strict=True):
        answered = msgspec.msgpack.decode(copy.result() or written(share), type=_Share)
        counts.join(answered.counts)
        unjudged += answered.unjudged
        merged.join(answered.rows, work.policies)
    return merged


class _Share(msgspec.Struct, array_like=True):
    """What another process hands back."""

    counts: Counts
    unjudged: list[Problem]
    rows: list[Written]


def write(found: Merged, output_format: str) -> None:
    """Write the reports to standard output."""
    for report in found.reports():
        if report.kind == "PolicyReport":
            sys.stdout.write("---\n")
        if output_format == "json":
            parts = report.json()
            while piece := "".join(islice(parts, _AT_ONCE)):
                sys.stdout.write(piece)
        else:
            sys.stdout.write(text(report.value(), output_format))
        sys.stdout.write("\n")


def text(value: dict[str, Any], output_format: str) -> str:
    """A report or an exception in one of the two formats."""
    from bot.dropin import yaml_text

    return yaml_text.report_json(value) if output_format == "json" else yaml_text.report_yaml(value)
