"""The parent of the service's roles: what it is told reaches each of them, however young it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.supervisor import Supervisor

SECONDS = 300
PROGRAM = """
import os, signal, sys, time
from bot.supervisor import Supervisor

def tell(*processes):
    for process in processes:
        os.kill(process, signal.SIGTERM)

def deaf():
    if sys.argv[1] == "before it listens":
        tell(os.getppid())
    time.sleep(600)

fork = os.fork

def told_at_once():
    made = fork()
    if made == 0:
        tell(os.getppid(), os.getpid())
    return made

if sys.argv[1] == "at its birth":
    os.fork = told_at_once
sys.exit(Supervisor({"deaf": deaf}, 1).run())
"""


@pytest.mark.parametrize("moment", ["before it listens", "at its birth"])
def test_a_role_that_is_told_to_stop_so_early_ends_well(moment: str) -> None:
    """It neither acts as its parent would, nor counts as one that failed."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, moment],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_that_is_gone_keeps_nobody_from_being_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []

    def kill(pid: int, number: int) -> None:
        told.append(pid)
        if pid == 1001:
            raise ProcessLookupError

    monkeypatch.setattr(os, "kill", kill)
    supervisor = Supervisor({}, 1)
    supervisor._children = {1001: ("worker", 0.0), 1002: ("web", 0.0)}
    supervisor._signal(signal.SIGTERM)
    assert told == [1001, 1002]
