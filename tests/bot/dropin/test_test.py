"""The language-neutral cases of ``test``, through the command itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import group
from tests.bot.dropin.test_apply import CASES, write

ALL = yaml.safe_load((CASES / "test.yaml").read_text())["cases"]
HEAD = {"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Test", "metadata": {"name": "t"}}


def prepare(case: dict[str, Any], folder: Path) -> None:
    """Write a case's files and its test file."""
    test = {**HEAD, **case["test"], "results": case["results"]}
    write(folder, {**case["files"], "kyverno-test.yaml": yaml.safe_dump(test)})


def table(text: str) -> list[list[str]]:
    """The rows of all tables in a text, without their numbers."""
    lines = [line.strip("│").split("│") for line in text.splitlines() if line.startswith("│ ")]
    return [[cell.strip() for cell in cells[1:]] for cells in lines if not cells[0].strip().startswith("ID")]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case["name"])
def test_case(case: dict[str, Any], tmp_path: Path) -> None:
    prepare(case, tmp_path)
    result = CliRunner().invoke(group, ["test", str(tmp_path), *case.get("args", ())])
    assert result.exit_code == case["exit"], result.output
    assert table(result.stdout) == case.get("rows", [])
    assert case.get("stderr", "") in result.stderr
    if "summary" in case:
        assert f"\nTest Summary: {case['summary']}\n" in result.stdout
    assert ("Not evaluated:" in result.stdout) is (case["exit"] == 2)


def test_a_projection_that_is_not_there_is_named(tmp_path: Path) -> None:
    name = "what a test says of the global context has projections"
    prepare(next(case for case in ALL if case["name"] == name), tmp_path)
    result = CliRunner().invoke(group, ["test", str(tmp_path), "-o", "json", "--detailed-results"])
    rows = json.loads(result.stdout.partition("Checking results ...\n")[2].partition("\nTest Summary")[0])
    assert rows[1]["Message"].endswith('projection "b" not found in global context entry "known"')


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """A test of which one row holds and one does not."""
    prepare(next(case for case in ALL if case["name"] == "only failures"), tmp_path)
    return tmp_path


def _printed(folder: Path, form: str) -> str:
    result = CliRunner().invoke(group, ["test", str(folder), "-o", form, "--detailed-results"])
    assert result.exit_code == 1
    return result.stdout.partition("Checking results ...\n")[2].partition("\nTest Summary")[0]


def test_json_and_yaml_say_the_same(failing: Path) -> None:
    rows = json.loads(_printed(failing, "json"))
    assert rows == yaml.safe_load(_printed(failing, "yaml"))
    assert [(row["ID"], row["RESOURCE"], row["RESULT"]) for row in rows] == [
        (1, "v1/Pod/default/good", "Pass"),
        (2, "v1/Pod/shop/bad", "Fail"),
    ]
    assert rows[0]["Message"] == "validation rule 'has-team' passed."


def test_markdown_is_a_table(failing: Path) -> None:
    lines = _printed(failing, "markdown").strip().splitlines()
    assert lines[0].startswith("| ID | POLICY | RULE | RESOURCE | RESULT | REASON | MESSAGE |")
    assert lines[3].startswith("| 2 | labels | has-team | v1/Pod/shop/bad | Fail | Want pass, got fail | ")


def test_junit_counts_failures(failing: Path) -> None:
    suites = ElementTree.fromstring(_printed(failing, "junit").strip())
    assert suites.attrib == {"tests": "2", "failures": "1"}
    assert [case.find("failure") is not None for case in suites.iter("testcase")] == [False, True]


def test_the_first_broken_test_stops_all(tmp_path: Path) -> None:
    (tmp_path / "kyverno-test.yaml").write_text("a: [\n")
    result = CliRunner().invoke(group, ["test", str(tmp_path)])
    assert (result.exit_code, "Test errors:" in result.stdout) == (1, True)


@pytest.mark.parametrize(("args", "code"), [([], 0), (["--require-tests"], 1), (["-f", "other.yaml"], 0)])
def test_a_folder_without_tests(tmp_path: Path, args: list[str], code: int) -> None:
    result = CliRunner().invoke(group, ["test", str(tmp_path), *args])
    assert (result.exit_code, "No test yamls available" in result.stdout) == (code, True)


@pytest.mark.parametrize(
    ("switch", "summary"),
    [
        ("--fail-only", "1 out of 2 tests failed"),
        ("--fail-only=true", "1 out of 2 tests failed"),
        ("--fail-only=0", "1 tests passed and 1 tests failed"),
    ],
)
def test_a_switch_may_be_given_its_value(failing: Path, switch: str, summary: str) -> None:
    result = CliRunner().invoke(group, ["test", str(failing), switch])
    assert f"Test Summary: {summary}\n" in result.stdout


def test_failures_alone_stand_in_one_table_or_keep_their_numbers(failing: Path) -> None:
    told = CliRunner().invoke(group, ["test", str(failing), "--fail-only"]).stdout
    title, _, shown = told.partition("Aggregated Failed Test Cases : ")[2].partition("\n")
    assert (title, shown[0], shown[-2:]) == ("", "│", "│\n")
    assert "│ 1  │ labels" in shown
    told = CliRunner().invoke(group, ["test", str(failing), "--fail-only", "-o", "json"]).stdout
    assert [row["ID"] for row in json.loads(told.partition("tests failed\n")[2])] == [2]


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(group, ["test", str(tmp_path), "-o", "toml"])
    assert (result.exit_code, result.stderr) == (1, "Error: invalid format, expected (json, yaml, markdown, junit)\n")
