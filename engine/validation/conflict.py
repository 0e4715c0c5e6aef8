"""Rules whose exclude takes away all that their match selects (upstream: ValidateMatchExcludeConflict)."""

from __future__ import annotations

from collections.abc import Callable

from engine.model import Value
from engine.policies import Rule
from engine.values import golang, wildcard

Block = dict[str, Value]

_MOST_PAIRS = 250_000


def matches_nothing(rule: Rule) -> bool:
    """Whether a filter of exclude is one of match, or the older blocks cancel each other out."""
    match, exclude = rule.raw.get("match") or {}, rule.raw.get("exclude")
    if not exclude or exclude == {"resources": {}} or exclude.get("all") or match.get("all"):
        return False
    if match.get("any") and exclude.get("any"):
        excluded = {golang.marshal(item) for item in exclude["any"]}
        return any(golang.marshal(wanted) in excluded for wanted in match["any"])
    if _named(match, exclude) is not None:
        return bool(_covers_users(match, exclude) and _named(match, exclude))
    return all(covers(match, exclude) for covers in _COVERS)


def _resources(block: Block) -> Block:
    resources: Block = block.get("resources") or {}
    return resources


def _has_all(wanted: list[Value] | None, excluded: list[Value] | None) -> bool:
    """Nothing excluded, or everything that is wanted among it."""
    if not excluded:
        return True
    marks = {golang.marshal(item) for item in excluded}
    return bool(wanted) and all(golang.marshal(item) in marks for item in wanted or ())


def _covers_users(match: Block, exclude: Block) -> bool:
    users = all(_has_all(match.get(name), exclude.get(name)) for name in ("roles", "clusterRoles", "subjects"))
    name = _resources(exclude).get("name")
    return users and (not name or wildcard.match(name, _resources(match).get("name", "")))


def _named(match: Block, exclude: Block) -> bool | None:
    """Whether a name is both wanted and excluded; None where exclude lists no names."""
    excluded = _resources(exclude).get("names")
    if not excluded:
        return None
    wanted = _resources(match).get("names") or ()
    if len(wanted) * len(excluded) > _MOST_PAIRS:
        return False
    return any(wildcard.match(glob, name) for name in wanted for glob in excluded)


def _covers_places(match: Block, exclude: Block) -> bool:
    wanted, excluded = _resources(match), _resources(exclude)
    return all(_has_all(wanted.get(name), excluded.get(name)) for name in ("namespaces", "kinds"))


def _covers_selectors(match: Block, exclude: Block) -> bool:
    for name in ("selector", "namespaceSelector"):
        wanted, excluded = _resources(match).get(name), _resources(exclude).get(name)
        if (wanted is None) != (excluded is None):
            return False
        if wanted is not None and excluded is not None and not _covers_selector(wanted, excluded):
            return False
    return True


def _covers_selector(wanted: Block, excluded: Block) -> bool:
    if not _has_all(wanted.get("matchExpressions"), excluded.get("matchExpressions")):
        return False
    labels = excluded.get("matchLabels")
    if not labels:
        return True
    asked = wanted.get("matchLabels") or {}
    return bool(asked) and all(labels.get(key, "") == value for key, value in asked.items())


def _covers_annotations(match: Block, exclude: Block) -> bool:
    return bool(_resources(match).get("annotations") == _resources(exclude).get("annotations"))


_COVERS: tuple[Callable[[Block, Block], bool], ...] = (
    _covers_users,
    _covers_places,
    _covers_selectors,
    _covers_annotations,
)
