"""The open pull requests of many repositories and whether they have our check run: twenty repositories a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from bot.github.client import Client

REPOSITORIES: Final = 20
PULLS: Final = 50
MAX_PAGES: Final = 40
"""Pages of one repository; older pull requests beyond are not looked at."""

_PULLS: Final = """
pullRequests(states: [OPEN], baseRefName: $base, first: 50, after: %s) {
  pageInfo { hasNextPage endCursor }
  nodes {
    number baseRefName headRefOid updatedAt
    commits(last: 1) { nodes { commit { checkSuites(first: 5, filterBy: {appId: $app}) { nodes {
      checkRuns(first: 20) { nodes { name status conclusion } }
    } } } } }
  }
}
"""


@dataclass(frozen=True, slots=True)
class OpenPull:
    """An open pull request; ``answered`` are the names of our check runs on its head that are complete."""

    repository: str
    number: int
    base_ref: str
    head_sha: str
    updated: datetime
    answered: frozenset[str]


def open_pulls(client: Client, repositories: Iterable[str], app_id: int, base: str | None = None) -> Iterator[OpenPull]:
    """Those of all the repositories, or only those into the branch ``base``. Raises GitHubError."""
    left = iter(repositories)
    while names := tuple(islice(left, REPOSITORIES)):
        waiting: dict[str, str | None] = dict.fromkeys(names)
        for _ in range(MAX_PAGES):
            found = _ask(client, waiting, app_id, base)
            waiting = {}
            for name, page in found.items():
                yield from (_pull(name, node) for node in page["nodes"])
                if page["pageInfo"]["hasNextPage"]:
                    waiting[name] = page["pageInfo"]["endCursor"]
            if not waiting:
                break


def _ask(
    client: Client, waiting: Mapping[str, str | None], app_id: int, base: str | None
) -> dict[str, Mapping[str, Any]]:
    """One page of each repository, from where it stands; a repository that is gone has none."""
    known: dict[str, tuple[str, Any]] = {"app": ("Int!", app_id), "base": ("String", base)}
    fields: list[str] = []
    names: Sequence[str] = list(waiting)
    for n, name in enumerate(names):
        owner, _, short = name.partition("/")
        known |= {f"o{n}": ("String!", owner), f"n{n}": ("String!", short), f"a{n}": ("String", waiting[name])}
        fields.append(f"r{n}: repository(owner: $o{n}, name: $n{n}) {{ {_PULLS % f'$a{n}'} }}")
    head = ", ".join(f"${word}: {kind}" for word, (kind, _) in known.items())
    answer = client.query(
        f"query({head}) {{ {' '.join(fields)} }}", {word: value for word, (_, value) in known.items()}
    )
    found = {name: answer.get(f"r{n}") for n, name in enumerate(names)}
    return {name: one["pullRequests"] for name, one in found.items() if one}


def _pull(repository: str, node: Mapping[str, Any]) -> OpenPull:
    runs = [run for commit in node["commits"]["nodes"] for run in _runs(commit["commit"])]
    return OpenPull(
        repository,
        int(node["number"]),
        node["baseRefName"],
        node["headRefOid"],
        datetime.fromisoformat(node["updatedAt"]),
        frozenset(run["name"] for run in runs if run["status"] == "COMPLETED" and run["conclusion"] != "CANCELLED"),
    )


def _runs(commit: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for suite in (commit["checkSuites"] or {}).get("nodes") or ():
        yield from (suite["checkRuns"] or {}).get("nodes") or ()
