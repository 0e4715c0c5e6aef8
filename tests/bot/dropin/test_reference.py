"""The reference's own tests, run in place where they are at hand; the figures in here only ever rise."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import group

REFERENCE = Path(__file__).parents[3] / "../shared/reference"
CEL = re.compile(r"-(cel|vpol|mpol|gpol|ivpol|dpol|vap|map)$")
OPEN = {f"test-mutating-policy/mutate-existing{more}" for more in ("", "-cel-expression")}
"""Targets of a MutatingPolicy are not looked up yet."""
SUMMARY = re.compile(r"Test Summary: ((\d+) tests passed and (\d+) tests failed)")

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference's data is not beside the checkout"),
]


@pytest.mark.parametrize(("in_cel", "least"), [(False, 1388), (True, 2318)])
def test_the_library_passes(in_cel: bool, least: int) -> None:
    every = sorted((REFERENCE / "library").iterdir())
    folders = [str(path) for path in every if (CEL.search(path.name) is not None) == in_cel]
    result = CliRunner().invoke(group, ["test", *folders])
    found = SUMMARY.search(result.stdout)
    assert found is not None, result.output[-500:]
    assert (int(found.group(2)) >= least, found.group(3)) == (True, "0")


def test_the_command_line_tests_agree() -> None:
    """The same exit code and summary; where something is not evaluated, no more of either than expected."""
    expected = json.loads((REFERENCE / "cli-tests.expected.json").read_text())
    same, differing = 0, []
    for name, wanted in expected.items():
        result = CliRunner().invoke(group, ["test", str(REFERENCE / "cli-tests" / name)])
        found = SUMMARY.search(result.stdout)
        summary = found.group(1) if found else ""
        if (result.exit_code, summary) == (wanted["exit_code"], wanted["summary"]):
            same += 1
        elif "Not evaluated:" not in result.stdout or int(found.group(3) if found else 0) > _failed(wanted["summary"]):
            differing.append(name)
    print(f"{len(expected)} directories, {same} the same, differing: {differing}")
    assert same >= 182
    assert set(differing) <= OPEN


@pytest.mark.skipif("KYVERNO" not in os.environ, reason="KYVERNO does not name the reference's own command")
def test_the_command_line_tests_agree_row_by_row() -> None:
    """The same rows with the same messages, as far as all of them are evaluated here."""
    same, differing = 0, []
    for name in json.loads((REFERENCE / "cli-tests.expected.json").read_text()):
        arguments = ["test", str(REFERENCE / "cli-tests" / name), "-o", "json", "--detailed-results"]
        wanted = subprocess.run([os.environ["KYVERNO"], *arguments], capture_output=True, text=True)
        theirs = _rows(wanted.stdout)
        ours = _rows(CliRunner().invoke(group, arguments).stdout)
        if any(row["RESULT"] == "Not evaluated" for row in ours):
            continue
        if [row for row in theirs if row not in ours] or len(ours) != len(theirs):
            differing.append(name)
        same += len(theirs)
    print(f"{same} rows compared, differing directories: {differing}")
    assert same >= 470
    assert set(differing) <= OPEN


def _rows(text: str) -> list[dict[str, str]]:
    """All rows of all tables, without their numbers: where a map decides the order it is another each time."""
    found: list[dict[str, str]] = []
    for start in re.finditer(r"^\[", text, re.MULTILINE):
        found += json.JSONDecoder().raw_decode(text, start.start())[0]
    for row in found:
        del row["ID"]
        row["Message"] = row["Message"].strip()
    return found


def _failed(summary: str) -> int:
    return int((re.search(r"and (\d+)", summary) or [0, 0])[1])
