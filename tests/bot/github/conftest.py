"""What the tests of this package share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.github.auth import App
from bot.github.client import Client
from tests.fake_github import FakeGitHub
from tests.fake_github.deliveries import INSTALLATION
from tests.fake_github.fixtures import description_is_there, fake

__all__ = ["description_is_there", "fake"]


@pytest.fixture
def naps() -> list[float]:
    """The seconds that the client would have slept."""
    return []


@pytest.fixture
def app(fake: FakeGitHub, naps: list[float]) -> App:
    """The App, which never really sleeps."""
    return App(fake.app.id, fake.private_key, fake.url, sleep=naps.append)


@pytest.fixture
def client(app: App) -> Iterator[Client]:
    """A client of the installation."""
    made = app.client(INSTALLATION)
    yield made
    made.close()
