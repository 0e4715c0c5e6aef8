"""The reports of ``--policy-report``: one for all cluster-wide policies, one for each namespaced one (report.go)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from bot.dropin.counts import Warnings
from bot.dropin.run import Asked
from engine import report
from engine.model import Result, Value
from engine.report import Flavour

Row = dict[str, Value]
_API = str(Flavour.OPENREPORTS)


def reports(answers: Iterable[Asked], warnings: Warnings, timestamp: int) -> list[dict[str, Value]]:
    """The merged ClusterReport, if there is anything for it, then the PolicyReports; ``timestamp`` in seconds."""
    by_policy: dict[int, tuple[Asked, list[Row]]] = {}
    for asked in answers:
        if not asked.rules:
            continue
        rows = by_policy.setdefault(id(asked.policy), (asked, []))[1]
        rows += _rows(asked, warnings, timestamp)
    found: list[dict[str, Value]] = []
    merged = [rows for asked, rows in by_policy.values() if not asked.policy.namespace]
    if merged:
        found.append(_report("ClusterReport", {"name": "merged"}, list(chain.from_iterable(merged))))
    for asked, rows in by_policy.values():
        if asked.policy.namespace:
            metadata = {"name": asked.policy.name, "namespace": asked.policy.namespace}
            found.append(_report("PolicyReport", metadata, rows))
    return found


def _rows(asked: Asked, warnings: Warnings, timestamp: int) -> Iterator[Row]:
    reference = [report.reference(asked.before)]
    for response in asked.rules:
        row = report.entry(asked.policy, response, timestamp)
        if response.result is Result.FAIL and warnings.audited(asked):
            row["result"] = str(Result.WARN)
        row["resources"] = reference
        yield row


def _report(kind: str, metadata: dict[str, Value], rows: list[Row]) -> dict[str, Value]:
    return {
        "kind": kind,
        "apiVersion": _API,
        "metadata": metadata,
        "summary": report.summary(rows),
        "results": rows,
    }
