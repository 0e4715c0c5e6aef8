"""What GitHub says of the App itself, asked as the App."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, Final

import requests

from bot.github.auth import App
from bot.github.client import TIMEOUT, USER_AGENT, GitHubError

_LATEST: Final = 30
_MOST_INSTALLATIONS: Final = 500


def facts(app: App) -> Mapping[str, Any]:
    """``app``, ``hook``, ``deliveries``, ``installations``: four requests; raises GitHubError."""
    app.check_key()
    client = app.own_client()
    try:
        return {
            "app": client.get("/app"),
            "hook": client.get("/app/hook/config"),
            "deliveries": tuple(client.get("/app/hook/deliveries", per_page=_LATEST)),
            "installations": tuple(islice(client.pages("/app/installations"), _MOST_INSTALLATIONS)),
        }
    finally:
        client.close()


def skew(api_url: str, clock: Callable[[], float] = time.time) -> float:
    """Our clock less GitHub's, in seconds, by the date of any answer; raises GitHubError where there is none."""
    with requests.Session() as session:
        session.auth = lambda request: request  # otherwise requests would look for a .netrc
        try:
            answer = session.get(
                f"{api_url}/", headers={"User-Agent": USER_AGENT}, timeout=TIMEOUT, allow_redirects=False
            )
            return clock() - parsedate_to_datetime(answer.headers["Date"]).timestamp()
        except (requests.RequestException, KeyError, ValueError) as failed:
            raise GitHubError(f"{api_url} cannot be reached: {type(failed).__name__}") from None
