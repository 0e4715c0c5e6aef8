"""What deliveries did not tell: those that failed are fetched again, and open pull requests without a check get one.

A webhook is a hint that may be lost; what GitHub shows is the truth that the bot keeps up with.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from bot.github.auth import App
from bot.github.client import Client, GitHubError
from bot.github.open_pulls import OpenPull, open_pulls
from bot.jobs import CHECK_PREFIX, Closed, Job, Moved, Order, Pushed
from bot.settings import Settings
from bot.webhook import meaning
from bot.worker import Queue, QueueError

FRESH: Final = timedelta(seconds=45)
"""A pull request that changed so shortly before is left to its delivery."""

ROUND_SECONDS: Final = 900
"""Within which the same pull request is not put into the queue again."""

LATEST: Final = 100
_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Reconciliation:
    """Calling it looks at everything once: the number of pieces of work that it found undone."""

    app: App
    queue: Queue
    settings: Settings
    clock: Callable[[], float] = time.time
    _known: set[int] = field(default_factory=set)

    def __call__(self) -> int:
        """Each part on its own: what one installation does not let us see does not keep the others waiting."""
        found = self._tried(self._deliveries, "the deliveries")
        own = self.app.own_client()
        try:
            installations = [one["id"] for one in own.pages("/app/installations") if not one.get("suspended_at")]
        finally:
            own.close()
        for number in installations:
            found += self._tried(
                partial(compare, self.app, self.queue, number, None, self.clock), f"installation {number}"
            )
        _LOG.info("reconciled installations=%d undone=%d", len(installations), found)
        return found

    def _deliveries(self) -> int:
        """Fetch again what we did not accept, by its latest attempt."""
        own = self.app.own_client()
        try:
            listed = own.get("/app/hook/deliveries", per_page=LATEST)
            accepted = {one["guid"] for one in listed if 200 <= one["status_code"] < 300}
            failed = {one["guid"]: one["id"] for one in listed if one["guid"] not in accepted}
            new = {guid: number for guid, number in failed.items() if number not in self._known}
            found = sum(self._again(own.get(f"/app/hook/deliveries/{number}")) for number in new.values())
        finally:
            own.close()
        self._known = set(failed.values())
        return found

    def _again(self, delivery: dict[str, Any]) -> bool:
        payload = (delivery.get("request") or {}).get("payload")
        if not isinstance(payload, dict):
            return False
        work = meaning(delivery["event"], delivery["guid"], payload, self.app.app_id, self.settings.label)
        return isinstance(work, Job | Closed | Pushed | Order | Moved) and self.queue.submit(work)

    @staticmethod
    def _tried(part: Callable[[], int], what: str) -> int:
        try:
            return part()
        except (GitHubError, QueueError) as refused:
            _LOG.warning("%s could not be reconciled: %s", what, refused)
            return 0


def compare(
    app: App,
    queue: Queue,
    installation: int,
    repositories: Iterable[str] | None = None,
    clock: Callable[[], float] = time.time,
) -> int:
    """Compare the open pull requests of an installation (or of some repositories) with their check runs.

    Returns the number of those that lack one and were put into the queue. Raises GitHubError.
    """
    client = app.client(installation)
    try:
        names = repositories if repositories is not None else list(_repositories(client))
        missing = [one for one in open_pulls(client, names, app.app_id) if _lacks(one, clock())]
    finally:
        client.close()
    return sum(queue.submit(_job(installation, one, int(clock() // ROUND_SECONDS))) for one in missing)


def _lacks(pull: OpenPull, now: float) -> bool:
    age = datetime.fromtimestamp(now, UTC) - pull.updated
    return CHECK_PREFIX + pull.base_ref not in pull.answered and age > FRESH


def _repositories(client: Client) -> Iterator[str]:
    for one in client.pages("/installation/repositories", "repositories"):
        if not one.get("archived") and not one.get("disabled"):
            yield str(one["full_name"])


def _job(installation: int, pull: OpenPull, moment: int) -> Job:
    place = hashlib.sha256(f"{pull.repository}\n{pull.base_ref}".encode()).hexdigest()[:12]
    name = f"{pull.number}-{pull.head_sha[:16]}-{place}-{moment}"
    return Job(
        name, installation, pull.repository, pull.head_sha, pull.number, base_ref=pull.base_ref, event="reconciled"
    )
