"""Forty pull requests under way: what is pushed to them, what GitHub delivers of it and in which order."""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.e2e.service import Service
from tests.e2e.shop import BASE, Files, deployment, workshop
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.state import Pull, Repository

REPOSITORIES, PULLS = 5, 8
DUPLICATES, HELD_BACK = 0.1, 0.15


@dataclass
class Under:
    """A pull request with what its present head is worth."""

    repository: Repository
    pull: Pull
    is_good: bool
    pushes: int = 0

    @property
    def expected(self) -> str:
        """The conclusion of the present head."""
        return "success" if self.is_good else "failure"


@dataclass
class Delivery:
    """What GitHub sends."""

    body: bytes
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Traffic:
    """Makes pull requests and pushes; ``deliveries`` are those of all of them, in the order in which they arrive."""

    def __init__(self, fake: FakeGitHub, seed: int) -> None:
        self._fake, self._random = fake, random.Random(seed)
        self.pulls: list[Under] = []
        for number in range(REPOSITORIES):
            repository = fake.repository(f"acme/soak{number}")
            repository.git.commit("main", {**BASE, **workshop(strict=True)})
            self.pulls += [self._open(repository, one) for one in range(PULLS)]

    def deliveries(self, count: int) -> Iterator[Delivery]:
        """``count`` of them: each pull request's opening, then pushes; some come late, some twice."""
        sent: list[Delivery] = []
        late: list[Delivery] = []
        opened = [Delivery(self._event(one, "opened")) for one in self.pulls]
        while len(sent) < count:
            if late and (len(late) > 3 or self._random.random() < 0.5):
                made = late.pop(self._random.randrange(len(late)))
            elif sent and self._random.random() < DUPLICATES:
                made = self._random.choice(sent)
            elif opened:
                made = opened.pop()
            else:
                made = self._push(self._random.choice(self.pulls))
                if self._random.random() < HELD_BACK:
                    late.append(made)
                    continue
            sent.append(made)
            yield made
        yield from late

    def _open(self, repository: Repository, number: int) -> Under:
        is_good = self._random.random() < 0.5
        repository.git.commit(f"change{number}", self._files(number, is_good), onto="main")
        return Under(repository, self._fake.pull(repository, f"change{number}"), is_good)

    def _push(self, one: Under) -> Delivery:
        before, one.is_good, one.pushes = one.pull.head_sha, self._random.random() < 0.5, one.pushes + 1
        number = int(one.pull.head_ref.removeprefix("change"))
        with self._fake.held():
            self._fake.push(one.repository, one.pull, self._files(number, one.is_good, one.pushes))
            return Delivery(self._event(one, "synchronize", before=before, after=one.pull.head_sha))

    def _event(self, one: Under, action: str, **more: object) -> bytes:
        return deliveries.encode(deliveries.pull_request(self._fake, one.repository, one.pull, action, **more))

    @staticmethod
    def _files(number: int, is_good: bool, push: int = 0) -> dict[str, str | bytes | None]:
        text = deployment(f"web{number}") if is_good else deployment(f"web{number}", image="nginx", labels="team: a")
        files: Files = {f"apps/web{number}.yaml": text, f"notes/{number}.md": f"push {push}\n"}
        return dict(files)


def send(services: list[Service], traffic: Iterator[Delivery], pause: Callable[[], None]) -> list[tuple[str, float]]:
    """Send all deliveries, to one service after another: the id of each, and the seconds until it was accepted."""
    taken: list[tuple[str, float]] = []
    for number, one in enumerate(traffic):
        answer = services[number % len(services)].send("pull_request", one.body, delivery=one.id)
        assert answer.status_code == 202, answer.text
        taken.append((one.id, answer.elapsed.total_seconds()))
        pause()
    return taken


class Killer:
    """Kills a worker every few seconds, without a word, until the end of the block.

    Only one that has done some work since: on a slow machine the same work would be cut off again and again, and is
    given up in the end, as it should be.
    """

    WORTH = 10
    """Pieces of work that a worker has done when it is worth killing: more than had to be begun again."""

    def __init__(self, services: list[Service], seed: int, seconds: tuple[float, float] = (2.0, 4.0)) -> None:
        self._services, self._random, self._seconds = services, random.Random(seed), seconds
        self._done = [0] * len(services)
        self._enough, self._kills = threading.Event(), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.killed = 0

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def wait_for(self, kills: int, seconds: float) -> None:
        """Wait until so many were killed; no longer than so many seconds for one of them."""
        for _ in range(kills):
            if not self._kills.acquire(timeout=seconds):
                return

    def _run(self) -> None:
        while not self._enough.wait(self._random.uniform(*self._seconds)):
            number = self._random.randrange(len(self._services))
            service = self._services[number]
            done = sum(" outcome=" in line for line in service.output)
            if done >= self._done[number] + self.WORTH and service.kill_worker():
                self._done[number] = done
                self.killed += 1
                self._kills.release()


def faults(pulls: list[Under], findings: int) -> list[str]:
    """What is wrong with what GitHub shows in the end; ``findings`` is how many a bad head has."""
    return [fault for one in pulls for fault in _faults(one, findings)]


def _faults(one: Under, findings: int) -> Iterator[str]:
    ours = [run for run in one.repository.check_runs if run.external_id and _number(run.external_id) == one.pull.number]
    name = f"{one.repository.full_name}#{one.pull.number}"
    for head, count in Counter(run.head_sha for run in ours).items():
        if count > 1:
            yield f"{name}: {count} check runs on {head}"
    for run in ours:
        if run.status != "completed":
            yield f"{name}: a check run on {run.head_sha} is left {run.status}"
    now = [run for run in ours if run.head_sha == one.pull.head_sha]
    if [run.conclusion for run in now] != [one.expected]:
        yield f"{name}: {[run.conclusion for run in now]} instead of {one.expected}"
    marks = Counter(comment.body.rpartition("<!-- ")[2] for comment in one.repository.comments if _is_on(comment, one))
    if any(count > 1 for count in marks.values()):
        yield f"{name}: comments twice: {marks}"
    if not one.is_good and len(marks) != findings:
        yield f"{name}: {len(marks)} comments for {findings} findings"


def _is_on(comment: object, one: Under) -> bool:
    return getattr(comment, "pull", None) == one.pull.number


def _number(external_id: str) -> int:
    return int(external_id.split()[0].removeprefix("pull/"))
