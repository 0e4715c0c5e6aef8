"""Requests to GitHub's REST and GraphQL API: authentication, timeouts, repetition and pages in one place.

PyGithub's requester carries them. Its own retries and throttles are off, as they would repeat a write that may have
been done; here each request says whether it may be repeated.
"""

from __future__ import annotations

import json
import logging
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

import requests
from github import Github
from github.Auth import Auth

from bot.github import refusals
from bot.github.pace import Pace
from bot.observe import observer

TIMEOUT: Final = 20
"""Seconds to connect, and between two pieces of an answer."""

USER_AGENT: Final = "preadmit"  # GitHub asks for the application's name
ATTEMPTS: Final = 4
LONGEST_WAIT: Final = 30.0
"""Seconds that a rate limit may ask us to wait; after a longer one the work is done again."""

LONGEST_PACE: Final = 2.0
"""Seconds that work waits for the measure of writes; where it has to wait longer, other work is done meanwhile."""

UNKNOWN_SECONDS: Final = 15.0
"""Until work is done again whose credentials stay refused although they were made anew: a clock that is set right."""

Kept = dict[str, tuple[str, Any]]
"""Answers with their ETags, so that what did not change is neither sent again nor counted by GitHub's rate limit."""

PAGE: Final = 100
MAX_PAGES: Final = 50

_NEXT: Final = re.compile(r'<[^<>]*[?&]cursor=([^&<>]+)[^<>]*>; rel="next"')

# At DEBUG they print bodies with tokens, and addresses that carry one.
for _name in ("github.Requester", "urllib3.connectionpool"):
    logging.getLogger(_name).setLevel(logging.INFO)


class GitHubError(Exception):
    """GitHub refused or could not be reached: ``status`` is HTTP's, 0 where there was no answer.

    ``retry_after`` are the seconds until it may be done, None where waiting does not change the refusal.
    """

    def __init__(self, message: str, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status, self.retry_after = status, retry_after

    @property
    def uncertain(self) -> bool:
        """True when a write may have been done all the same."""
        return self.status == 0 or self.status >= 500

    @property
    def passing(self) -> bool:
        """True when the same may succeed some time later."""
        return self.uncertain or self.retry_after is not None


class SpentError(GitHubError):
    """So many requests were made for one piece of work that it is given up: asking again would not end otherwise."""

    @property
    def passing(self) -> bool:
        """Never."""
        return False


class PacedError(GitHubError):
    """A write that was not sent: it would have passed GitHub's secondary limits."""


class _Live(Auth):
    """A token that is asked for anew for each request."""

    def __init__(self, token: Callable[[], str], kind: str) -> None:
        self._supply, self._kind = token, kind

    @property
    def token_type(self) -> str:
        return self._kind

    @property
    def token(self) -> str:
        return self._supply()


class Client:
    """Requests as one identity; a short-lived value of one thread, closed after its work."""

    def __init__(
        self,
        api_url: str,
        token: Callable[[], str],
        *,
        kind: str = "token",
        forget: Callable[[], None] | None = None,
        pace: Pace | None = None,
        kept: Kept | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url, self._auth, self._forget = api_url.rstrip("/"), _Live(token, kind), forget
        self._pace, self._kept, self._sleep = pace, kept, sleep
        self._github = Github(
            auth=self._auth,
            base_url=self._url,
            timeout=TIMEOUT,
            user_agent=USER_AGENT,
            per_page=PAGE,
            retry=0,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        self.requests = 0
        self._most_reads: int | None = None

    def close(self) -> None:
        """Close the connection."""
        self._github.close()

    def get(self, path: str, **parameters: Any) -> Any:
        """GET: the decoded JSON; raises GitHubError."""
        self._may_read()
        return self._send("GET", path, parameters=parameters)

    def post(self, path: str, body: Mapping[str, Any], *, repeatable: bool = False) -> Any:
        """POST; when it is not ``repeatable``, an uncertain outcome raises instead of being tried again."""
        return self._send("POST", path, body=body, repeatable=repeatable)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """PATCH, which sets values and can therefore be repeated."""
        return self._send("PATCH", path, body=body)

    def pages(self, path: str, key: str = "", **parameters: Any) -> Iterator[dict[str, Any]]:
        """The items of all pages of a list, which stands under ``key`` where the answer is an object."""
        for page in range(1, MAX_PAGES + 1):
            answer = self.get(path, per_page=PAGE, page=page, **parameters)
            items = answer[key] if key else answer
            yield from items
            if len(items) < PAGE:
                return
        raise GitHubError(f"{path} lists more than {MAX_PAGES * PAGE} items")

    def chain(self, path: str, most: int) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list that has no numbers for them, at most so many: each names the next one."""
        parameters = {"per_page": str(PAGE)}
        for _ in range(most):
            answer, headers = self._sent("GET", path, parameters=parameters)
            yield answer
            following = _NEXT.search(str(headers.get("link", "")))
            if following is None:
                return
            parameters["cursor"] = unquote(following[1])

    def query(self, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """A GraphQL query (no mutation): its ``data``; parts that could not be had are null in it."""
        self._may_read()
        url = self._github.requester.graphql_url
        answer = self._send("POST", url, body={"query": text, "variables": dict(variables)})
        found = answer.get("data")
        if not isinstance(found, dict):
            messages = "; ".join(str(error.get("message")) for error in answer.get("errors", ()))
            raise GitHubError(f"GraphQL: {messages or 'no data'}", 400)
        return found

    def mutate(self, text: str, variables: Mapping[str, Any], writes: int) -> list[str]:
        """A GraphQL document of so many mutations, each of which can be repeated: what GitHub refused of it."""
        self._wait_for_pace("changes to comments", is_check=False, count=writes)
        url = self._github.requester.graphql_url
        answer = self._send("POST", url, body={"query": text, "variables": dict(variables)})
        return [str(error.get("message")) for error in answer.get("errors") or ()]

    @contextmanager
    def bounded(self, most: int) -> Iterator[None]:
        """Read nothing more meanwhile once there were so many requests: SpentError. What is known can be written."""
        self._most_reads = most
        try:
            yield
        finally:
            self._most_reads = None

    def _may_read(self) -> None:
        if self._most_reads is not None and self.requests >= self._most_reads:
            raise SpentError(f"more than {self._most_reads:,} requests are needed")

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[bytes]]:
        """The pieces of a large answer, read as they come; a redirect is followed without the token."""
        url = self._url + path
        try:
            with requests.Session() as session:
                answer = self._open(session, url, self._signed())
                if answer.status_code == 401 and self._forget is not None:
                    answer.close()
                    self._forget()
                    answer = self._open(session, url, self._signed())
                if answer.is_redirect:
                    answer = self._open(session, self._location(url, answer.headers["location"]), {})
                if answer.status_code != 200:
                    raise GitHubError(f"GET {path}: {answer.status_code}", answer.status_code)
                with answer:
                    yield answer.iter_content(1 << 16)
        except requests.RequestException as failed:
            raise GitHubError(f"GET {path}: {type(failed).__name__}") from None  # its text may hold a signed address

    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"{self._auth.token_type} {self._auth.token}", "User-Agent": USER_AGENT}

    def _open(self, session: requests.Session, url: str, headers: Mapping[str, str]) -> requests.Response:
        self.requests += 1
        session.auth = lambda request: request  # otherwise requests would look for a .netrc
        return session.get(url, headers=dict(headers), timeout=TIMEOUT, stream=True, allow_redirects=False)

    @staticmethod
    def _location(url: str, location: str) -> str:
        target = urljoin(url, location)
        if urlsplit(target).scheme != urlsplit(url).scheme:
            raise GitHubError("GitHub redirected an archive to another scheme")
        return target

    def _send(self, verb: str, path: str, **how: Any) -> Any:
        return self._sent(verb, path, **how)[0]

    def _sent(
        self,
        verb: str,
        path: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool = True,
    ) -> tuple[Any, Mapping[str, Any]]:
        """The decoded answer, and its headers; raises GitHubError."""
        what = f"{verb} {urlsplit(path).path}"
        if path.startswith("/") and verb != "GET":
            self._wait_for_pace(what, is_check="/check-runs" in path)
        for attempt in range(1, ATTEMPTS + 1):
            status, headers, text = self._once(verb, path, parameters, body)
            if 200 <= status < 300 or status == 304:
                return self._answer(verb, _address(path, parameters), what, status, headers, text), headers
            delay = self._delay(status, headers, text, attempt, repeatable)
            if delay is None or attempt == ATTEMPTS:
                break
            self._sleep(delay)
        raise GitHubError(refusals.reason(what, status, text), status, self._later(status, headers, text))

    def _answer(self, verb: str, name: str, what: str, status: int, headers: Mapping[str, Any], text: str) -> Any:
        """What was answered, or had been where it is still the same."""
        if status == 304 and self._kept is not None:
            return self._kept[name][1]
        answer = _decoded(what, status, text)
        if verb == "GET" and self._kept is not None and "etag" in headers and "cursor=" not in name:
            self._kept[name] = str(headers["etag"]), answer
        return answer

    def _wait_for_pace(self, what: str, *, is_check: bool, count: int = 1) -> None:
        """Return when ``count`` writes are within the measure; raises PacedError where that is not soon."""
        while self._pace is not None and (left := self._pace.take(is_check=is_check, count=count)):
            if left > LONGEST_PACE:
                raise PacedError(f"{what}: the measure of writes is full", 429, left)
            self._sleep(left)

    def _once(
        self, verb: str, path: str, parameters: Mapping[str, Any] | None, body: Mapping[str, Any] | None
    ) -> tuple[int, Mapping[str, Any], str]:
        """One request: status, headers in lower case and text; status 0 and the fault's name without an answer."""
        self.requests += 1
        sent = {"Accept": "application/vnd.github+json"}
        if verb == "GET" and self._kept and (known := self._kept.get(_address(path, parameters))):
            sent["If-None-Match"] = known[0]
        try:
            status, headers, text = self._github.requester.requestJson(verb, path, dict(parameters or {}), sent, body)
        except requests.RequestException as failed:
            status, headers, text = 0, {}, type(failed).__name__
        remaining = str(headers.get("x-ratelimit-remaining", ""))
        observer().request(verb, status, int(remaining) if remaining.isdigit() else None)
        return status, headers, text

    def _delay(
        self, status: int, headers: Mapping[str, Any], text: str, attempt: int, repeatable: bool
    ) -> float | None:
        """Seconds until the request is worth repeating, None when it is not."""
        pause = 2.0 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads repetitions, guards nothing
        if status == 401 and self._forget is not None:
            self._forget()
            return 0.0 if attempt == 1 else pause
        if status in (403, 429):
            wait = refusals.seconds_asked(headers, text, attempt)
            return wait if wait is not None and wait <= LONGEST_WAIT else None
        return pause if (status == 0 or status >= 500) and repeatable else None

    def _later(self, status: int, headers: Mapping[str, Any], text: str) -> float | None:
        """Seconds until the work is worth doing again; None where that is not for us to say."""
        if status == 401 and self._forget is not None:
            return UNKNOWN_SECONDS
        return refusals.seconds_asked(headers, text, 1) if status in (403, 429) else None


def _address(path: str, parameters: Mapping[str, Any] | None) -> str:
    return f"{path}?{urlencode(parameters or {})}"


def segment(text: str) -> str:
    """Text as one segment of a path."""
    return quote(text, safe="")


def _decoded(what: str, status: int, text: str) -> Any:
    try:
        return json.loads(text) if text else {}
    except ValueError:
        raise GitHubError(f"{what}: the answer is no JSON", status) from None
