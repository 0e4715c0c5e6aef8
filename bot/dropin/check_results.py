"""The expected rows of a test against what was answered (upstream: commands/test/output.go, command.go)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.dropin import compare
from bot.dropin.run import Asked
from bot.dropin.strict import FileError
from bot.dropin.tables import Row
from bot.dropin.test_file import Expected
from bot.dropin.test_run import Answers, Key
from engine import report
from engine.model import RuleResponse, RuleType

NOT_EVALUATED = "Not evaluated"
_MISSING = "not found in manifest"


@dataclass(slots=True)
class Checked:
    """The rows of one test's table and how they count; ``open`` are those that are not evaluated."""

    rows: list[Row] = field(default_factory=list)
    passed: int = 0
    failed: int = 0
    open: int = 0

    def add(self, row: Row) -> None:
        """Count a row in."""
        self.rows.append(row)
        if not row.evaluated:
            self.open += 1
        elif row.failed:
            self.failed += 1
        else:
            self.passed += 1


def check(expected: Sequence[Expected], answers: Answers, folder: Path) -> Checked:
    """All rows of a test; paths in it are relative to ``folder``."""
    checked = Checked()
    for row in expected:
        trigger = answers.by_operation.get(row.operation, {})
        keys = _keys(row, trigger) or list(trigger)
        reason = _foreign(row, answers)
        if reason and not keys:
            checked.add(_row(checked, row, row.rule, "", NOT_EVALUATED, reason))
        for key in keys:
            where = "/".join(key)
            if reason:
                checked.add(_row(checked, row, row.rule, where, NOT_EVALUATED, reason))
            for found in _judged(checked, row, trigger[key], answers, folder, where):
                checked.add(found)
    return checked


def _keys(row: Expected, trigger: dict[Key, list[Asked]]) -> list[Key]:
    """The resources that a row names; its kind is never looked at (output.go)."""
    found: list[Key] = []
    for text in row.resources or ():
        parts = text.split("/")
        for key in trigger:
            if parts == [key.name] or parts == [key.namespace, key.name]:
                found.append(key)
    for spec in row.specs if row.resources is not None else ():
        group, version = spec.get("group", ""), spec.get("version", "")
        wanted = (f"{group}/{version}" if group else version, spec.get("namespace", ""), spec.get("name", ""))
        found += [key for key in trigger if (key.api_version, key.namespace, key.name) == wanted]
    return found


def _foreign(row: Expected, answers: Answers) -> str:
    """Why the row, or a part of what it asks for, is not evaluated."""
    name = row.policy_name
    if name in answers.foreign:
        return answers.foreign[name]
    if row.rule:
        plain = row.rule.removeprefix("autogen-")
        names = (row.rule, plain, plain.removeprefix("cronjob-"))
        return next((answers.unjudged[name, rule] for rule in names if (name, rule) in answers.unjudged), "")
    return next((reason for (policy, _), reason in answers.unjudged.items() if policy == name), "")


def _judged(
    checked: Checked, row: Expected, asked: Sequence[Asked], answers: Answers, folder: Path, where: str
) -> Iterator[Row]:
    """The rows for one resource."""
    reason = _foreign(row, answers)
    if reason and row.rule:
        return
    count, missing = 0, False
    for one in asked:
        if one.policy.name != row.policy_name:
            continue
        for response in one.rules:
            if not _is_meant(row, response.rule):
                continue
            failure, message = _compared(row, one, response, folder)
            if _MISSING in message and not row.fails_if_missing:
                missing = True
                continue
            count += 1
            yield _row(checked, row, response.rule, where, "Fail" if failure else "Pass", failure or "Ok", message)
        if not count and not missing and not reason:
            count += 1
            yield _row(checked, row, row.rule, where, "Pass", "Excluded", "Excluded")
    if count or missing or reason:
        return
    if row.policy_name in answers.refused:
        message = answers.refused[row.policy_name]
        yield _row(checked, row, row.rule, where, "Skip", "Invalid Policy", message)
    else:
        yield _row(checked, row, row.rule, where, "Fail", "Not found", "Not found")


def _is_meant(row: Expected, rule: str) -> bool:
    return row.rule in ("", rule) or rule in (f"autogen-{row.rule}", f"autogen-cronjob-{row.rule}")


def _compared(row: Expected, asked: Asked, response: RuleResponse, folder: Path) -> tuple[str, str]:
    """Why the answer is not what the row wants, empty where it is, and the message to show."""
    actual = asked.after if response.type is RuleType.MUTATION else asked.before
    if row.patched:
        try:
            difference = compare.difference(actual, folder / row.patched, "PatchedResources")
        except FileError as error:
            return "Resource error", str(error)
        if difference:
            return (
                "Resource diff",
                f"Patched resource didn't match the patched resource in the test result\n{difference}",
            )
    result = report.result(asked.policy, response)
    message = str(report.entry(asked.policy, response, 0).get("message", ""))
    return ("" if result == row.result else f"Want {row.result}, got {result}"), message


def _row(checked: Checked, row: Expected, rule: str, where: str, result: str, reason: str, message: str = "") -> Row:
    return Row(
        number=len(checked.rows) + 1,
        policy=row.policy,
        rule=rule,
        resource=where,
        result=result,
        reason=reason,
        message=message or reason if result == NOT_EVALUATED else message,
        failed=result == "Fail",
        evaluated=result != NOT_EVALUATED,
    )
