"""Work outside the request: one seam, ``Queue``, behind which it waits on disk (``bot.durable``).

Work on one topic is done one after another in its order, that on different ones side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from bot.jobs import Closed, Job, Moved, Order, Pushed, Work


class QueueError(Exception):
    """No work is taken now; the delivery can be sent again later."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: how many jobs, and for how long the oldest of them has."""

    waiting: int
    oldest_seconds: float


class Queue(Protocol):
    """Where accepted work waits."""

    def submit(self, work: Work, *, seconds: float = 0.0) -> bool:
        """Take work, to be done in ``seconds`` or later; False when it was taken before. Raises QueueError."""


class Postponed(Exception):
    """The work is better tried again in so many ``seconds``, and then after twice as long each time.

    That ends some time, unless it is ``patient``: what it waits for is sure to come.
    """

    def __init__(self, reason: str, seconds: float, *, patient: bool = False) -> None:
        super().__init__(reason)
        self.seconds, self.patient = seconds, patient


@dataclass(frozen=True, slots=True)
class Attempt:
    """How often a piece of work was begun, this time included, since it was postponed for the ``turns``-th time.

    ``is_superseded`` tells whether newer work makes it needless.
    """

    starts: int = 1
    turns: int = 0
    is_superseded: Callable[[], bool] = lambda: False


_KINDS: Final[dict[str, type[Work]]] = {
    "job": Job,
    "closed": Closed,
    "pushed": Pushed,
    "order": Order,
    "moved": Moved,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


def partition(work: Work) -> str:
    """What must not be worked on twice at a time: a pull request, a commit, a branch; after whose it is.

    ``INSTALLATION/OWNER/NAME#TOPIC``: each of the shares of ``bot.durable.turns`` is a beginning of it.
    """
    return f"{work.installation}/{work.repository.lower()}#{work.topic}"


def encode(work: Work) -> dict[str, Any]:
    """The work as JSON has it, under the name of its kind."""
    return {_NAMES[type(work)]: msgspec.to_builtins(work)}


def decode(encoded: dict[str, Any]) -> Work:
    """The work again; raises msgspec.ValidationError for what is none."""
    for name, fields in encoded.items():
        if name in _KINDS:
            return msgspec.convert(fields, _KINDS[name])
    raise msgspec.ValidationError("the work is of no kind that is known here")


def supersedes(newer: Work, older: Work) -> bool:
    """Whether ``newer``, which came later and waits, makes it needless to go on with ``older``.

    Deliveries may come out of order, so that a later one counts only when it says what it follows.
    """
    match newer, older:
        case Closed(number=number, head_sha=head), Job():
            return number == older.number and head == older.head_sha
        case Job(), Job():
            return newer.number == older.number and newer.before == older.head_sha and bool(newer.before)
        case _:
            return False
