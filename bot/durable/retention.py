"""Finished work leaves the database after some days.

Until then its name tells a delivery that is sent again: GitHub can do so for three days ("Redelivering webhooks").
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import text

from bot.durable.database import answering, client, connections, status_table

DAY: Final = 86_400
ROUND_SECONDS: Final = 3600.0
PORTION: Final = 500
"""Deleted in one transaction, so that others need not wait for long."""

MOST_PORTIONS: Final = 200
_FINISHED: Final = "SELECT workflow_uuid FROM {table} WHERE completed_at < :before ORDER BY completed_at LIMIT :most"
_LOG: Final = logging.getLogger(__name__)


class Retention:
    """Calling it deletes what ended more than ``days`` ago: how much it was. Raises QueueError."""

    def __init__(self, url: str, days: int, clock: Callable[[], float] = time.time) -> None:
        self._days, self._clock = days, clock
        self._engine = connections(url, 1)
        self._client = client(url)
        self._finished = text(_FINISHED.format(table=status_table(self._engine)))

    def __call__(self) -> int:
        before, deleted = int((self._clock() - self._days * DAY) * 1000), 0
        for _ in range(MOST_PORTIONS):
            with answering(), self._engine.connect() as session:
                names = list(session.execute(self._finished, {"before": before, "most": PORTION}).scalars())
            if not names:
                break
            with answering():
                self._client.delete_workflows(names)
            deleted += len(names)
        if deleted:
            _LOG.info("deleted=%d finished more than %d days ago", deleted, self._days)
        return deleted

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()
        self._engine.dispose()
