"""Several roles of the service in one command: each in a process of its own, started again when it dies.

A process a role, for a judgement that computes must not hold up the answer to a delivery. The parent does nothing but
wait; when it is killed, its children notice by a pipe and end.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import FrameType
from typing import Final

YOUNG_SECONDS: Final = 10.0
"""A process that ends before this age has not really begun."""

MOST_YOUNG: Final = 5
_HANDLED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
_LOG: Final = logging.getLogger(__name__)


class Supervisor:
    """Runs ``roles``, each a function that returns at the end of its work, until it is told to stop."""

    def __init__(self, roles: Mapping[str, Callable[[], None]], grace: int) -> None:
        self._roles, self._grace = roles, grace
        self._children: dict[int, tuple[str, float]] = {}
        self._young: dict[str, int] = dict.fromkeys(roles, 0)
        self._alive, self._mine = os.pipe()
        self._stopping, self._code = threading.Event(), 0

    def run(self) -> int:
        """The exit code: 0 when all ended as they were asked to."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGALRM, self._kill)
        for role in self._roles:
            self._start(role)
        while self._children:
            pid, status = os.waitpid(-1, 0)
            role, began = self._children.pop(pid, ("", 0.0))
            if role:
                self._ended(role, began, os.waitstatus_to_exitcode(status))
        return self._code

    def _ended(self, role: str, began: float, code: int) -> None:
        if self._stopping.is_set():
            is_well = code in (0, -signal.SIGTERM)  # so ends what was told before it could listen
            self._code = self._code or (0 if is_well else 1)
            return
        _LOG.warning("the %s process ended (%d)", role, code)
        is_young = code > 0 and time.monotonic() - began < YOUNG_SECONDS  # being killed says nothing of the role
        self._young[role] = self._young[role] + 1 if is_young else 0
        if code == 2 or self._young[role] >= MOST_YOUNG:  # it says why itself, and will not do better
            self._code = code if code > 0 else 1
            self._end_all()
            return
        time.sleep(0.1 * 2 ** self._young[role])
        self._start(role)

    def _start(self, role: str) -> None:
        """Start a role, unless told to stop.

        Signals wait meanwhile: the parent has no child that is not listed, the child never acts as the parent would.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        if not self._stopping.is_set():
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                self._become(role, before)
            self._children[pid] = role, time.monotonic()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _become(self, role: str, mask: Iterable[int]) -> None:
        """The child's whole life."""
        code = 1
        try:
            for number in _HANDLED:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.close(self._mine)
            threading.Thread(target=self._outlive, daemon=True).start()
            self._roles[role]()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except BaseException:  # noqa: BLE001 - the end of a process: nothing above it would say what happened
            _LOG.exception("the %s process failed", role)
        finally:
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _outlive(self) -> None:
        """Wait for the parent's end; then end this process, if need be by force."""
        os.read(self._alive, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(self._grace + 5)
        os._exit(1)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._end_all()

    def _end_all(self) -> None:
        self._stopping.set()
        signal.alarm(self._grace + 5)
        self._signal(signal.SIGTERM)

    def _kill(self, number: int, frame: FrameType | None) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._children:
            with suppress(ProcessLookupError):  # it ended just now, and is taken from the list next
                os.kill(pid, number)
