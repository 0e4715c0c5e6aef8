"""The expected rows of a test against what was answered (upstream: commands/test/output.go, command.go)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from msgspec import Struct, field

from bot.dropin import compare
from bot.dropin.run import Asked
from bot.dropin.strict import FileError
from bot.dropin.tables import Row
from bot.dropin.test_file import Expected
from bot.dropin.test_run import Answers, Key
from engine import report
from engine.model import RuleResponse, RuleType
from engine.policies import Policy
from engine.resources import Resource

NOT_EVALUATED = "Not evaluated"
_MISSING = "not found in manifest"


class Checked(Struct):
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
        keys = _keys(row, answers.targets, trigger) or [*answers.targets, *trigger]
        reason = _foreign(row, answers)
        if reason and not keys:
            checked.add(_row(checked, row, row.rule, "", NOT_EVALUATED, reason))
        for key in keys:
            if reason:
                checked.add(_row(checked, row, row.rule, str(key), NOT_EVALUATED, reason))
                continue
            for found in _judged(checked, row, key, answers, folder):
                checked.add(found)
    return checked


def _keys(row: Expected, *known: Collection[Key]) -> list[Key]:
    """The resources that a row names, targets first; its kind is never looked at (output.go)."""
    found: list[Key] = []
    for text in row.resources or ():
        parts = text.split("/")
        for keys in known:
            found += [key for key in keys if parts in ([key.name], [key.namespace, key.name])]
    for spec in row.specs if row.resources is not None else ():
        group, version = spec.get("group", ""), spec.get("version", "")
        wanted = (f"{group}/{version}" if group else version, spec.get("namespace", ""), spec.get("name", ""))
        for keys in known:
            found += [key for key in keys if (key.api_version, key.namespace, key.name) == wanted]
    return found


def _foreign(row: Expected, answers: Answers) -> str:
    """Why nothing that the row asks for is evaluated."""
    return answers.foreign.get(row.policy_name, "")


def _judged(checked: Checked, row: Expected, key: Key, answers: Answers, folder: Path) -> Iterator[Row]:
    """The rows for one resource: as the one that was judged, then as one that others changed."""
    where = str(key)
    count, missing = 0, False
    for asked in answers.by_operation.get(row.operation, {}).get(key, ()):
        if asked.policy.name != row.policy_name:
            continue
        for found in _rows_of(checked, row, asked, where, folder):
            if found is None:
                missing = True
            else:
                count += 1
                yield found
        if not count and not missing:
            count += 1
            yield _row(checked, row, row.rule, where, "Pass", "Excluded", "Excluded")
    for asked, response, patched in answers.targets.get(key, ()):
        count += 1
        yield _answer(checked, row, response, where, *_compared(row, asked, response, patched, folder))
    if count or missing:
        return
    if row.policy_name in answers.refused:
        message = answers.refused[row.policy_name]
        yield _row(checked, row, row.rule, where, "Skip", "Invalid Policy", message)
    else:
        yield _row(checked, row, row.rule, where, "Fail", "Not found", "Not found")


def _rows_of(checked: Checked, row: Expected, asked: Asked, where: str, folder: Path) -> Iterator[Row | None]:
    """The rows for what a policy answered; None where a file that it is held against does not hold the resource."""
    for response in asked.rules:
        if isinstance(asked.policy, Policy) and not _is_meant(row, response.rule):
            continue  # the rules of policies in CEL have no names that a row could tell apart (isRulelessPolicyKind)
        if response.unjudged:
            reason = response.message.removeprefix("not evaluated: ")
            yield _row(checked, row, response.rule, where, NOT_EVALUATED, reason)
        else:
            yield from _rows_of_one(checked, row, asked, response, where, folder)


def _rows_of_one(
    checked: Checked, row: Expected, asked: Asked, response: RuleResponse, where: str, folder: Path
) -> Iterator[Row | None]:
    for actual, shown in _actual(asked, response, where):
        failure, message = _compared(row, asked, response, actual, folder)
        if _MISSING in message and not row.fails_if_missing and response.type is not RuleType.GENERATION:
            yield None
        else:
            yield _answer(checked, row, response, shown, failure, message)


def _actual(asked: Asked, response: RuleResponse, where: str) -> Iterator[tuple[Resource | None, str]]:
    """What is compared with the files of a row, and how it is shown; None where only the result counts."""
    if response.type is not RuleType.GENERATION:
        yield (asked.after if response.type is RuleType.MUTATION else asked.before), where
    elif not response.generated:
        yield None, where
    for value in response.generated:
        made = Resource(value, asked.before.document, asked.before.base)
        yield made, f"/{made.name}"


def _answer(checked: Checked, row: Expected, response: RuleResponse, where: str, failure: str, message: str) -> Row:
    return _row(checked, row, response.rule, where, "Fail" if failure else "Pass", failure or "Ok", message)


def _is_meant(row: Expected, rule: str) -> bool:
    return row.rule in ("", rule) or rule in (f"autogen-{row.rule}", f"autogen-cronjob-{row.rule}")


def _compared(
    row: Expected, asked: Asked, response: RuleResponse, actual: Resource | None, folder: Path
) -> tuple[str, str]:
    """Why the answer is not what the row wants, empty where it is, and the message to show."""
    if actual is not None:
        for paths, field in (((row.patched,) if row.patched else (), "PatchedResources"), _generated(row)):
            failure = _none_fits(actual, [folder / path for path in paths], field)
            if failure is not None:
                return failure
    result = report.result(asked.policy, response)
    message = str(report.entry(asked.policy, response, 0).get("message", ""))
    return ("" if result == row.result else f"Want {row.result}, got {result}"), message


def _generated(row: Expected) -> tuple[Sequence[str], str]:
    return row.generated, "GeneratedResource" if len(row.generated) == 1 else "GeneratedResources"


def _none_fits(actual: Resource, paths: Sequence[Path], field: str) -> tuple[str, str] | None:
    """The failure where none of the files holds the resource as it is; None where one does, or none is named."""
    difference, problem = "", ""
    for path in paths:
        try:
            found = compare.difference(actual, path, field)
        except FileError as error:
            problem = str(error)
            continue
        if not found:
            return None
        difference = found
    if difference:
        what = "patched" if field == "PatchedResources" else "generated"
        return "Resource diff", f"The {what} resource didn't match the one in the test result\n{difference}"
    return ("Resource error", problem) if problem else None


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
