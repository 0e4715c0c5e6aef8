"""The database that holds accepted work: a file of SQLite's in the state directory, or PostgreSQL."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from dbos import DBOS, DBOSClient, error
from sqlalchemy import Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from bot.durable.locks import AdvisoryLocks, FileLocks, Locks, key
from bot.settings import Settings, SettingsError
from bot.worker import QueueError

APPLICATION: Final = "preadmit"
VERSION: Final = "1"
"""The form of the stored work. A process takes only work of its own form."""

QUEUE: Final = "pull-requests"
WAITING: Final = "waiting"
"""The queue of work that waits for its turn in the other one; no worker takes from it."""

WORKFLOW: Final = "answer"
WRITES: Final = "writes"
"""The table with the moments of each installation's writes."""

_SCHEMA: Final = "preadmit"
_TABLES: Final = ("CREATE TABLE IF NOT EXISTS {writes} (installation BIGINT PRIMARY KEY, moments TEXT NOT NULL)",)
_FILE: Final = "preadmit.sqlite"


def prepare(settings: Settings) -> str:
    """The database's URL, once its tables are there; raises SettingsError when it cannot be used."""
    quiet()
    try:
        with _alone(settings.state_dir):
            url = _url(settings)
            DBOS.migrate(url)
            _make_tables(url)
    except (SQLAlchemyError, error.DBOSException, sqlite3.Error, OSError) as refused:
        name = "PREADMIT_DATABASE_URL" if settings.database_url else f"PREADMIT_STATE_DIR {settings.state_dir}"
        raise SettingsError(f"{name}: the database cannot be used ({_cause(refused)})") from None
    return url


def connections(url: str, most: int) -> Engine:
    """Connections to the database, up to ``most`` of them kept; SQLite's writers wait for each other."""
    waits = {"timeout": 30} if url.startswith("sqlite") else {}
    return create_engine(url, pool_size=most, pool_pre_ping=True, connect_args=waits)


def glance(url: str) -> Engine:
    """A connection for single questions that are asked all the time, without a transaction around each.

    One that was lost shows at the next question, which fails.
    """
    return create_engine(url, pool_size=1, isolation_level="AUTOCOMMIT")


def place(engine: Engine, table: str) -> str:
    """The full name of a table of ours: SQLite has no schemas."""
    return f"{_SCHEMA}_{table}" if engine.dialect.name == "sqlite" else f"{_SCHEMA}.{table}"


def status_table(engine: Engine) -> str:
    """The full name of DBOS's table of all work."""
    return "workflow_status" if engine.dialect.name == "sqlite" else "dbos.workflow_status"


def client(url: str) -> DBOSClient:
    """What puts work into the database and takes it out, without doing any."""
    return DBOSClient(
        system_database_url=url,
        application_name=APPLICATION,
        use_listen_notify=False,
        retry_connection_errors=False,
    )


@contextmanager
def answering() -> Iterator[None]:
    """Turn what a database raises into QueueError; its own text may name host and user."""
    try:
        yield
    except (SQLAlchemyError, error.DBOSException):
        raise QueueError("the database does not answer") from None


def _make_tables(url: str) -> None:
    """Make the tables of our own, on PostgreSQL one process at a time, as it does not do by itself."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as session:
        if engine.dialect.name != "sqlite":
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key(_SCHEMA)})
            session.execute(text(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}"))
        for made in _TABLES:
            session.execute(text(made.format(writes=place(engine, WRITES))))


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """One process of this machine at a time: two that make SQLite's tables at once keep each other from it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def reached(settings: Settings) -> str:
    """Which database answers, in words; raises OSError. Nothing is changed where one is there already."""
    try:
        prepare(settings)
    except SettingsError as wrong:
        raise OSError(str(wrong)) from None
    if not settings.database_url:
        return f"SQLite in {settings.state_dir}"
    given = make_url(settings.database_url)
    return f"PostgreSQL, {given.database} on {given.host}"


def locks(settings: Settings, url: str) -> Locks:
    """The locks that go with the database."""
    return AdvisoryLocks(url) if settings.database_url else FileLocks(settings.state_dir)


def quiet() -> None:
    """Let DBOS's warnings go where all others go, and nothing below them: its notes name the database."""
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.WARNING)


def _url(settings: Settings) -> str:
    if not settings.database_url:
        return f"sqlite:///{_file(settings.state_dir)}"
    given = make_url(settings.database_url)
    return given.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _file(directory: Path) -> Path:
    """The file, readable by its owner alone, with a log beside it so that readers do not wait for writers.

    Each commit is synchronised to disk: SQLite's default, ``FULL``, holds with the log, too.
    """
    place = (directory / _FILE).absolute()
    os.close(os.open(place, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(place, timeout=30)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    return place


def _cause(refused: Exception) -> str:
    """The first line of what is wrong; a driver's text names host and user, never the password."""
    text = str(getattr(refused, "orig", None) or refused)
    return (text.strip().splitlines() or [type(refused).__name__])[0][:300]
