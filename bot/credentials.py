"""The App's credentials on disk: a PEM file and an environment file, readable by their owner alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

OWNER_ONLY: Final = 0o600
KEY_FILE: Final = "private-key.pem"
ENVIRONMENT_FILE: Final = "preadmit.env"


class CredentialsError(Exception):
    """The credentials cannot be stored, or are none; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What GitHub gives out once, when an App is registered."""

    app_id: int
    slug: str
    address: str
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Credentials:
        """The answer of ``POST /app-manifests/{code}/conversions``; raises CredentialsError where a part is missing."""
        wanted = {name: answer.get(name) for name in ("id", "slug", "html_url", "pem", "webhook_secret")}
        if missing := [name for name, value in wanted.items() if not value]:
            raise CredentialsError(f"GitHub's answer lacks {', '.join(missing)}")
        return cls(int(answer["id"]), answer["slug"], answer["html_url"], answer["pem"], answer["webhook_secret"])

    def write(self, directory: Path, api_url: str) -> Path:
        """Store both files; the environment file's path. Nothing is overwritten: raises CredentialsError."""
        key = (directory / KEY_FILE).absolute()
        settings = {
            "PREADMIT_APP_ID": str(self.app_id),
            "PREADMIT_PRIVATE_KEY_FILE": str(key),
            "PREADMIT_WEBHOOK_SECRET": self.webhook_secret,
            "GITHUB_API_URL": api_url,
        }
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        _create(key, self.private_key)
        _create(directory / ENVIRONMENT_FILE, lines)
        return directory / ENVIRONMENT_FILE


def check_free(directory: Path) -> None:
    """Make the directory and see that neither file stands there: credentials are given out once; raises."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as refused:
        raise CredentialsError(f"{directory}: {refused.strerror}") from None
    for name in (KEY_FILE, ENVIRONMENT_FILE):
        if (directory / name).exists():
            raise CredentialsError(f"{directory / name} exists already; name another directory with --out")


def _create(path: Path, text: str) -> None:
    """A new file that was never readable by anybody else."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as refused:
        raise CredentialsError(f"{path}: {refused.strerror}") from None
