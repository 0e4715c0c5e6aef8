"""Evaluation apart: the same judgement, no secret in reach, and an evaluator that passes a bound takes nobody along."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.isolation import wire
from bot.isolation.pool import Bounds, Evaluators
from bot.model import Entry, Judgement, Snapshot, SourceError, Tree
from bot.pipeline import judge
from bot.source import GitSource
from tests.bot.git_repository import Repository

POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: team}
spec:
  validationFailureAction: Enforce
  rules:
    - name: label
      match: {any: [{resources: {kinds: [ConfigMap]}}]}
      validate: {message: a team, pattern: {metadata: {labels: {team: "?*"}}}}
"""
BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n"


def config_map(name: str, more: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n{more}"


@pytest.fixture
def source(tmp_path: Path) -> GitSource:
    made = Repository(tmp_path / "shop")
    made.commit({"policies/team.yaml": POLICY, "app/old.yaml": config_map("old")})
    made.git("switch", "--quiet", "--create", "topic")
    made.commit({"app/new.yaml": config_map("new"), "app/broken.yaml": BROKEN, "policies/team.yaml": POLICY + "---\n"})
    return GitSource(made.path, "main", "topic")


@pytest.fixture
def evaluators() -> Iterator[Evaluators]:
    made = Evaluators(Bounds(seconds=60, megabytes=1024))
    yield made
    made.close()


def idle(evaluators: Evaluators) -> list[int]:
    return [evaluator._process.pid for evaluator in evaluators._idle.queue]


def without_clock(judgement: Judgement) -> Judgement:
    for report in judgement.reports:
        for result in report["results"]:
            result.pop("timestamp", None)
    return judgement


def test_it_says_what_the_pipeline_says(source: GitSource, evaluators: Evaluators) -> None:
    apart, here = evaluators(source), judge(source)
    assert here.blocked
    assert here.unjudged
    assert without_clock(apart) == without_clock(here)
    assert evaluators(source).blocked
    assert len(idle(evaluators)) == 1


def test_one_that_is_warm_is_used(source: GitSource, evaluators: Evaluators) -> None:
    evaluators.warm()
    (ready,) = idle(evaluators)
    evaluators(source)
    assert idle(evaluators) == [ready]


def test_it_inherits_no_secret(source: GitSource, monkeypatch: pytest.MonkeyPatch, evaluators: Evaluators) -> None:
    monkeypatch.setenv("PREADMIT_PRIVATE_KEY", "a-secret-key")
    monkeypatch.setenv("PREADMIT_WEBHOOK_SECRET", "a-secret-word")
    evaluators(source)
    environment = Path(f"/proc/{idle(evaluators)[0]}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"secret" not in environment


def test_seconds_are_bounded_and_the_evaluator_is_replaced(source: GitSource, evaluators: Evaluators) -> None:
    hasty = Evaluators(Bounds(seconds=0.0, megabytes=1024))
    with pytest.raises(SourceError, match="takes longer than 0 seconds") as told:
        hasty(source)
    assert "PREADMIT_EVALUATION_SECONDS" in told.value.advice
    assert idle(hasty) == []
    assert evaluators(source).blocked


def test_memory_is_bounded(tmp_path: Path, evaluators: Evaluators) -> None:
    made = Repository(tmp_path / "shop")
    made.commit({"policies/team.yaml": POLICY})
    made.git("switch", "--quiet", "--create", "topic")
    large = "".join(config_map(f"n{number}") + "---\n" for number in range(90_000))
    made.commit({"app/large.yaml": large[:4_900_000], "app/second.yaml": large[:4_900_000]})
    source = GitSource(made.path, "main", "topic")
    needy = Evaluators(Bounds(seconds=300, megabytes=220))
    with pytest.raises(SourceError, match="needs more than 220 MB"):
        needy(source)
    assert idle(needy) == []


@dataclass(frozen=True)
class Waiting:
    """A source whose head answers only when the test lets it."""

    source: GitSource
    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def fetch(self) -> Snapshot:
        snapshot = self.source.fetch()
        return replace(snapshot, merged=_Held(snapshot.merged, self))


@dataclass(frozen=True)
class _Held:
    tree: Tree
    held: Waiting

    @property
    def ref(self) -> str:
        return self.tree.ref

    @property
    def sha(self) -> str:
        return self.tree.sha

    def entries(self) -> Mapping[str, Entry]:
        return self.tree.entries()

    def read(self, entries: Iterable[Entry]) -> Mapping[str, bytes]:
        self.held.reached.set()
        self.held.go_on.wait(300)
        return self.tree.read(entries)


def test_one_that_is_killed_takes_nobody_along(source: GitSource) -> None:
    evaluators = Evaluators(Bounds())
    evaluators(source)
    [victim] = idle(evaluators)
    waiting, judged = Waiting(source), []

    def doomed() -> None:
        judged.append(evaluators(waiting))

    thread = threading.Thread(target=doomed)
    thread.start()
    assert waiting.reached.wait(300)
    os.kill(victim, signal.SIGKILL)
    assert evaluators(source).blocked  # another one, meanwhile
    waiting.go_on.set()
    thread.join(300)
    assert [one.blocked for one in judged] == [True]  # by a third one
    assert victim not in idle(evaluators)
    evaluators.close()


def test_one_that_is_always_killed_is_told(source: GitSource, monkeypatch: pytest.MonkeyPatch) -> None:
    deadly = Evaluators(Bounds())
    killed: list[int] = []

    def kill(pid: int) -> None:
        killed.append(pid)
        os.kill(pid, signal.SIGKILL)

    take = deadly._take

    def taken() -> Any:
        evaluator = take()
        kill(evaluator._process.pid)
        return evaluator

    monkeypatch.setattr(deadly, "_take", taken)
    with pytest.raises(SourceError, match="killed 3 times"):
        deadly(source)
    assert (len(killed), idle(deadly)) == (3, [])


class _Refusing:
    def fetch(self) -> Snapshot:
        raise SourceError("the commit is gone", "push again")


def test_what_the_source_cannot_tell_is_passed_on(evaluators: Evaluators) -> None:
    with pytest.raises(SourceError, match="the commit is gone"):
        evaluators(_Refusing())


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "open('/tmp/preadmit-must-not-exist', 'w')",
        "import os; os.open('/tmp/preadmit-must-not-exist', os.O_CREAT | os.O_WRONLY)",
        "import os; os.fork()",
        "import os; os.execv('/bin/true', ['true'])",
    ],
)
def test_an_evaluator_does_nothing_else(attempt: str) -> None:
    code = f"from bot.isolation.evaluator import _confine\n_confine(1024)\n{attempt}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, "PermissionError: an evaluator" in done.stderr) == (1, True), done.stderr


def test_what_is_no_message_is_refused() -> None:
    import socket

    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"\x00\x00\x00\x02\xff\xff")
        with pytest.raises(wire.WireError, match="no message"):
            wire.receive(ours, wire.FromEvaluator)
        theirs.sendall(b"\xff\xff\xff\xff")
        with pytest.raises(wire.WireError, match="bytes"):
            wire.receive(ours, wire.FromEvaluator)
