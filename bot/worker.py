"""Work outside the request: one seam, ``Queue``, behind which it waits on disk (``bot.durable``).

Work on one topic is done one after another in its order, that on different ones side by side.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

import msgspec

from bot.jobs import Closed, Job, Moved, Order, Pushed, Work


class QueueError(Exception):
    """No work is taken now; the delivery can be sent again later."""


class Queue(Protocol):
    """Where accepted work waits."""

    def submit(self, work: Work, *, seconds: float = 0.0) -> bool:
        """Take work, to be done in ``seconds`` or later; False when it was taken before. Raises QueueError."""


class Postponed(Exception):
    """The work is better tried again in so many ``seconds``."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


_KINDS: Final[dict[str, type[Work]]] = {
    "job": Job,
    "closed": Closed,
    "pushed": Pushed,
    "order": Order,
    "moved": Moved,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


def partition(work: Work) -> str:
    """What must not be worked on twice at a time: a pull request, a commit, a branch."""
    return f"{work.repository.lower()}#{work.topic}"


def encode(work: Work) -> dict[str, Any]:
    """The work as JSON has it, under the name of its kind."""
    return {_NAMES[type(work)]: msgspec.to_builtins(work)}


def decode(encoded: dict[str, Any]) -> Work:
    """The work again; raises msgspec.ValidationError for what is none."""
    for name, fields in encoded.items():
        if name in _KINDS:
            return msgspec.convert(fields, _KINDS[name])
    raise msgspec.ValidationError("the work is of no kind that is known here")
