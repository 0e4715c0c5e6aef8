"""The one request that needs no credentials: it brings the App's own (``POST /app-manifests/{code}/conversions``)."""

from __future__ import annotations

from typing import Any

import requests

from bot.github.client import TIMEOUT, USER_AGENT, GitHubError, segment


def convert(api_url: str, code: str) -> dict[str, Any]:
    """GitHub's answer to a code, which it takes once within an hour; raises GitHubError."""
    headers = {"Accept": "application/vnd.github+json", "User-Agent": USER_AGENT}
    with requests.Session() as session:
        session.auth = lambda request: request  # otherwise requests would look for a .netrc
        try:
            answer = session.post(
                f"{api_url}/app-manifests/{segment(code)}/conversions",
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
            found = answer.json() if answer.status_code == 201 else None
        except (requests.RequestException, ValueError) as failed:
            raise GitHubError(f"the App's credentials could not be fetched: {type(failed).__name__}") from None
    if not isinstance(found, dict):
        raise GitHubError(f"GitHub answered {answer.status_code} to the code; it holds for one hour and once")
    return found
