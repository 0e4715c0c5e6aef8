"""Repositories for the tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.git_repository import Repository
from tests.e2e.command import Made
from tests.e2e.shop import BASE, CHANGE, workshop


@pytest.fixture
def make(tmp_path: Path) -> Made:
    """Makes repositories."""
    directory = tmp_path / "repositories"
    directory.mkdir()
    return Made(directory)


@pytest.fixture(scope="session", params=[True, False], ids=["strict", "default"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The workshop's repository, once with each way to treat existing violations; tests only read it."""
    return Made(tmp_path_factory.mktemp("shop"))({**BASE, **workshop(strict=request.param)}, CHANGE)


@pytest.fixture(scope="session")
def strict_shop(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The workshop's repository as the workshop has it; tests only read it."""
    return Made(tmp_path_factory.mktemp("strict"))({**BASE, **workshop(strict=True)}, CHANGE)
