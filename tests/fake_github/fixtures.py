"""The fake as a fixture; every exchange of a test must be one that GitHub's description allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_github.openapi import PLACE
from tests.fake_github.server import FakeGitHub


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """A fake GitHub that is closed after the test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = FakeGitHub(tmp_path / "github")
    yield running
    running.close()
    assert running.violations == [], running.violations[:3]


@pytest.fixture(scope="session")
def description_is_there() -> None:
    """Skip where GitHub's description is absent: then the fake validates nothing."""
    if not PLACE.exists():
        pytest.skip(f"{PLACE.name} is absent: requests and answers are not validated")
