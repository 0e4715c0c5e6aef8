"""``test`` from its options to its exit code (upstream: commands/test/command.go)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from bot.dropin import filters, tables, test_file, test_run
from bot.dropin.check_results import Checked, check
from bot.dropin.strict import FileError
from bot.dropin.tables import Row
from bot.dropin.test_file import Test

UNJUDGED = 2
"""The exit code where no row failed but some could not be judged."""


class Options(Struct, frozen=True):
    """The flags of ``test`` by their long names."""

    folders: tuple[str, ...]
    file_name: str
    test_case_selector: str
    output_format: str
    fail_only: bool
    remove_color: bool
    detailed_results: bool
    require_tests: bool
    registry: bool


class _Totals(Struct):
    passed: int = 0
    failed: int = 0
    open: int = 0
    failures: list[Row] = field(default_factory=list)

    def add(self, checked: Checked) -> None:
        self.passed += checked.passed
        self.failed += checked.failed
        self.open += checked.open
        self.failures += [row for row in checked.rows if row.failed]


def run(options: Options) -> int:
    """Run all tests; the exit code. Raises FileError for what ends the reference too."""
    selector = filters.parse(options.test_case_selector)
    if selector.problems:
        _echo("\nFilter errors:")
        for problem in selector.problems:
            _echo(f"  Error: {problem}")
    tests = _found(options)
    if not tests:
        if options.require_tests:
            raise FileError("no tests found")
        if selector.problems:
            raise FileError(selector.problems[0])
        return 0
    totals = _Totals()
    for test in tests:
        _run_one(test, selector, options, totals)
    return _finish(totals, options)


def _echo(text: str) -> None:
    sys.stdout.write(text + "\n")


def _found(options: Options) -> list[Test]:
    try:
        tests = test_file.find(options.folders, options.file_name)
    except FileError as error:
        _echo(f"\nError loading tests: {error}")
        raise
    if not tests:
        _echo("\nNo test yamls available")
    broken = [test for test in tests if test.problem]
    if broken:
        _echo("\nTest errors:")
        for test in broken:
            _echo(f"  Path: {test.path}\n    Error: {test.problem}")
        raise FileError(f"found {len(broken)} errors after loading tests")
    return tests


def _run_one(test: Test, selector: filters.Selector, options: Options, totals: _Totals) -> None:
    if not test.is_current:
        raise FileError(f"test file {test.path} needs an apiVersion (cli.kyverno.io/v1alpha1) and a kind (Test)")
    try:
        every = test.expected()
        wanted = [selector.narrowed(row) for row in every if selector.admits(row)]
        if not wanted:
            return
        operations = {row.operation for row in every if row.operation}
        answers = test_run.run(test, operations, _echo, registry=options.registry)
    except FileError as error:
        raise FileError(f"failed to run test ({error})") from error
    _echo("  Checking results ...")
    checked = check(wanted, answers, test.folder)
    totals.add(checked)
    if not options.fail_only:
        _show(checked.rows, options)


def _show(rows: Sequence[Row], options: Options) -> None:
    if options.output_format:
        from bot.dropin.test_formats import FORMATS

        _echo(f"\n{FORMATS[options.output_format](rows, options.detailed_results)}\n")
    else:
        _echo(f"\n{_table(rows, options)}\n")


def _table(rows: Sequence[Row], options: Options) -> str:
    return tables.text(rows, options.detailed_results, sys.stdout.isatty() and not options.remove_color)


def _finish(totals: _Totals, options: Options) -> int:
    if options.fail_only:
        _echo(f"\nTest Summary: {totals.failed} out of {totals.passed + totals.failed} tests failed")
    else:
        _echo(f"\nTest Summary: {totals.passed} tests passed and {totals.failed} tests failed")
    if totals.open:
        _echo(f"Not evaluated: {totals.open} tests, neither passed nor failed")
    _echo("")
    if not totals.failed:
        return UNJUDGED if totals.open else 0
    if options.fail_only and options.output_format:
        _show(totals.failures, options)
    elif options.fail_only:
        rows = [replace(row, number=number) for number, row in enumerate(totals.failures, 1)]
        _echo(f"Aggregated Failed Test Cases : \n{_table(rows, options)}")
    raise FileError(f"{totals.failed} tests failed")
