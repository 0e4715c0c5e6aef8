"""The reports of ``--policy-report``: one for all cluster-wide policies, one for each namespaced one (report.go)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Struct

from bot.dropin.counts import Warnings
from bot.dropin.run import Asked
from engine import report
from engine.model import Result, RuleResponse, Value
from engine.policies import AnyPolicy
from engine.report import Flavour
from engine.resources import Resource

_API = str(Flavour.OPENREPORTS)

Object = dict[str, Value]
Row = tuple[Object, Object]
"""What a policy says, shared by all resources to which it says the same, and the reference to a resource."""


_HERE = "\x00"
"""A mark that no JSON text holds: there it would be escaped."""


class Written(Struct, frozen=True, array_like=True):
    """The rows of one policy that another process collected: their JSON texts, and how many have which result."""

    policy: int
    rows: str
    summary: dict[str, int]


class Column(Struct, frozen=True):
    """The rows of one policy; those of later resources may be written already."""

    policy: AnyPolicy
    rows: list[Row]
    written: list[Written]

    def texts(self, known: dict[int, str]) -> Iterator[str]:
        """The JSON texts of the rows; ``known`` are those of what rows share, by its id(), each encoded once."""
        for row, resource in self.rows:
            around = known.get(id(row)) or known.setdefault(id(row), _around(row))
            subject = known.get(id(resource)) or known.setdefault(id(resource), _json(resource))
            yield around.replace(_HERE, subject)
        for one in self.written:
            yield one.rows

    def summary(self) -> dict[str, int]:
        """How many rows have which result."""
        counts = report.summary(row for row, _ in self.rows)
        for one in self.written:
            counts = {result: count + one.summary[result] for result, count in counts.items()}
        return counts


class Report(Struct, frozen=True):
    """A report whose rows are still parted from their resources: a tenth of the memory, and written in as much time."""

    kind: str
    metadata: Object
    columns: Sequence[Column]

    def value(self) -> Object:
        """The report as it is written; rows share their resources."""
        rows = [row for column in self.columns for row in column.rows]
        return {**self._head(), "results": [{**row, "resources": [resource]} for row, resource in rows]}

    def json(self) -> Iterator[str]:
        """The parts of the report's JSON text."""
        yield _json(self._head())[:-1] + ',"results":['
        comma = ""
        known: dict[int, str] = {}
        for column in self.columns:
            for text in column.texts(known):
                yield comma + text
                comma = ","
        yield "]}"

    def _head(self) -> Object:
        counts = [column.summary() for column in self.columns]
        summary = {result: sum(count[result] for count in counts) for result in counts[0]}
        return {"kind": self.kind, "apiVersion": _API, "metadata": self.metadata, "source": "", "summary": summary}


def _around(row: Object) -> str:
    """The JSON text of a row with a mark where its resource goes, its fields in the reference's order."""
    last: Object = {name: row[name] for name in ("message", "properties") if name in row}
    first = {name: value for name, value in row.items() if name not in last}
    return f'{_json(first)[:-1]},"resources":[{_HERE}],{_json(last)[1:]}'


def _json(value: Object) -> str:
    return msgspec.json.encode(value).decode()


class Merged:
    """Collects answers as they come, so that no answer and no patched resource is kept; ``timestamp`` in seconds."""

    def __init__(self, warnings: Warnings, timestamp: int) -> None:
        self._warnings = warnings
        self._timestamp = timestamp
        self._columns: dict[int, Column] = {}
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
        rows = self._column(policy).rows
        audited = self._warnings.audited(asked)
        for response in asked.rules:
            rows.append((self._row(policy, response, audited), self._reference))

    def add_all(self, answers: Iterable[Asked]) -> None:
        """Take in answers as they come."""
        for asked in answers:
            self.add(asked)

    def _column(self, policy: AnyPolicy) -> Column:
        found = self._columns.get(id(policy))
        if found is None:
            found = self._columns[id(policy)] = Column(policy, [], [])
        return found

    def written(self, policies: Sequence[AnyPolicy]) -> list[Written]:
        """All that was collected, as another process can take it in; ``policies`` are known there by their place."""
        places = {id(policy): place for place, policy in enumerate(policies)}
        known: dict[int, str] = {}
        return [
            Written(places[key], ",".join(column.texts(known)), column.summary())
            for key, column in self._columns.items()
        ]

    def join(self, written: Iterable[Written], policies: Sequence[AnyPolicy]) -> None:
        """Take in what another process collected of later resources."""
        for one in written:
            self._column(policies[one.policy]).written.append(one)

    def reports(self) -> Iterator[Report]:
        """The merged ClusterReport, if there is anything for it, then the PolicyReports."""
        merged = [column for column in self._columns.values() if not column.policy.namespace]
        if merged:
            yield Report("ClusterReport", {"name": "merged"}, merged)
        for column in self._columns.values():
            policy = column.policy
            if policy.namespace:
                yield Report("PolicyReport", {"name": policy.name, "namespace": policy.namespace}, [column])

    def _row(self, policy: AnyPolicy, response: RuleResponse, audited: bool) -> Object:
        if response.properties or response.exceptions:
            return self._made(policy, response, audited)
        key = (id(policy), response.rule, response.result, response.message, audited)
        row = self._shared.get(key)
        if row is None:
            row = self._shared[key] = self._made(policy, response, audited)
        return row

    def _made(self, policy: AnyPolicy, response: RuleResponse, audited: bool) -> Object:
        row = report.entry(policy, response, self._timestamp)
        if audited and response.result is Result.FAIL:
            row["result"] = str(Result.WARN)
        return row


def _reference(resource: Resource) -> Object:
    """Without the name that the cluster still has to complete, and what a JSON payload lacks (report/report.go)."""
    found: Object = {name: value for name, value in report.reference(resource).items() if value or name == "name"}
    metadata = resource.value.get("metadata") or {}
    if not metadata.get("name"):
        del found["name"]
    for name in ("resourceVersion", "uid"):
        if (value := metadata.get(name)) and isinstance(value, str):
            found[name] = value
    return found


def collect(answers: Iterable[Asked], warnings: Warnings, timestamp: int) -> Merged:
    """All answers, merged; ``timestamp`` in seconds."""
    merged = Merged(warnings, timestamp)
    merged.add_all(answers)
    return merged


def reports(answers: Iterable[Asked], warnings: Warnings, timestamp: int) -> list[Object]:
    """The reports as they are written; ``timestamp`` in seconds."""
    return [each.value() for each in collect(answers, warnings, timestamp).reports()]
