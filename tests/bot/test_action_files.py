"""``action.yml`` and the Dockerfile say what the code expects; nothing of a third party runs inside the Action."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import action, settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "action.yml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_every_input_is_described_passed_and_read(described: dict[str, Any]) -> None:
    passed = {name for step in described["runs"]["steps"] for name in step["env"] if name.startswith("INPUT_")}
    read = set(re.findall(r'"(INPUT_\w+)"', Path(action.__file__).read_text()))
    assert {f"INPUT_{name.upper()}" for name in described["inputs"]} == passed == read
    assert all(one["description"] and "default" in one for one in described["inputs"].values())


def test_every_output_is_described_and_set(described: dict[str, Any]) -> None:
    source = Path(action.__file__).read_text()
    for name, one in described["outputs"].items():
        assert one["value"] == f"${{{{ steps.judge.outputs.{name} }}}}"
        assert f'"{name}"' in source


def test_no_expression_stands_in_a_script(described: dict[str, Any]) -> None:
    for step in described["runs"]["steps"]:
        assert "uses" not in step
        assert "${{" not in step["run"]


def test_the_image_runs_as_nobody_with_pinned_base_and_locks() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^ARG PYTHON=\d+\.\d+\.\d+-slim", text, re.MULTILINE)
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", text, re.MULTILINE)
    assert text.count("--require-hashes") == 2
    assert "HEALTHCHECK" in text
    for name in ("PORT", "PREADMIT_STATE_DIR"):
        assert name in text
        assert f'"{name}"' in Path(settings.__file__).read_text()
