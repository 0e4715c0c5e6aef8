"""Which resources a change adds, changes or deletes: old and new versions of one resource find each other here.

In real repositories one group/kind/namespace/name stands in many files (overlays, clusters, archives), so a resource
is its identity *in its file*. What is then left over is matched by identity across files: a moved file is no deletion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from engine.resources import Resource


@dataclass(frozen=True, slots=True)
class Change:
    """One resource before and after: ``old`` is None where it is new, ``new`` is None where it is gone."""

    old: Resource | None
    new: Resource | None

    @property
    def resource(self) -> Resource:
        """The version to show: the new one, or the last."""
        found = self.new or self.old
        if found is None:
            raise ValueError("a change needs a version of its resource")
        return found


def pair(old: Iterable[Resource], new: Iterable[Resource]) -> tuple[Change, ...]:
    """The changes between two sets of resources, in the order of the files; what did not change is left out."""
    gone, added = list(old), list(new)
    found: list[Change] = []
    for key in (_in_file, _content, _identity):
        pairs, gone, added = _matched(gone, added, key)
        found += pairs
    found += [Change(None, resource) for resource in added]
    found += [Change(resource, None) for resource in gone]
    return tuple(sorted(filter(_differs, found), key=_place))


def _in_file(resource: Resource) -> Hashable:
    return (resource.document.file, resource.identity)


def _content(resource: Resource) -> Hashable:
    return (resource.identity, repr(resource.value))


def _identity(resource: Resource) -> Hashable:
    return resource.identity


def _matched(
    old: Sequence[Resource], new: Sequence[Resource], key: Callable[[Resource], Hashable]
) -> tuple[list[Change], list[Resource], list[Resource]]:
    """Pairs that share a key, in order of appearance, and what is left on either side."""
    waiting: dict[Hashable, list[Resource]] = defaultdict(list)
    for resource in reversed(old):
        waiting[key(resource)].append(resource)
    pairs, unmatched = [], []
    for resource in new:
        candidates = waiting.get(key(resource))
        if candidates:
            pairs.append(Change(candidates.pop(), resource))
        else:
            unmatched.append(resource)
    left = {id(resource) for candidates in waiting.values() for resource in candidates}
    return pairs, [resource for resource in old if id(resource) in left], unmatched


def _differs(change: Change) -> bool:
    """Whether there is something to judge; a resource rewritten from JSON to YAML is, for every line of it is new."""
    if change.old is None or change.new is None or change.old.value != change.new.value:
        return True
    return _is_json(change.old) != _is_json(change.new)


def _is_json(resource: Resource) -> bool:
    return resource.document.file.endswith(".json")


def _place(change: Change) -> tuple[str, int]:
    return change.resource.document.file, change.resource.document.index
