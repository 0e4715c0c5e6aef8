"""What deliveries did not tell: those that failed are fetched again, and open pull requests without a check get one.

A webhook is a hint that may be lost; what GitHub shows is the truth that the bot keeps up with.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from bot.github.auth import App
from bot.github.client import Client, GitHubError, Kept
from bot.github.open_pulls import OpenPull, open_pulls
from bot.jobs import CHECK_PREFIX, Closed, Job, Moved, Order, Pushed
from bot.settings import Settings
from bot.webhook import may_matter, meaning
from bot.worker import Queue, QueueError

FRESH: Final = timedelta(seconds=45)
"""A pull request that changed so shortly before is left to its delivery."""

ROUND_SECONDS: Final = 900
"""Within which the same pull request is not put into the queue again."""

DELIVERED: Final = timedelta(days=3)
"""GitHub keeps deliveries that long."""

OVERLAP: Final = timedelta(minutes=10)
"""Looked at again in the next round: clocks differ, and an attempt may be listed late."""

MOST_PAGES: Final = 50
"""Pages of a hundred deliveries; open pull requests tell of what is older."""

MOST_FETCHED: Final = 300
"""Deliveries fetched in a round, each by a request; the rest comes in the next ones."""

_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Reconciliation:
    """Calling it looks at everything once: the number of pieces of work that it found undone."""

    app: App
    queue: Queue
    settings: Settings
    clock: Callable[[], float] = time.time
    _since: datetime | None = None
    _undone: dict[str, int] = field(default_factory=dict)
    _fetched: set[int] = field(default_factory=set)
    _kept: defaultdict[int, Kept] = field(default_factory=lambda: defaultdict(dict))

    def __call__(self) -> int:
        """Each part on its own: what one installation does not let us see does not keep the others waiting."""
        found = self._tried(self._deliveries, "the deliveries")
        own = self.app.own_client(self._kept[0])
        try:
            installations = [one["id"] for one in own.pages("/app/installations") if not one.get("suspended_at")]
        finally:
            own.close()
        for number in installations:
            found += self._tried(partial(self._compare, number), f"installation {number}")
        _LOG.info("reconciled installations=%d undone=%d", len(installations), found)
        return found

    def _compare(self, installation: int) -> int:
        return compare(self.app, self.queue, installation, None, self.clock, self._kept[installation])

    def _deliveries(self) -> int:
        """Fetch again what we did not accept, by its latest attempt, the oldest first."""
        own, began = self.app.own_client(self._kept[0]), datetime.fromtimestamp(self.clock(), UTC)
        try:
            listed = list(self._listed(own, self._since or began - DELIVERED))
            self._note(listed)
            found = sum(self._again(own, guid) for guid in list(self._undone)[:MOST_FETCHED])
        finally:
            own.close()
        self._since = began - OVERLAP
        return found

    def _listed(self, own: Client, since: datetime) -> Iterator[dict[str, Any]]:
        """The deliveries since then, the newest first."""
        for page in own.chain("/app/hook/deliveries", MOST_PAGES):
            yield from page
            if not page or datetime.fromisoformat(page[-1]["delivered_at"]) < since:
                return

    def _note(self, listed: Sequence[dict[str, Any]]) -> None:
        """Note what of these is still to be fetched, the oldest first."""
        accepted = {one["guid"] for one in listed if 200 <= one["status_code"] < 300}
        self._fetched &= {one["id"] for one in listed}
        for one in reversed(listed):
            is_new = one["guid"] not in accepted and one["id"] not in self._fetched
            if is_new and may_matter(one["event"], one["action"]):
                self._undone[one["guid"]] = one["id"]
        self._undone = {guid: number for guid, number in self._undone.items() if guid not in accepted}

    def _again(self, own: Client, guid: str) -> bool:
        """Put what a delivery asks for into the queue: whether it was new there. What is not taken stays undone."""
        number = self._undone.pop(guid)
        try:
            new = self._taken(own, number)
        except QueueError as full:
            self._undone[guid] = number  # the last one now: others do not wait for it
            _LOG.warning("delivery %s is left for the next round: %s", guid, full)
            return False
        self._fetched.add(number)
        return new

    def _taken(self, own: Client, number: int) -> bool:
        try:
            delivery = own.get(f"/app/hook/deliveries/{number}")
        except GitHubError as gone:
            if gone.status == 404:
                return False
            raise
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
    kept: Kept | None = None,
) -> int:
    """Compare the open pull requests of an installation (or of some repositories) with their check runs.

    Returns the number of those that lack one and were put into the queue. Raises GitHubError.
    """
    client = app.client(installation, kept)
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
