"""Facts to results: pure, so that every sentence of the doctor's can be tested without a GitHub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from bot.app_manifest import EVENTS, EXTRAS, PERMISSIONS

_MOST_SKEW: Final = 30.0
"""Seconds. By its own clock, GitHub refuses a token that is from the future or lives longer than 10 minutes."""

_DELIVERED: Final = range(200, 300)


class State(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``advice`` is empty where nothing is to be done."""

    state: State
    what: str
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What GitHub says of the App, as its REST API describes it.

    ``app`` is ``GET /app``, ``hook`` ``GET /app/hook/config``, ``deliveries`` the latest of
    ``GET /app/hook/deliveries``, newest first, ``installations`` ``GET /app/installations``. ``skew`` is our clock less
    GitHub's, in seconds.
    """

    app: Mapping[str, Any]
    hook: Mapping[str, Any]
    deliveries: Sequence[Mapping[str, Any]]
    installations: Sequence[Mapping[str, Any]]
    skew: float


def examine(facts: Facts) -> Iterator[Finding]:
    """Everything that GitHub told, in the order in which it matters."""
    yield clock(facts.skew)
    yield Finding(State.OK, "app", f"{facts.app.get('slug')} (id {facts.app.get('id')})")
    yield _permissions(facts.app.get("permissions") or {}, str(facts.app.get("html_url") or ""))
    yield _events(facts.app.get("events") or (), facts.app.get("permissions") or {})
    yield _hook(facts.hook)
    yield _deliveries(facts.deliveries)
    yield from _installations(facts.installations)


def clock(skew: float) -> Finding:
    """Whether our clock agrees with GitHub's."""
    if abs(skew) <= _MOST_SKEW:
        return Finding(State.OK, "clock", f"{abs(skew):.0f} s from GitHub's")
    side = "ahead of" if skew > 0 else "behind"
    return Finding(
        State.FAIL,
        "clock",
        f"{abs(skew):.0f} s {side} GitHub's",
        "set the machine's clock (NTP): GitHub refuses tokens",
    )


def _permissions(given: Mapping[str, str], address: str) -> Finding:
    lacking = [f"{name}: {level}" for name, level in PERMISSIONS.items() if not _suffices(given.get(name, ""), level)]
    if lacking:
        return Finding(
            State.FAIL, "permissions", f"lacks {', '.join(lacking)}", f"add them in the App's settings, {address}"
        )
    known = {**PERMISSIONS, **{extra.permission: "read" for extra in EXTRAS.values()}}
    surplus = [f"{name}: {level}" for name, level in sorted(given.items()) if not _suffices(known.get(name, ""), level)]
    if surplus:
        return Finding(
            State.WARN,
            "permissions",
            f"has more than is needed: {', '.join(surplus)}",
            "take them away in its settings",
        )
    return Finding(State.OK, "permissions", ", ".join(f"{name}: {level}" for name, level in sorted(given.items())))


def _suffices(given: str, wanted: str) -> bool:
    levels = ("", "read", "write", "admin")
    return given in levels and levels.index(given) >= levels.index(wanted)


def _events(given: Sequence[str], permissions: Mapping[str, str]) -> Finding:
    wanted = {*EVENTS, *(extra.event for extra in EXTRAS.values() if permissions.get(extra.permission))}
    lacking = sorted(wanted - set(given))
    if lacking:
        return Finding(State.FAIL, "events", f"lacks {', '.join(lacking)}", "subscribe to them in the App's settings")
    return Finding(State.OK, "events", ", ".join(sorted(given)))


def _hook(hook: Mapping[str, Any]) -> Finding:
    url = str(hook.get("url") or "")
    if not url:
        return Finding(State.FAIL, "webhook", "the App has no webhook address", "set it to https://YOUR-HOST/webhook")
    if str(hook.get("insecure_ssl")) not in ("0", "0.0", "False"):
        return Finding(State.WARN, "webhook", f"{url}: certificates are not verified", "enable SSL verification")
    if hook.get("content_type") != "json":
        return Finding(
            State.FAIL, "webhook", f"{url}: the content type is {hook.get('content_type')}", "set it to json"
        )
    if not url.startswith("https://"):
        return Finding(State.WARN, "webhook", f"{url} is not encrypted", "put TLS before the service")
    if not url.endswith("/webhook"):
        return Finding(State.FAIL, "webhook", f"{url} does not end in /webhook", "set it to https://YOUR-HOST/webhook")
    return Finding(State.OK, "webhook", url)


def _deliveries(deliveries: Sequence[Mapping[str, Any]]) -> Finding:
    """Whether GitHub reaches the service: what became of its latest attempt tells it better than one of ours."""
    if not deliveries:
        return Finding(
            State.WARN, "deliveries", "GitHub has sent none so far", "open a pull request, or redeliver the ping"
        )
    status, said = deliveries[0].get("status_code"), str(deliveries[0].get("status") or "")
    failed = sum(delivery.get("status_code") not in _DELIVERED for delivery in deliveries)
    if status in _DELIVERED:
        text = f"the latest was answered with {status}"
        if not failed:
            return Finding(State.OK, "deliveries", text)
        return Finding(
            State.WARN,
            "deliveries",
            f"{text}; {failed} of the latest {len(deliveries)} failed",
            "they are fetched again",
        )
    if status == 401:
        return Finding(
            State.FAIL,
            "deliveries",
            "the latest was refused: its signature is not ours",
            "PREADMIT_WEBHOOK_SECRET and the App's webhook secret differ; set the same in both",
        )
    return Finding(
        State.FAIL,
        "deliveries",
        f"the latest failed: {said} ({status})",
        "GitHub must reach the webhook's address from the internet (or your Enterprise Server from its network)",
    )


def _installations(installations: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    if not installations:
        yield Finding(State.WARN, "installations", "none", "install the App on repositories")
        return
    working = 0
    for installation in installations:
        account = (installation.get("account") or {}).get("login") or installation.get("id")
        given, address = installation.get("permissions") or {}, str(installation.get("html_url") or "")
        lacking = [name for name, level in PERMISSIONS.items() if not _suffices(given.get(name, ""), level)]
        if installation.get("suspended_at"):
            yield Finding(State.WARN, "installations", f"{account} is suspended", f"unsuspend it at {address}")
        elif lacking:
            yield Finding(
                State.FAIL, "installations", f"{account} has not granted {', '.join(lacking)}", f"accept at {address}"
            )
        else:
            working += 1
    yield Finding(State.OK, "installations", f"{working} of {len(installations)} ready")
