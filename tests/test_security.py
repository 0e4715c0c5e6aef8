"""docs/SECURITY.md names the tests that hold each attack off: they must be there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
ROWS: Final = [
    line.strip("| ").split(" | ")
    for line in (HERE.parent / "docs/SECURITY.md").read_text().splitlines()
    if line.startswith("| ") and line.count(" | ") >= 2 and not line.startswith("| Attack")
]
KNOWN: Final = frozenset(
    name for file in HERE.rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
)


def test_the_table_is_there() -> None:
    assert len(ROWS) >= 20


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:40] for row in ROWS])
def test_what_holds_an_attack_off_is_there(row: list[str]) -> None:
    named = re.findall(r"`(test_\w+)`", row[-1])
    assert named or "hashes" in row[-1]
    assert not set(named) - KNOWN
