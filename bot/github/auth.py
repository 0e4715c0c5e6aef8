"""The App's credentials: a signed JWT buys installation tokens, which are kept until shortly before they expire.

Tokens stand in memory only, never in a ``repr``, a log or an exception.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from github.Auth import AppAuth
from jwt.exceptions import InvalidKeyError

from bot.github.client import Client, GitHubError, Kept
from bot.github.pace import Pace

MARGIN = 300.0
"""Seconds before expiry from which on a token is not handed out: a judgement and clocks that differ take time."""


class App:
    """The GitHub App: clients that act as one of its installations. Safe to share by threads."""

    def __init__(
        self,
        app_id: int,
        private_key: str,
        api_url: str,
        *,
        paces: Callable[[int], Pace] | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.app_id, self._url, self._paces, self._clock, self._sleep = app_id, api_url, paces, clock, sleep
        self._auth = AppAuth(app_id, private_key)
        self._tokens: dict[int, tuple[str, float]] = {}
        self._locks: dict[int, threading.Lock] = {}
        self._lock = threading.Lock()

    def check_key(self) -> None:
        """Sign once, so that a key that is none is noticed at the start; raises GitHubError."""
        try:
            self._auth.create_jwt()
        except (InvalidKeyError, ValueError, TypeError):
            raise GitHubError("the private key is no PEM-encoded RSA key") from None

    def client(self, installation: int, kept: Kept | None = None) -> Client:
        """A client for one piece of work: it has its own connection, and shares token and pace."""
        return Client(
            self._url,
            lambda: self.token(installation),
            forget=lambda: self._forget(installation),
            pace=self._paces(installation) if self._paces else None,
            kept=kept,
            sleep=self._sleep,
        )

    def own_client(self, kept: Kept | None = None) -> Client:
        """A client that acts as the App itself, for what concerns no installation; each request is signed anew."""
        return Client(
            self._url, self._auth.create_jwt, kind="Bearer", forget=lambda: None, kept=kept, sleep=self._sleep
        )

    def token(self, installation: int) -> str:
        """The installation's token, a new one only when the kept one is about to expire; raises GitHubError."""
        with self._lock:
            lock = self._locks.setdefault(installation, threading.Lock())
        with lock:  # one purchase at a time: a second thread takes what the first one bought
            kept = self._tokens.get(installation)
            if kept is None or kept[1] - MARGIN <= self._clock():
                kept = self._buy(installation)
                self._tokens[installation] = kept
            return kept[0]

    def _forget(self, installation: int) -> None:
        self._tokens.pop(installation, None)

    def _buy(self, installation: int) -> tuple[str, float]:
        signed = self.own_client()
        try:
            bought = signed.post(f"/app/installations/{installation}/access_tokens", {}, repeatable=True)
        finally:
            signed.close()
        return bought["token"], datetime.fromisoformat(bought["expires_at"]).timestamp()
