"""The doctor's visit: settings, database, credentials, and what GitHub says; one step that fails hides no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.doctor.checkup import Facts, Finding, State, clock, examine
from bot.doctor.required import WHAT, required
from bot.github.client import GitHubError
from bot.settings import Settings, SettingsError, read


@dataclass(frozen=True, slots=True)
class Doctor:
    """Whom the doctor asks, with the settings.

    ``skew`` is our clock less GitHub's in seconds, ``facts`` what GitHub says of the App (both GitHubError);
    ``database`` says which it reached (OSError). ``required`` are the checks that the repositories of some
    installations require (GitHubError).
    """

    skew: Callable[[Settings], float]
    facts: Callable[[Settings], Mapping[str, Any]]
    database: Callable[[Settings], str]
    required: Callable[[Settings, Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]

    def visit(self, environ: Mapping[str, str]) -> Iterator[Finding]:
        """Look at everything, in the order in which one depends on the other."""
        try:
            settings = read(environ)
        except SettingsError as wrong:
            for fault in str(wrong).split("; "):
                yield Finding(State.FAIL, "settings", fault, "docs/APP.md says what each variable means")
            return
        yield Finding(State.OK, "settings", f"for {settings.api_url}")
        yield self._database(settings)
        yield from self._github(settings)

    def _database(self, settings: Settings) -> Finding:
        try:
            return Finding(State.OK, "database", self.database(settings))
        except OSError as refused:
            advice = "set PREADMIT_DATABASE_URL, or a PREADMIT_STATE_DIR that can be written"
            return Finding(State.FAIL, "database", str(refused), advice)

    def _github(self, settings: Settings) -> Iterator[Finding]:
        try:
            skew = self.skew(settings)
        except GitHubError as unreachable:
            advice = "look at GITHUB_API_URL, the network, and HTTPS_PROXY where there is a proxy"
            yield Finding(State.FAIL, "github", str(unreachable), advice)
            return
        try:
            facts = Facts(**self.facts(settings), skew=skew)
        except GitHubError as refused:
            yield clock(skew)
            yield Finding(State.FAIL, "credentials", str(refused), _advice(refused.status))
            return
        yield from examine(facts)
        yield from self._required(settings, facts)

    def _required(self, settings: Settings, facts: Facts) -> Iterator[Finding]:
        try:
            yield from required(self.required(settings, facts.installations), settings.app_id)
        except GitHubError as refused:
            yield Finding(State.WARN, WHAT, f"not known: {refused}", "mend what is said above, and try again")


def _advice(status: int) -> str:
    match status:
        case 401:
            return "PREADMIT_APP_ID and the private key do not belong together, or the key is gone: make a new one"
        case 404:
            return "GITHUB_API_URL names a GitHub that does not have this App"
    return "try again later; https://www.githubstatus.com tells of GitHub's own faults"
