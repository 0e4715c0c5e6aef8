"""Writes in GitHub's measure: so many requests that change something within any minute and any hour.

GitHub's page "Rate limits for the REST API" has these secondary limits, for all content of an installation together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

MINUTE: Final = 60.0
HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Measure:
    """Writes of one installation within any 60 seconds and any 3,600; 0 for as many as one likes.

    A quarter of either is kept for check runs: a comment can wait for them, they do not wait for comments.
    """

    minute: int = 80
    hour: int = 500

    def seconds_left(self, taken: Sequence[float], now: float, *, is_check: bool, count: int = 1) -> float:
        """Until ``count`` more writes are in the measure, 0 where they are now; ``taken`` are the moments of others.

        More than the measure allows at all is let through when nothing else is in it.
        """
        left = [0.0]
        for seconds, limit in ((MINUTE, self.minute), (HOUR, self.hour)):
            most = limit if is_check else limit - limit // 4
            over = len(taken) + min(count, most) - most
            if limit and over > 0:
                left.append(sorted(taken)[over - 1] + seconds - now)
        return max(left)

    def recent(self, taken: Sequence[float], now: float) -> list[float]:
        """Those of the moments that still count."""
        seconds = HOUR if self.hour else MINUTE
        return [one for one in taken if one > now - seconds]


class Pace(Protocol):
    """The writes of one installation, of all processes together."""

    def take(self, *, is_check: bool, count: int = 1) -> float:
        """Take ``count`` writes: 0.0 where they may be sent now, else the seconds after which to ask again."""
