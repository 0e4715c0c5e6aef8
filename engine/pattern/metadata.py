"""Wildcards in keys of metadata.labels and metadata.annotations (upstream: pkg/engine/wildcards/wildcards.go).

A wildcard stands for the first matching key of the resource in alphabetical order; upstream takes any, by Go's random
order. Upstream writes the keys into the pattern itself, so that a later item of a list meets what an earlier one left.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from engine.model import Value
from engine.pattern.anchors import Kind, parse
from engine.pattern.checks import Resource, Run
from engine.values import wildcard

Pairs: TypeAlias = tuple[tuple[str, str], ...]
Expanded: TypeAlias = tuple[Pairs | None, ...]
"""Per tag the keys and values after expansion, None where a tag is left as written."""

_TAGS = ("labels", "annotations")


class Expansion(Struct, frozen=True, eq=False):
    """A map pattern whose metadata depends on the keys of the resource."""

    pattern: Resource
    metadata_key: str
    tags: tuple[tuple[str, str], ...]
    """Per tag to expand: its name in the resource and its key, perhaps with an anchor, in the pattern."""

    @staticmethod
    def of(pattern: Resource) -> Expansion | None:
        """None where expansion changes nothing whatever the resource."""
        metadata_key = _key_of("metadata", pattern)
        metadata = pattern[metadata_key] if metadata_key is not None else None
        if metadata_key is None or not isinstance(metadata, dict):
            return None
        tags = [(tag, _key_of(tag, metadata)) for tag in _TAGS]
        varying = tuple((tag, key) for tag, key in tags if key is not None and _varies(metadata[key]))
        return Expansion(pattern, metadata_key, varying) if varying else None

    def expand(self, resource: Value, run: Run) -> Expanded | None:
        """The tags as this resource expands them; None where it has no metadata and nothing was expanded before."""
        before: Expanded | None = run.expanded.get(self)
        metadata = resource.get("metadata") if isinstance(resource, dict) else None
        if not isinstance(metadata, dict):
            return before
        found = tuple(
            self._tag(key, metadata.get(tag), before[index] if before else None)
            for index, (tag, key) in enumerate(self.tags)
        )
        if found.count(None) == len(found):
            return before
        run.expanded[self] = found
        return found

    def _tag(self, key: str, present: Value, before: Pairs | None) -> Pairs | None:
        if not isinstance(present, dict):
            return before
        written = dict(before) if before is not None else self.pattern[self.metadata_key][key]
        return _expanded(written, [name for name, value in present.items() if isinstance(value, str)])

    def replaced(self, expanded: Expanded) -> Resource:
        """The map pattern with the expanded tags in place."""
        metadata = dict(self.pattern[self.metadata_key])
        for (_, key), pairs in zip(self.tags, expanded, strict=True):
            if pairs is not None:
                metadata[key] = dict(pairs)
        return {**self.pattern, self.metadata_key: metadata}


def _key_of(name: str, pattern: Resource) -> str | None:
    return next((key for key in sorted(pattern) if parse(key).key == name), None)


def _varies(tag: Value) -> bool:
    if not isinstance(tag, dict):
        return False
    return any(wildcard.contains(key) or not isinstance(value, str) for key, value in tag.items())


def _expanded(written: Resource, names: list[str]) -> Pairs:
    """Keys without their wildcards; values that are no strings are dropped, as upstream drops them."""
    result: dict[str, str] = {}
    for key in sorted(written):
        if isinstance(written[key], str):
            result[_expanded_key(key, names) if wildcard.contains(key) else key] = written[key]
    return tuple(result.items())


def _expanded_key(raw: str, names: list[str]) -> str:
    anchor = parse(raw)
    matches = wildcard.compile(anchor.key)
    found = min(filter(matches, names), default=anchor.key)
    return found if anchor.kind is Kind.PLAIN else str(anchor._replace(key=found))
