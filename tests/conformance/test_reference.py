"""Our answers held against the reference's. The figures here only ever rise."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared"
REFERENCE = SHARED / "reference"
REALWORLD = SHARED / "realworld"
PREADMIT = Path(sys.executable).with_name("preadmit")

RESULT = {"recorded": 99.8, "realworld": 99.8}
MESSAGE = {"recorded": 99.5, "realworld": 99.5}

pytestmark = pytest.mark.conformance


def compared(script: Path, *arguments: str) -> str:
    """What a comparison printed, its exit code asserted."""
    if not script.exists():
        pytest.skip(f"the reference's data is not beside this checkout: {script.parent.name}")
    environment = {**os.environ, "PREADMIT": str(PREADMIT)}
    done = subprocess.run(
        [sys.executable, script, *arguments], env=environment, capture_output=True, text=True, timeout=1500
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_recorded_classic_answers():
    minimum = ("--min-status", str(RESULT["recorded"]), "--min-message", str(MESSAGE["recorded"]))
    recorded = str(REFERENCE / "recorded")
    compared(REFERENCE / "check.py", recorded, "--family", "classic", "--show", "10", "--worst", "10", *minimum)


def test_changes_of_real_repositories():
    directories = [str(path) for path in sorted(REALWORLD.glob("*")) if path.is_dir()]
    minimum = ("--min-result", str(RESULT["realworld"]), "--min-message", str(MESSAGE["realworld"]))
    compared(REALWORLD / "check.py", *directories, "--show", "10", *minimum)


def test_assertions_of_the_classic_library():
    library = REFERENCE / "library"
    if not library.exists():
        pytest.skip("the reference's library is not beside this checkout")
    cel = re.compile(r"-(cel|vpol|mpol|gpol|ivpol|dpol)$")
    directories = [str(path) for path in sorted(library.iterdir()) if path.is_dir() and not cel.search(path.name)]
    done = subprocess.run([PREADMIT, "test", *directories], capture_output=True, text=True, timeout=1500)
    print(done.stdout[-600:])
    found = re.search(r"Test Summary: (\d+) tests passed and (\d+) tests failed", done.stdout)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    passed, failed = map(int, found.groups())
    assert passed >= 1000
    assert failed == 0, done.stdout[-4000:]
