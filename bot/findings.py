"""Admissions as findings, rows and reports: everything that a reviewer sees of one judged resource."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.locate import Place, finding_key, locate, path_text
from bot.model import Finding, Row, Verdict
from bot.moved import NOWHERE, Moved
from bot.suggest import suggestion
from engine import report
from engine.admission import Admission, Answer
from engine.model import Operation, Path, Result, RuleType, Value


@dataclass(frozen=True, slots=True)
class Shown:
    """One judged resource as it is shown; a deleted one is in no report, and has a row only if something is found."""

    row: Row | None
    findings: tuple[Finding, ...]
    report: dict[str, Value] | None


@dataclass(frozen=True, slots=True)
class Showing:
    """What all admissions of a judgement are shown with.

    ``timestamp`` is in seconds, ``contents`` are the judged files, for suggestions, and ``moved`` says where their
    lines are in the head.
    """

    repository: str
    timestamp: int
    contents: Mapping[str, bytes] = field(default_factory=dict)
    moved: Moved = NOWHERE


def show(admission: Admission, showing: Showing) -> Shown:
    """The row, findings and report of an admission."""
    resource = admission.resource
    entries = [
        report.entry(answer.policy, answer.existing or answer.response, showing.timestamp)
        for answer in admission.answers
        if not answer.blocked  # what is denied is not in the cluster, and so not in its report
    ]
    name = report.name(showing.repository, resource.document.file, resource)
    place = _where(admission, (), showing)
    annotations = {
        "preadmit.dev/path": resource.document.file,
        "preadmit.dev/line": str(place.line),
        "preadmit.dev/operation": str(admission.operation),
    }
    found = report.policy_report(resource, entries, name, annotations=annotations)
    findings = _gravest(_finding(admission, answer, showing) for answer in admission.answers if _noteworthy(answer))
    mutation = _mutation(admission, showing)
    row = _row(admission, found, place.line)
    if admission.operation is Operation.DELETE:
        return Shown(row if findings else None, tuple(findings), None)
    return Shown(row, tuple(findings + ([mutation] if mutation else [])), found)


def apart(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with a key each: what has one name several times in a file is counted in the order of its lines."""
    order, count = list(findings), Counter[str]()
    for place, found in sorted(enumerate(order), key=lambda one: (one[1].line, one[1].column)):
        count[found.key] += 1
        if (number := count[found.key]) > 1:
            order[place] = replace(found, key=f"{found.key}-{number}")
    return order


def _row(admission: Admission, found: dict[str, Value], line: int) -> Row:
    resource, counts = admission.resource, found["summary"]
    return Row(
        namespace=resource.namespace,
        kind=resource.kind,
        name=resource.name,
        file=resource.document.file,
        line=line,
        operation=admission.operation,
        api_version=resource.api_version,
        passed=counts["pass"],
        failed=counts["fail"],
        warned=counts["warn"],
        erred=counts["error"],
        skipped=counts["skip"],
        report=found["metadata"]["name"],
    )


def _gravest(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for a policy, rule and place, of which the repository may hold several versions."""
    order = list(Verdict)
    kept: dict[str, Finding] = {}
    for found in findings:
        other = kept.setdefault(found.key, found)
        kept[found.key] = min(other, found, key=lambda one: order.index(one.verdict))
    return list(kept.values())


def _noteworthy(answer: Answer) -> bool:
    if answer.is_background:
        return False
    return answer.existing is not None or answer.response.result in (Result.FAIL, Result.ERROR)


def _verdict(answer: Answer) -> Verdict:
    if answer.blocked:
        return Verdict.BLOCKED
    if answer.existing is not None or answer.stood_before:
        return Verdict.EXISTING
    if answer.response.result is Result.ERROR:
        return Verdict.ERROR
    if report.result(answer.policy, answer.response) is Result.WARN:
        return Verdict.WARNING
    return Verdict.FAILING


def _finding(admission: Admission, answer: Answer, showing: Showing) -> Finding:
    response = answer.existing or answer.response
    made = _at(admission, answer, _where(admission, response.path, showing), response.path)
    return replace(made, verdict=_verdict(answer), message=response.message)


def _where(admission: Admission, path: Path, showing: Showing) -> Place:
    """Where a path of the resource stands in the head; of one that is deleted, in the base."""
    document = admission.resource.document
    place = locate(document, admission.resource.base, path)
    return place if admission.operation is Operation.DELETE else showing.moved.place(document.file, place)


def _at(admission: Admission, answer: Answer, place: Place, path: Path) -> Finding:
    """A finding at a place, without a word yet."""
    resource = admission.resource
    return Finding(
        key=finding_key(answer.policy.key, answer.response.rule, resource, path),
        verdict=Verdict.FAILING,
        policy=answer.policy.key,
        rule=answer.response.rule,
        kind=resource.kind,
        namespace=resource.namespace,
        name=resource.name,
        file=resource.document.file,
        line=place.line,
        column=place.column,
        message="",
        api_version=resource.api_version,
        operation=admission.operation,
        lines=place.lines,
        path=path_text(path),
        severity=report.severity(answer.policy),
        category=report.category(answer.policy),
    )


def _mutation(admission: Admission, showing: Showing) -> Finding | None:
    """What the cluster would make of the resource on admission, as lines to take over."""
    if admission.operation is Operation.DELETE or admission.patched is admission.resource:
        return None
    file = admission.resource.document.file
    content = showing.contents.get(file)
    if content is None:
        return None
    edit = suggestion(admission.resource, admission.patched.value, content.decode("utf-8", "replace"))
    edit = showing.moved.suggestion(file, edit)
    mutated = [answer for answer in admission.answers if answer.response.type is RuleType.MUTATION]
    by = next((answer for answer in mutated if answer.response.patched is not None), None)
    if by is None or edit is None:
        return None
    message = "The cluster would change this on admission; taking it over keeps the manifest true."
    path = by.response.path
    made = _at(admission, by, _where(admission, path, showing), path)
    return replace(made, verdict=Verdict.SUGGESTION, message=message, suggestion=edit)
