"""The settings of the service, from its environment; what is missing is named in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot import limits
from bot.limits import DEFAULTS, Limits

GITHUB: Final = "https://api.github.com"
_KEY_VARIABLES: Final = "PREADMIT_PRIVATE_KEY or PREADMIT_PRIVATE_KEY_FILE"


class SettingsError(Exception):
    """The environment does not tell enough; ``str()`` is one line that names each variable."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service needs. Secrets are left out of the ``repr``. ``threads`` judge at the same time.

    ``evaluation_*`` bound one judgement. ``label`` on a pull request asks for a new judgement; empty where none does.
    """

    app_id: int
    private_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    api_url: str = GITHUB
    port: int = 8080
    state_dir: Path = Path("/var/lib/preadmit")
    threads: int = 4
    label: str = ""
    database_url: str = field(default="", repr=False)
    log_format: str = "text"
    metrics_port: int = 0
    evaluation_seconds: int = 60
    evaluation_megabytes: int = 1024
    reconcile_seconds: int = 300
    keep_days: int = 14
    """Of finished work; GitHub can send a delivery again for three."""

    waiting_work: int = 2000
    """Pieces of work of one installation that may wait; 0 for as many as come."""

    running_work: int = 3
    """Pieces of work of one installation that a worker does at a time: one thread is left for others."""

    writes_a_minute: int = 80
    writes_an_hour: int = 500
    """Of one installation; 0 for as many as one likes, as on an Enterprise Server without rate limits."""

    grace_seconds: int = 25
    """Within Kubernetes' default of 30 between the wish to stop and the end."""
    limits: Limits = DEFAULTS


def read(environ: Mapping[str, str]) -> Settings:
    """Read the environment; raises SettingsError with all that is missing or wrong."""
    faults: list[str] = []
    threads = _number(environ, "PREADMIT_THREADS", faults, 1, 4, most=64)
    settings = Settings(
        app_id=_number(environ, "PREADMIT_APP_ID", faults, 1, None),
        private_key=_private_key(environ, faults),
        webhook_secrets=_secrets(environ, faults),
        api_url=api_url(environ, faults),
        port=_number(environ, "PORT", faults, 1, 8080, most=65535),
        state_dir=Path(environ.get("PREADMIT_STATE_DIR") or "/var/lib/preadmit"),
        threads=threads,
        label=environ.get("PREADMIT_RECHECK_LABEL", "").strip(),
        database_url=_database_url(environ, faults),
        log_format=_one_of(environ, "PREADMIT_LOG_FORMAT", faults, ("text", "json")),
        metrics_port=_number(environ, "PREADMIT_METRICS_PORT", faults, 0, 0, most=65535),
        evaluation_seconds=_number(environ, "PREADMIT_EVALUATION_SECONDS", faults, 1, 60, most=3600),
        evaluation_megabytes=_number(environ, "PREADMIT_EVALUATION_MEGABYTES", faults, 256, 1024, most=65536),
        reconcile_seconds=_number(environ, "PREADMIT_RECONCILE_SECONDS", faults, 0, 300, most=86400),
        keep_days=_number(environ, "PREADMIT_KEEP_DAYS", faults, 3, 14, most=3650),
        waiting_work=_number(environ, "PREADMIT_WAITING_WORK", faults, 0, 2000, most=100_000),
        running_work=_number(environ, "PREADMIT_RUNNING_WORK", faults, 1, max(1, threads - 1), most=64),
        writes_a_minute=_number(environ, "PREADMIT_WRITES_A_MINUTE", faults, 0, 80, most=100_000),
        writes_an_hour=_number(environ, "PREADMIT_WRITES_AN_HOUR", faults, 0, 500, most=100_000),
        grace_seconds=_number(environ, "PREADMIT_GRACE_SECONDS", faults, 1, 25, most=3600),
        limits=limits.read(environ, faults),
    )
    if faults:
        raise SettingsError("; ".join(faults))
    return settings


def api_url(environ: Mapping[str, str], faults: list[str]) -> str:
    """The address of GitHub's API, also on Enterprise Server (``https://HOST/api/v3``)."""
    url = (environ.get("GITHUB_API_URL") or GITHUB).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        faults.append("GITHUB_API_URL is no address like https://github.example.com/api/v3")
    return url


def _one_of(environ: Mapping[str, str], name: str, faults: list[str], words: tuple[str, ...]) -> str:
    """One of some words; the first where nothing is set."""
    word = environ.get(name, "").strip() or words[0]
    if word not in words:
        faults.append(f"{name} must be one of {', '.join(words)}")
    return word


def _database_url(environ: Mapping[str, str], faults: list[str]) -> str:
    """PostgreSQL's address, which holds a password and is therefore not repeated."""
    url = environ.get("PREADMIT_DATABASE_URL", "").strip()
    if url and (urlsplit(url).scheme not in ("postgresql", "postgres") or not urlsplit(url).path.strip("/")):
        faults.append("PREADMIT_DATABASE_URL is no address like postgresql://USER:PASSWORD@HOST/DATABASE")
    return url


def _number(
    environ: Mapping[str, str], name: str, faults: list[str], least: int, default: int | None, most: int = 1 << 53
) -> int:
    text = environ.get(name, "").strip()
    if not text and default is not None:
        return default
    if not text:
        faults.append(f"{name} is not set")
    elif not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        faults.append(f"{name} must be a number from {least}" + (f" to {most}" if default is not None else ""))
    else:
        return int(text)
    return least


def _private_key(environ: Mapping[str, str], faults: list[str]) -> str:
    """The key itself (line ends may be written as ``\\n``, as environment files do), or the file that holds it."""
    key, file = environ.get("PREADMIT_PRIVATE_KEY", ""), environ.get("PREADMIT_PRIVATE_KEY_FILE", "")
    if not key.strip() and not file:
        faults.append(f"{_KEY_VARIABLES} is not set")
        return ""
    name = "PREADMIT_PRIVATE_KEY"
    if not key.strip():
        name = "PREADMIT_PRIVATE_KEY_FILE"
        try:
            key = Path(file).read_text("ascii")
        except (OSError, UnicodeDecodeError):
            faults.append(f"{name}: the file cannot be read")
            return ""
    key = key.replace("\\n", "\n").strip() + "\n"
    if not key.startswith("-----BEGIN "):
        faults.append(f"{name} holds no PEM key (it begins with -----BEGIN)")
    return key


def _secrets(environ: Mapping[str, str], faults: list[str]) -> tuple[str, ...]:
    """The secret, and while it is replaced the one before: GitHub may still sign deliveries with either."""
    secret = environ.get("PREADMIT_WEBHOOK_SECRET", "")
    if not secret:
        faults.append("PREADMIT_WEBHOOK_SECRET is not set")
    old = environ.get("PREADMIT_WEBHOOK_SECRET_OLD", "")
    return (secret, old) if old else (secret,)
