"""The writes of each installation in the database: all processes keep one measure, and a start forgets nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, text

from bot.durable.database import WRITES, answering, connections, place
from bot.github.pace import Measure

# Makes or locks the installation's row and tells what stands in it, on either database.
_LOCK: Final = """
INSERT INTO {place} (installation, moments) VALUES (:installation, '[]')
ON CONFLICT (installation) DO UPDATE SET installation = excluded.installation RETURNING moments
"""
_SET: Final = "UPDATE {place} SET moments = :moments WHERE installation = :installation"


class Paces:
    """Calling it gives the pace of an installation. Safe to share by threads."""

    def __init__(self, url: str, measure: Measure, clock: Callable[[], float] = time.time) -> None:
        self._measure, self._clock = measure, clock
        self._engine = connections(url, 4)

    def __call__(self, installation: int) -> SharedPace:
        return SharedPace(self._engine, installation, self._measure, self._clock)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


@dataclass(frozen=True, slots=True)
class SharedPace:
    """The moments of the writes that an installation had within the hour: one row, changed by one at a time."""

    engine: Engine
    installation: int
    measure: Measure
    clock: Callable[[], float]

    def take(self, *, is_check: bool, count: int = 1) -> float:
        """Take ``count`` writes: 0.0 where they may be sent now, else the seconds to wait. Raises QueueError."""
        table, own = place(self.engine, WRITES), dict[str, object](installation=self.installation)
        with answering(), self.engine.begin() as session:
            moments = session.execute(text(_LOCK.format(place=table)), own).scalar_one()
            now = self.clock()
            taken = self.measure.recent(json.loads(moments), now)
            left = self.measure.seconds_left(taken, now, is_check=is_check, count=count)
            if left <= 0:
                own |= {"moments": json.dumps([*taken, *[round(now, 3)] * count])}
                session.execute(text(_SET.format(place=table)), own)
            return max(0.0, left)
