"""Which resources a change adds, changes or deletes: old and new versions of one resource find each other here.

In real repositories one group/kind/namespace/name stands in many files (overlays, clusters, archives), so a resource
is its identity *in its file*. What is then left over is matched by identity across files: a moved file is no deletion.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.model import Path, Problem, Value
from engine.resources import DUPLICATE_IDENTITY, NO_NAME, Resource

_MOST_COMPARED: Final = 2_500


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
    """The changes between two sets of resources, in the order of the files; what did not change is left out.

    Where a file has an identity several times, or resources without a name, those with equal content are the same, and
    then those that have most in common.
    """
    gone, added = list(old), list(new)
    found, gone, added = _of_several(gone, added)
    for key in (_in_file, _content, _identity):
        pairs, gone, added = _matched(gone, added, key)
        found += pairs
    found += [Change(None, resource) for resource in added]
    found += [Change(resource, None) for resource in gone]
    return tuple(sorted(filter(_differs, found), key=_place))


def standing(
    old: Iterable[Problem], new: Iterable[Problem], changes: Iterable[Change]
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Problems of ``new`` that come with the change, and those that were there before: a missing or doubled name.

    Where there are more of a sort than before, those of added resources are the new ones.
    """
    before = Counter(sort for problem in old if (sort := _sort(problem)))
    added = {place for change in changes if change.old is None for place in _places(change.resource)}
    rest: list[Problem] = []
    known: list[Problem] = []
    for problem in sorted(new, key=lambda one: (one.file, one.line) in added):
        sort = _sort(problem)
        if sort and before[sort]:
            before[sort] -= 1
            known.append(problem)
        else:
            rest.append(problem)
    return tuple(sorted(rest, key=_line)), tuple(sorted(known, key=_line))


def _sort(problem: Problem) -> tuple[str, str] | None:
    """What two problems of names have in common, wherever they stand; None for other problems."""
    if problem.code not in (NO_NAME, DUPLICATE_IDENTITY):
        return None
    return problem.code, problem.message.partition(", first in line ")[0]


def _places(resource: Resource) -> Iterator[tuple[str, int]]:
    """Where problems of a resource's name are reported."""
    for path in (resource.base, (*resource.base, "metadata")):
        yield resource.document.file, resource.document.key_position(path).line


def _line(problem: Problem) -> tuple[str, int]:
    return problem.file, problem.line


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


def _of_several(
    old: Sequence[Resource], new: Sequence[Resource]
) -> tuple[list[Change], list[Resource], list[Resource]]:
    """Pairs of those that share their file and identity with others, and what is left on either side."""
    counts = Counter(map(_in_file, old)), Counter(map(_in_file, new))
    several = {key for count in counts for key, times in count.items() if times > 1}
    if not several:
        return [], list(old), list(new)
    gone = [resource for resource in old if _in_file(resource) in several]
    added = [resource for resource in new if _in_file(resource) in several]
    found, gone, added = _matched(gone, added, lambda one: (_in_file(one), repr(one.value)))
    groups: dict[Hashable, tuple[list[Resource], list[Resource]]] = defaultdict(lambda: ([], []))
    for side, resources in enumerate((gone, added)):
        for resource in resources:
            groups[_in_file(resource)][side].append(resource)
    found += [change for group in groups.values() for change in _alike(*group)]
    paired = {id(side) for change in found for side in (change.old, change.new)}
    return found, [one for one in old if id(one) not in paired], [one for one in new if id(one) not in paired]


def _alike(old: Sequence[Resource], new: Sequence[Resource]) -> list[Change]:
    """Pairs of those that have most in common, the first ones where it is the same; many are paired in their order."""
    if len(old) * len(new) > _MOST_COMPARED:
        return [Change(*both) for both in zip(old, new, strict=False)]
    leaves = {id(one): frozenset(_leaves(one.value)) for one in (*old, *new)}
    ranked = sorted(
        ((-len(leaves[id(one)] & leaves[id(other)]), n, m) for n, one in enumerate(old) for m, other in enumerate(new)),
    )
    found: dict[int, int] = {}
    for _, n, m in ranked:
        if n not in found and m not in found.values():
            found[n] = m
    return [Change(old[n], new[m]) for n, m in found.items()]


def _leaves(value: Value, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The plain values in a value, each with its path."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _leaves(inner, (*path, key))
        case list():
            for index, inner in enumerate(value):
                yield from _leaves(inner, (*path, index))
        case _:
            yield path, repr(value)


def _differs(change: Change) -> bool:
    """Whether there is something to judge; a resource rewritten from JSON to YAML is, for every line of it is new."""
    if change.old is None or change.new is None or change.old.value != change.new.value:
        return True
    return _is_json(change.old) != _is_json(change.new)


def _is_json(resource: Resource) -> bool:
    return resource.document.file.endswith(".json")


def _place(change: Change) -> tuple[str, int]:
    return change.resource.document.file, change.resource.document.index
