"""The language-neutral cases of ``jp``, through the command itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import group

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "jp" / "output.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in case.get("files", {}).items():
        (tmp_path / name).write_text(content)
    result = CliRunner().invoke(group, ["jp", *case["args"]], input=case.get("stdin"))
    assert result.exit_code == case.get("exit", 0), result.output
    if "stdout" in case:
        assert result.stdout == case["stdout"]
    assert all(part in result.stdout for part in case.get("holds", ()))
    assert case.get("stderr", "") in result.stderr


def test_all_functions_are_listed_in_order() -> None:
    lines = CliRunner().invoke(group, ["jp", "function"]).stdout.splitlines()
    names = [line.removeprefix("Name: ") for line in lines if line.startswith("Name: ")]
    assert (len(names), names) == (51, sorted(names))
