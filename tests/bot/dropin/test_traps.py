"""The traps in which a reader of Kyverno's documentation is caught, each a case of its own (docs/TRAPS.md lists them).

Expected rows are the reference's, in the order of their text. A case runs ``apply`` or ``test`` on its files.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from bot.cli import group
from tests.bot.dropin.test_apply import write
from tests.bot.dropin.test_test import table

FILES = sorted((Path(__file__).parents[2] / "cases" / "traps").glob("*.yaml"))
LIST = Path(__file__).parents[3] / "docs" / "TRAPS.md"
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in FILES
    for case in yaml.safe_load(file.read_text())["cases"]
]


def _run(case: dict[str, Any], folder: Path) -> Result:
    write(folder, case["files"])
    return CliRunner().invoke(group, case["command"])


@pytest.mark.parametrize("case", CASES)
def test_trap(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = _run(case, tmp_path)
    assert result.exit_code == case["exit"], result.output
    for part in case.get("holds", ()):
        assert part in result.stdout
    if "rows" in case:
        rows = table(result.stdout) if case["command"][0] == "test" else _rows(result.stdout)
        assert rows == case["rows"]


def _rows(text: str) -> list[list[str]]:
    if not text.strip():
        return []
    results = json.loads(text)["results"]
    return sorted([row["policy"], row["rule"], _place(row), row["result"], row.get("message", "")] for row in results)


def _place(row: dict[str, Any]) -> str:
    parts = (row["resources"][0].get(key) for key in ("kind", "namespace", "name"))
    return "/".join(part for part in parts if part)


def test_the_list_names_every_trap_and_its_cases() -> None:
    listed = re.findall(r"^\| (\d+) \| .* \| (?:`([-a-z0-9]+)`|[^`|]*) \|$", LIST.read_text(), re.MULTILINE)
    assert [int(number) for number, _ in listed] == list(range(1, 26))
    assert [name for _, name in listed if name] == [file.stem for file in FILES]
    assert all(name.startswith(f"{int(number):02d}-") for number, name in listed if name)
