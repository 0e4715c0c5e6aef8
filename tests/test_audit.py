"""What CI says of known vulnerabilities: a fault of the change fails it, a network that is away does not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci/audit"
UNREACHED = (
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='index.example', port=443): Max retries exceeded"
)
RETRIED = "WARNING: Retrying after connection broken by 'NameResolutionError'"
MISMATCH = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."


def audited(home: Path, *, code: int, told: str) -> subprocess.CompletedProcess[str]:
    """The script with an auditor that says this and ends so."""
    auditor = home / "bin/pip-audit"
    auditor.parent.mkdir()
    auditor.write_text(f'#!/bin/sh\ncat >&2 <<"END"\n{told}\nEND\nexit {code}\n')
    auditor.chmod(0o755)
    return subprocess.run(
        [SCRIPT], env=os.environ | {"AUDIT_HOME": str(home)}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("code", "told", "expected"),
    [
        (0, "No known vulnerabilities found", 0),
        (1, "Found 1 known vulnerability in 1 package", 1),
        (1, f"Traceback (most recent call last):\n{UNREACHED}", 0),
        (1, "Traceback (most recent call last):\nKeyError: 'x'", 1),
        (1, f"{RETRIED}\n{MISMATCH}", 1),
    ],
)
def test_what_ends_it(tmp_path: Path, code: int, told: str, expected: int) -> None:
    done = audited(tmp_path, code=code, told=told)
    assert done.returncode == expected
    assert told.splitlines()[-1] in done.stderr
    assert ("NOT AUDITED" in done.stderr) is (expected == 0 and code == 1)
