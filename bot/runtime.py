"""The clock and the randomness that expressions may ask for: the engine has none of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.jmespath import Runtime

if TYPE_CHECKING:
    from random import Random


def runtime() -> Runtime:
    """The machine's clock and randomness."""
    return Runtime(clock=lambda: datetime.now(UTC), random=_random)


def _random() -> Random:
    from random import SystemRandom  # hardly ever asked for, and no small part of the start

    return SystemRandom()
