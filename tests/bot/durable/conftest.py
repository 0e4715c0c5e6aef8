"""Databases for the tests of this package: SQLite, and a real PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.durable import database
from bot.durable.inbox import Inbox
from bot.settings import Settings
from tests import postgres

THREADS = 2


@pytest.fixture(scope="package")
def server() -> Iterator[str]:
    """A PostgreSQL server."""
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """What chooses a database of the test's own."""
    if request.param == "sqlite":
        yield Settings(1, "key", ("secret",), state_dir=tmp_path)
        return
    with postgres.database(request.getfixturevalue("server"), f"durable_{uuid.uuid4().hex[:8]}") as url:
        yield Settings(1, "key", ("secret",), state_dir=tmp_path, database_url=url)


@pytest.fixture
def url(settings: Settings) -> str:
    """The database, ready for work."""
    return database.prepare(settings)


@pytest.fixture
def inbox(url: str) -> Iterator[Inbox]:
    """What takes work."""
    made = Inbox(url)
    yield made
    made.close()
