"""The custom kinds without a namespace, as the CustomResourceDefinitions of a repository declare them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.build.contents import KNOWN, KYVERNOS
from bot.build.plain import may_hold
from bot.model import Tree
from engine import documents
from engine.documents import Document
from engine.kinds import group_of
from engine.model import Value

_DECLARES: Final = re.compile(rb"""kind["']?\s*:\s*["']?CustomResourceDefinition\b""")

Scopes = frozenset[tuple[str, str]]
"""Groups and kinds."""


@dataclass(frozen=True)
class CustomKinds:
    """What the trees declare, of two trees the first: a cluster lets nobody change the scope of a kind.

    ``changed`` are the files of ``merged`` that ``tree`` does not hold so. Nothing is read before it is needed.
    """

    tree: Tree
    merged: Tree | None = None
    changed: Collection[str] = ()
    limits: documents.Limits = documents.DEFAULT_LIMITS

    def without_namespace(self, found: Iterable[Document]) -> Scopes:
        """The kinds without a namespace, where some of the documents are of a custom kind and name none."""
        return self._declared if any(_asks(one.value) for one in found) else frozenset()

    @cached_property
    def _declared(self) -> Scopes:
        from bot.dropin.resource_inputs import scopes  # only repositories with custom resources need it

        known: dict[tuple[Value, Value], Value] = {}
        added = () if self.merged is None else self._definitions(self.merged, self.changed)
        for definition in (*self._definitions(self.tree, self.tree.entries()), *added):
            match definition:
                case {"spec": {"group": str(group), "names": {"kind": str(kind)}}} if (group, kind) not in KNOWN:
                    known.setdefault((group, kind), definition)
        return scopes(known.values())

    def _definitions(self, tree: Tree, paths: Iterable[str]) -> Iterator[Value]:
        entries = [entry for path in paths if (entry := tree.entries().get(path)) and may_hold(entry)]
        files = [entry for entry in entries if entry.size <= self.limits.file_bytes]
        contents = tree.read(files)
        for entry in files:
            if _DECLARES.search(contents[entry.sha]):
                for document in documents.load(contents[entry.sha], entry.path, limits=self.limits).documents:
                    yield document.value


def _asks(value: Value) -> bool:
    match value:
        case {"items": list()}:
            return True  # a list, of whatever it may be
        case {"apiVersion": str(api_version), "kind": str(kind), **rest}:
            metadata = rest.get("metadata")
            named = isinstance(metadata, dict) and metadata.get("namespace")
            group = group_of(api_version)
            foreign = bool(group) and group not in KYVERNOS and (group, kind) not in KNOWN
            return foreign and not named  # of what judges, the kind alone tells where it is asked
    return False
