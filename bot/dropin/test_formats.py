"""The tables of ``test`` for machines: JSON, YAML, Markdown and JUnit (upstream: output.go, printOutputFormats)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from bot.dropin import tables, yaml_text
from bot.dropin.tables import Row


def _objects(rows: Sequence[Row], detailed: bool) -> list[dict[str, object]]:
    found = []
    for row in rows:
        cells: dict[str, object] = {
            "ID": row.number,
            "POLICY": row.policy,
            "RULE": row.rule,
            "RESOURCE": row.resource,
            "RESULT": row.result,
            "REASON": row.reason,
        }
        found.append({**cells, "Message": row.message} if detailed else cells)
    return found


def json(rows: Sequence[Row], detailed: bool) -> str:
    """A list of objects."""
    return yaml_text.indented_json(_objects(rows, detailed))


def yaml(rows: Sequence[Row], detailed: bool) -> str:
    """The same in YAML."""
    return yaml_text.resource_yaml(_objects(rows, detailed))


def markdown(rows: Sequence[Row], detailed: bool) -> str:
    """A table."""
    titles = tables.headers(detailed)
    lines = ["| " + " | ".join(titles) + " | ", "|" + "----|" * len(titles)]
    for row in rows:
        cells = [cell.replace("|", "\\|").replace("\n", "<br>") for cell in row.cells(detailed)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def junit(rows: Sequence[Row], detailed: bool) -> str:
    """A suite for each policy; what is not evaluated is a skipped test."""
    suites: dict[str, list[Row]] = {}
    for row in rows:
        suites.setdefault(row.policy, []).append(row)
    failed = sum(row.failed for row in rows)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites tests="{len(rows)}" failures="{failed}">']
    for policy, members in suites.items():
        failures = sum(row.failed for row in members)
        lines.append(f' <testsuite name="{escape(policy)}" tests="{len(members)}" failures="{failures}">')
        for row in members:
            lines += _case(row, detailed)
        lines.append(" </testsuite>")
    return "\n".join([*lines, "</testsuites>"])


def _case(row: Row, detailed: bool) -> list[str]:
    facts = [f"    Policy: {row.policy}", f"    Rule: {row.rule}", f"    Resource: {row.resource}"]
    message = [f"    Message: {row.message}"] if detailed else []
    lines = [f'  <testcase classname="{escape(row.rule)}" name="{escape(row.resource)}">']
    if not row.evaluated:
        lines.append(f'   <skipped message="{escape(row.reason)}"/>')
    elif row.failed:
        body = [escape(line) for line in (*facts, f"    Result: {row.result}", *message)]
        lines += [f'   <failure message="{escape(row.reason)}">', *body, "   </failure>"]
    else:
        body = [line.replace("]]>", "]] >") for line in (f"    Reason: {row.reason}", *facts, *message)]
        lines += ["   <system-out><![CDATA[", *body, "   ]]></system-out>"]
    return [*lines, "  </testcase>"]


FORMATS: dict[str, Callable[[Sequence[Row], bool], str]] = {
    "json": json,
    "yaml": yaml,
    "markdown": markdown,
    "junit": junit,
}
