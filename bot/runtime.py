"""The clock and the randomness that expressions may ask for: the engine has none of its own."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from engine.jmespath import Runtime


def runtime() -> Runtime:
    """The machine's clock and randomness."""
    return Runtime(clock=lambda: datetime.now(UTC), random=random.SystemRandom())
