"""The reports of ``--policy-report``: one for all cluster-wide policies, one for each namespaced one (report.go)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from bot.dropin.counts import Warnings
from bot.dropin.run import Asked
from engine import report
from engine.model import Result, RuleResponse, Value
from engine.policies import Policy
from engine.report import Flavour
from engine.resources import Resource

_API = str(Flavour.OPENREPORTS)

Object = dict[str, Value]
Row = tuple[Object, Object]
"""What a policy says, shared by all resources to which it says the same, and the reference to a resource."""


class Report(Struct, frozen=True):
    """A report whose rows are still parted from their resources: a tenth of the memory, and written in as much time."""

    kind: str
    metadata: Object
    rows: Sequence[Row]

    def value(self) -> Object:
        """The report as it is written; rows share their resources."""
        return {**self._head(), "results": [{**row, "resources": [resource]} for row, resource in self.rows]}

    def json(self) -> Iterator[str]:
        """The parts of the report's JSON text; what rows share is encoded once."""
        texts: dict[int, str] = {}
        yield _json(self._head())[:-1] + ',"results":['
        comma = ""
        for row, resource in self.rows:
            head = texts.get(id(row)) or texts.setdefault(id(row), _json(row)[:-1])
            tail = texts.get(id(resource)) or texts.setdefault(id(resource), _json(resource))
            yield f'{comma}{head},"resources":[{tail}]}}'
            comma = ","
        yield "]}"

    def _head(self) -> Object:
        summary = report.summary(row for row, _ in self.rows)
        return {"kind": self.kind, "apiVersion": _API, "metadata": self.metadata, "summary": summary}


def _json(value: Object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Merged:
    """Collects answers as they come, so that no answer and no patched resource is kept; ``timestamp`` in seconds."""

    def __init__(self, warnings: Warnings, timestamp: int) -> None:
        self._warnings = warnings
        self._timestamp = timestamp
        self._rows: dict[int, tuple[Policy, list[Row]]] = {}
        self._shared: dict[tuple[int, str, Result, str, bool], Object] = {}
        self._resource: Resource | None = None
        self._reference: Object = {}

    def add(self, asked: Asked) -> None:
        """Take in an answer; those to one resource follow each other."""
        if not asked.rules:
            return
        if self._resource is not asked.before:
            self._resource, self._reference = asked.before, _reference(asked.before)
        policy = asked.policy
        rows = self._rows.setdefault(id(policy), (policy, []))[1]
        audited = self._warnings.audited(asked)
        for response in asked.rules:
            rows.append((self._row(policy, response, audited), self._reference))

    def reports(self) -> Iterator[Report]:
        """The merged ClusterReport, if there is anything for it, then the PolicyReports."""
        merged = [rows for policy, rows in self._rows.values() if not policy.namespace]
        if merged:
            yield Report("ClusterReport", {"name": "merged"}, list(chain.from_iterable(merged)))
        for policy, rows in self._rows.values():
            if policy.namespace:
                yield Report("PolicyReport", {"name": policy.name, "namespace": policy.namespace}, rows)

    def _row(self, policy: Policy, response: RuleResponse, audited: bool) -> Object:
        if response.properties or response.exceptions:
            return self._made(policy, response, audited)
        key = (id(policy), response.rule, response.result, response.message, audited)
        row = self._shared.get(key)
        if row is None:
            row = self._shared[key] = self._made(policy, response, audited)
        return row

    def _made(self, policy: Policy, response: RuleResponse, audited: bool) -> Object:
        row = report.entry(policy, response, self._timestamp)
        if audited and response.result is Result.FAIL:
            row["result"] = str(Result.WARN)
        return row


def _reference(resource: Resource) -> Object:
    """Without the name that the cluster still has to complete."""
    found: Object = dict(report.reference(resource))
    if not (resource.value.get("metadata") or {}).get("name"):
        del found["name"]
    return found


def collect(answers: Iterable[Asked], warnings: Warnings, timestamp: int) -> Merged:
    """All answers, merged; ``timestamp`` in seconds."""
    merged = Merged(warnings, timestamp)
    for asked in answers:
        merged.add(asked)
    return merged


def reports(answers: Iterable[Asked], warnings: Warnings, timestamp: int) -> list[Object]:
    """The reports as they are written; ``timestamp`` in seconds."""
    return [each.value() for each in collect(answers, warnings, timestamp).reports()]
