"""The values file that a repository's configuration names: what only a cluster knows, written down for its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.config import PATH, Config
from bot.model import Tree
from engine import documents
from engine.model import Problem, Value

_OWN = ("request.operation", "request.object", "request.oldObject", "request.namespace")


@dataclass(frozen=True, slots=True)
class Supplied:
    """The labels of namespaces, and the values by (policy, resource) and by (policy, rule), as a cluster takes them."""

    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    of_policy: Callable[[str, str], Mapping[str, Value]] | None = None
    of_rule: Callable[[str, str], Mapping[str, Value]] | None = None


def read(tree: Tree, config: Config) -> tuple[Supplied, tuple[Problem, ...]]:
    """What the values file of a tree supplies; nothing where none is named. Problems forbid a green check."""
    if not config.values:
        return Supplied(), ()
    entry = tree.entries().get(config.values)
    if entry is None or not entry.is_file:
        text = f"the values file {config.values} is no file of {tree.ref}"
        return Supplied(), (Problem("values", text, PATH, advice=f"Add it there, or take `values` out of {PATH}."),)
    loaded = documents.load(tree.read([entry])[entry.sha], entry.path, limits=config.limits.of_files)
    if loaded.problems or not loaded.documents:
        return Supplied(), loaded.problems
    return _supplied(loaded.documents[0])


def _supplied(document: documents.Document) -> tuple[Supplied, tuple[Problem, ...]]:
    from bot.dropin import strict, values  # only repositories that name a values file need them

    try:
        found = values.of_spec(strict.decoded(document, values.FILE))
    except strict.FileError as error:
        advice = "It is read as `kyverno apply --values-file` reads it."
        return Supplied(), (Problem("values", str(error), document.file, document.line, 1, advice),)
    by_policy = found.everywhere or found.resources
    return Supplied(
        namespaces=found.namespaces,
        of_policy=(lambda policy, resource: _of_others(found.of(policy, resource))) if by_policy else None,
        of_rule=(lambda policy, rule: _of_others(found.of_rule(policy, rule))) if found.rules else None,
    ), ()


def _of_others(given: Mapping[str, Value]) -> dict[str, Value]:
    """The values without those that the change itself answers: its operation, its objects and their namespace."""
    return {name: value for name, value in given.items() if name != "request" and not name.startswith(_OWN)}
