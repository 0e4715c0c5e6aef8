"""Context entries that ask an API server: the reference answers them from the resources given, this engine does not.

Values that the user supplies stand in for them; a rule that goes on with these may still differ from the cluster, so
that it is named rather than passed in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.model import Problem, Value
from engine.policies import NOT_EVALUATED, Policy

_ENTRIES = ("apiCall", "globalReference")


def problems(policy: Policy) -> Iterator[Problem]:
    """One problem for each rule whose context asks."""
    for rule in policy.rules:
        asked = [str(entry.get("name", "")) for entry in _contexts(rule.raw) if any(map(entry.get, _ENTRIES))]
        if asked:
            names = ", ".join(dict.fromkeys(asked))
            text = f'not evaluated: context {names} of rule "{rule.name}" of {policy.kind} "{policy.key}"'
            place = policy.document.position((*policy.base, "spec", "rules", rule.index, "context"))
            reason = "calls of the API server are answered by supplied values only"
            yield Problem(NOT_EVALUATED, f"{text}: {reason}", policy.document.file, place.line, place.column)


def _contexts(raw: dict[str, Value]) -> Iterator[dict[str, Value]]:
    yield from raw.get("context") or ()
    for action in ("validate", "mutate"):
        yield from _of_loops((raw.get(action) or {}).get("foreach") or ())


def _of_loops(loops: Iterable[dict[str, Value]]) -> Iterator[dict[str, Value]]:
    for loop in loops:
        yield from loop.get("context") or ()
        inner = loop.get("foreach")
        yield from _of_loops(inner if isinstance(inner, list) else ())
