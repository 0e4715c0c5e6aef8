"""Columns as kubectl prints them (k8s.io/cli-runtime/pkg/printers/tabwriter.go, kubectl describe's own tabwriter)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from bot.model import Row

HEADER: Final = ("NAMESPACE", "NAME", "KIND", "NAME", "PASS", "FAIL", "WARN", "ERROR", "SKIP")
_MIN_WIDTH: Final = 6
_PADDING: Final = 3
_DESCRIBE_PADDING: Final = 2


def cells(row: Row) -> tuple[str, ...]:
    """One line of `kubectl get policyreports -A`; the first NAME is the report's."""
    counts = (row.passed, row.failed, row.warned, row.erred, row.skipped)
    return (row.namespace, row.report, row.kind, row.name, *map(str, counts))


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines in which each column is as wide as its widest cell, and three spaces; the last is not padded."""
    every = list(rows)
    widths = [max(_MIN_WIDTH, max(map(len, column)) + _PADDING) for column in zip(*every, strict=True)]
    return ["".join(map(str.ljust, row[:-1], widths)) + row[-1] for row in every]


def align(text: str) -> str:
    """Text whose lines hold ``label<TAB>value``: the labels of neighbouring lines made equally wide."""
    lines: list[str] = []
    for tabbed, group in groupby(text.split("\n"), lambda line: "\t" in line):
        pairs = [line.partition("\t") for line in group]
        width = max(len(label) for label, _, _ in pairs) + _DESCRIBE_PADDING
        lines += [label.ljust(width) + value if tabbed else label for label, _, value in pairs]
    return "\n".join(lines)
