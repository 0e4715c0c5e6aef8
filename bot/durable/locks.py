"""Who is alive: a process holds a lock for as long as it lives, and the system lets go of it in the same moment.

No clock decides and nobody has to say goodbye, so work of a killed process is taken over at once, and that of a slow
one never.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import threading
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

_LOG: Final = logging.getLogger(__name__)


class Locks(Protocol):
    """Locks by name, seen by all processes that share the database."""

    def hold(self, name: str) -> bool:
        """Take a lock, or keep it, until this process ends; False when another process has it."""

    def is_held(self, name: str) -> bool:
        """Whether some process, not this one, holds the lock."""


class FileLocks:
    """Locks of files in a directory of this machine. POSIX's record locks: a forked child does not inherit them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "locks"
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._held: dict[str, int] = {}

    def hold(self, name: str) -> bool:
        """Take a lock, or keep it, until this process ends; False when another process has it."""
        if name in self._held:
            return True
        handle = os.open(self._directory / name, os.O_CREAT | os.O_RDWR, 0o600)
        if not _is_taken(handle):
            os.close(handle)
            return False
        self._held[name] = handle
        return True

    def is_held(self, name: str) -> bool:
        """Whether some process, not this one, holds the lock."""
        try:
            handle = os.open(self._directory / name, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            if not _is_taken(handle):
                return True
            (self._directory / name).unlink(missing_ok=True)  # its process is gone, and names are not used again
            return False
        finally:
            os.close(handle)


def _is_taken(handle: int) -> bool:
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class AdvisoryLocks:
    """PostgreSQL's advisory locks, which end with the session that took them."""

    def __init__(self, url: str) -> None:
        keepalive = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 10}
        self._engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=keepalive)
        self._session: Connection | None = None
        self._held: set[str] = set()
        self._mine = threading.Lock()

    def hold(self, name: str) -> bool:
        """Take a lock, or keep it, until this process ends; False when another process has it.

        All locks stand in one session. When that is lost, so are they, and they are taken anew.
        """
        with self._mine:
            return self._hold(name)

    def _hold(self, name: str) -> bool:
        try:
            if self._session is None:
                self._session, self._held = self._engine.connect(), set()
            if name in self._held:
                self._session.execute(text("SELECT 1"))
                return True
            taken = bool(self._session.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key(name)}).scalar())
        except SQLAlchemyError as lost:
            _LOG.warning("the session that holds the locks was lost: %s", type(lost).__name__)
            self._drop()
            return False
        if taken:
            self._held.add(name)
        return taken

    def is_held(self, name: str) -> bool:
        """Whether some process, not this one, holds the lock. Raises SQLAlchemyError."""
        with self._engine.connect() as session:
            return not session.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key(name)}).scalar()

    def _drop(self) -> None:
        session, self._session, self._held = self._session, None, set()
        if session is not None:
            session.invalidate()
            session.close()


def key(name: str) -> int:
    """A name as PostgreSQL's signed 64 bits."""
    return int.from_bytes(hashlib.sha256(f"preadmit:{name}".encode()).digest()[:8], "big", signed=True)
