"""Tables as the reference prints them (upstream: output/table, github.com/lensesio/tableprinter)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

_LIMIT: Final = 300
_LONG: Final = 10
_COLOURS: Final = {"Pass": "green", "Fail": "red", "Error": "red", "Warn": "yellow", "Skip": "cyan"}
_HEADERS: Final = ("ID", "POLICY", "RULE", "RESOURCE", "RESULT", "REASON")


class Row(Struct, frozen=True):
    """One line of a table. ``evaluated`` is False where this engine cannot tell."""

    number: int
    policy: str
    rule: str
    resource: str
    result: str
    reason: str
    message: str
    failed: bool = False
    evaluated: bool = True

    def cells(self, detailed: bool) -> tuple[str, ...]:
        """The cells in the order of the headers."""
        cells = (str(self.number), self.policy, self.rule, self.resource, self.result, self.reason)
        return (*cells, self.message) if detailed else cells


def headers(detailed: bool) -> tuple[str, ...]:
    """The titles of the columns."""
    return (*_HEADERS, "MESSAGE") if detailed else _HEADERS


def resource(kind: str, namespace: str, name: str) -> str:
    """A resource in one cell (upstream: output/color/color.go)."""
    if "/" in name:
        namespace, name = name.split("/")[:2]
    return f"{namespace}/{kind}/{name}" if namespace else f"{kind}/{name}"


def text(rows: Sequence[Row], detailed: bool, coloured: bool) -> str:
    """The table; nothing where there are no rows."""
    titles = list(headers(detailed))
    if len(rows) > _LONG:
        titles[0] = f"{titles[0]} ({len(rows)}) "
    cells = [[_wrapped(cell) for cell in row.cells(detailed)] for row in rows]
    columns = zip([[title] for title in titles], *cells, strict=True)
    widths = [max(len(line) for lines in column for line in lines) for column in columns]
    rule = "│" + "│".join("─" * (width + 2) for width in widths) + "│"
    body = [line for row in cells for line in _lines(row, widths, coloured)]
    return "\n".join([rule, *_lines([[title] for title in titles], widths, False), rule, *body, rule])


def _lines(cells: Sequence[Sequence[str]], widths: Sequence[int], coloured: bool) -> list[str]:
    found = []
    for index in range(max(len(lines) for lines in cells)):
        parts = []
        for lines, width in zip(cells, widths, strict=True):
            part = lines[index] if index < len(lines) else ""
            parts.append(_coloured(part, coloured) + " " * (width - len(part)))
        found.append("│ " + " │ ".join(parts) + " │")
    return found


def _coloured(cell: str, coloured: bool) -> str:
    if not coloured or cell not in _COLOURS:
        return cell
    import click

    return click.style(cell, fg=_COLOURS[cell], bold=True)


def _wrapped(cell: str) -> list[str]:
    """The lines of a cell; words beyond 300 characters go to the next one (tableprinter.go: cellText)."""
    if len(cell) <= _LIMIT or "\n" in cell:
        return cell.split("\n")
    lines = [""]
    for word in cell.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LIMIT:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines
