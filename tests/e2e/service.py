"""``preadmit serve`` as a process of its own before a fake GitHub, and pull requests that are delivered to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.shop import Files
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.state import CheckRun, Comment, Pull, Repository, Request
from tests.ports import Port

SECONDS = 300
"""How long a test waits for what should take a fraction of a second."""

_JWT = re.compile(r"eyJ[\w-]{10,}\.")


def environment(**settings: str) -> dict[str, str]:
    """What a process gets: only what it needs to find this checkout, and its settings."""
    passed = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    checkout = str(Path(__file__).parents[2])
    return {**passed, "PYTHONPATH": checkout, "PYTHONUTF8": "1", "NO_PROXY": "127.0.0.1", **settings}


class Service:
    """The running process; ``output`` are the lines that it has written."""

    def __init__(self, fake: FakeGitHub, state: Path, *arguments: str, **settings: str) -> None:
        self.fake, self._reserved = fake, Port()
        self._address = f"http://127.0.0.1:{self._reserved.number}"
        self.output: list[str] = []
        self._checked = 0
        self._written = threading.Condition()
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["Connection"] = "close"  # the service may be closing one that was kept, just as it is used
        settings = {
            "PREADMIT_APP_ID": str(fake.app.id),
            "PREADMIT_PRIVATE_KEY": fake.private_key,
            "PREADMIT_WEBHOOK_SECRET": deliveries.SECRET,
            "PREADMIT_STATE_DIR": str(state),
            "GITHUB_API_URL": fake.url,
            "PORT": str(self._reserved.number),
            "PREADMIT_RECONCILE_SECONDS": "0",  # so that all requests are those of deliveries
            "PREADMIT_WRITES_A_MINUTE": "100000",  # so that no test waits for another one's writes
            "PREADMIT_WRITES_AN_HOUR": "100000",
            "PREADMIT_EVALUATION_SECONDS": "600",  # so that no slow machine decides a test
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", *(arguments or ["serve"])],
            env=environment(**settings),
            cwd=state.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if arguments != ("worker",):
            try:
                self.wait_until_it_lives()
            except BaseException:
                self.kill()
                raise

    def send(
        self, event: str, body: bytes, *, secret: str = deliveries.SECRET, delivery: str = ""
    ) -> requests.Response:
        """One signed delivery; GitHub's answer to nothing but its own."""
        headers = deliveries.headers(event, body, secret, delivery)
        return self._http.post(f"{self._address}/webhook", data=body, headers=headers, timeout=SECONDS)

    def get(self, path: str) -> requests.Response:
        """What the service answers to whom watches it."""
        return self._http.get(f"{self._address}{path}", timeout=SECONDS)

    def deliver(self, event: str, payload: dict[str, Any], delivery: str = "") -> str:
        """Deliver what asks for work, and wait until the work is done: the line that the log has of it."""
        delivery = delivery or str(uuid.uuid4())
        done = sum(_is_of(line, delivery) for line in self.output)
        answer = self.send(event, json.dumps(payload).encode(), delivery=delivery)
        assert (answer.status_code, answer.json()) == (202, {"accepted": delivery})
        return self.log_of(delivery, done)

    def log_of(self, delivery: str, before: int = 0, *, is_prefix: bool = False) -> str:
        """The line about a delivery, once there are more of them than ``before``; or about one whose id begins so."""
        end = "" if is_prefix else " "
        with self._written:
            found = self._written.wait_for(lambda: self._lines_of(delivery, end)[before:], timeout=SECONDS)
        assert found, "\n".join(self.output[-30:])
        return found[0]

    def wait_for_line(self, text: str) -> None:
        """Wait until the log has a line with this text."""
        with self._written:
            assert self._written.wait_for(lambda: any(text in line for line in self.output), timeout=SECONDS)

    def stop(self) -> int:
        """Ask it to end: its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """End it, and what it has started, without a word."""
        for pid in (self.process.pid, *children(self.process.pid)):  # the parent first: it would start others
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.wait()

    def kill_worker(self) -> bool:
        """End the process that answers, without a word; False when there is none now.

        The web one has another web one below it, the one that answers only evaluators.
        """
        for pid in _below(self.process.pid):
            if all(map(_evaluates, _below(pid))):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    return True
        return False

    def wait(self) -> int:
        """Wait for its end: its exit code."""
        code = self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        self._http.close()
        return code

    def assert_clean(self) -> None:
        """Everything said to GitHub was as it describes it, and no secret stands in that, nor in the log."""
        assert self.fake.violations == []
        said = [json.dumps(request.body) for request in self.fake.requests[self._checked :]]
        self._checked = len(self.fake.requests)
        assert leaks("\n".join([*self.output, *said]), self.fake) == []

    def _lines_of(self, delivery: str, end: str) -> list[str]:
        return [line for line in self.output if _is_of(line, delivery, end)]

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._written:
                self.output.append(line.rstrip("\n"))
                self._written.notify_all()

    def wait_until_it_lives(self) -> None:
        """Wait for its first answer."""
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends and self.process.poll() is None:
            try:
                if self._http.get(f"{self._address}/healthz", timeout=SECONDS).status_code == 200:
                    return
            except requests.ConnectionError:
                time.sleep(0.02)
        raise AssertionError("\n".join(self.output))


def children(parent: int) -> list[int]:
    """The processes below a process, the lowest first."""
    return [pid for child in _below(parent) for pid in (*children(child), child)]


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended may stay in the list for as long as nobody asks how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _evaluates(pid: int) -> bool:
    try:
        return b"bot.isolation" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return True


def _below(parent: int) -> list[int]:
    try:
        threads = list(Path(f"/proc/{parent}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return []
    found: list[int] = []
    for thread in threads:
        with suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, (thread / "children").read_text().split())
    return found


def is_read(one: Request) -> bool:
    """Whether a request changes nothing; GraphQL is asked by POST, too."""
    return one.method == "GET" or (one.path == "/graphql" and one.body["query"].startswith("query"))


def _is_of(line: str, delivery: str, end: str = " ") -> bool:
    """True for the line that ends the work of a delivery."""
    return f"delivery={delivery}{end}" in line or f"delivery {delivery}: the work failed" in line


def leaks(text: str, fake: FakeGitHub) -> list[str]:
    """What of the App's secrets stands in a text."""
    key = [line for line in fake.private_key.splitlines() if "-----" not in line]
    secrets = [deliveries.SECRET, *key, *fake.tokens]
    return [secret for secret in secrets if secret in text] + _JWT.findall(text)


@dataclass(frozen=True)
class Case:
    """A repository with an open pull request."""

    service: Service
    repository: Repository
    pull: Pull
    installation: int = deliveries.INSTALLATION

    def deliver(self, action: str = "opened", delivery: str = "", **more: Any) -> str:
        """Deliver a ``pull_request`` event and wait for the answer."""
        return self.service.deliver("pull_request", self.payload(action, **more), delivery)

    def payload(self, action: str = "opened", **more: Any) -> dict[str, Any]:
        """The event."""
        made = deliveries.pull_request(self.service.fake, self.repository, self.pull, action, **more)
        return made | {"installation": {"id": self.installation, "node_id": "I_1"}}

    def push(self, files: Files | dict[str, str | bytes | None]) -> str:
        """Another commit on the branch, delivered."""
        self.service.fake.push(self.repository, self.pull, dict(files))
        return self.deliver("synchronize")

    @property
    def run(self) -> CheckRun:
        """The only check run on the head."""
        (found,) = [one for one in self.repository.check_runs if one.head_sha == self.pull.head_sha]
        return found

    @property
    def comments(self) -> list[Comment]:
        """The review comments of the pull request."""
        return self.repository.comments

    @property
    def requests(self) -> list[Request]:
        """What was asked of this repository."""
        return [one for one in self.service.fake.requests if self._is_ours(one)]

    @property
    def writes(self) -> list[Request]:
        """Those of the requests that change something."""
        return [one for one in self.requests if not is_read(one)]

    def _is_ours(self, one: Request) -> bool:
        if one.path == "/graphql":
            variables = one.body["variables"]
            if "owner" not in variables:  # changes name their comments alone
                return any(f"PRRC_{known.id}" in str(variables) for known in self.repository.comments)
            return f"{variables['owner']}/{variables['name']}" == self.repository.full_name
        return one.path.startswith(f"/repos/{self.repository.full_name}/")


@dataclass
class Opener:
    """Makes repositories with a pull request, each under a name of its own."""

    service: Service

    def __call__(
        self, base: Files, change: Files, *, fork: str | None = None, installation: int = deliveries.INSTALLATION
    ) -> Case:
        """``base`` on main, ``change`` on the branch that the pull request is made of."""
        fake = self.service.fake
        repository = fake.repository(f"acme/shop{next(fake.ids)}")
        repository.git.commit("main", dict(base))
        repository.git.commit("change", dict(change), onto="main")
        return Case(self.service, repository, fake.pull(repository, "change", fork=fork), installation)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One process for the tests of a module, as there is one in the world."""
    home = tmp_path_factory.mktemp("service")
    fake = FakeGitHub(home / "github")
    made = Service(fake, home / "state")
    try:
        yield made
        assert made.stop() == 0
        made.assert_clean()
    finally:
        made.process.kill()
        fake.close()


@pytest.fixture
def service(running: Service) -> Iterator[Service]:
    """The process; after each test all that was said is looked at."""
    yield running
    running.assert_clean()


@pytest.fixture
def opened(service: Service) -> Opener:
    """Makes pull requests."""
    return Opener(service)
