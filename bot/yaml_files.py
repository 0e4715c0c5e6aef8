"""The files of a tree that can hold manifests or policies: listed once, and searched once for the kinds they name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from bot.build.plain import may_hold
from bot.limits import DEFAULTS, Limits
from bot.model import Entry, SourceError, Tree
from engine import documents
from engine.documents import Document

_KIND: Final = re.compile(rb"""kind["']?\s*:\s*["']?([\w-]+)""")


class YamlFiles:
    """The YAML and JSON files of a tree by their names, of the paths ``among`` where they are given.

    Nothing is listed or read before it is needed.
    """

    def __init__(self, tree: Tree, limits: Limits = DEFAULTS, among: Iterable[str] | None = None) -> None:
        self.tree, self.limits = tree, limits
        self._among = among
        self._loaded: dict[str, Sequence[Document]] = {}

    @cached_property
    def named(self) -> Sequence[Entry]:
        """All of them, however large."""
        entries = self.tree.entries()
        chosen = entries.values() if self._among is None else (entries[path] for path in self._among if path in entries)
        return list(filter(may_hold, chosen))

    @cached_property
    def by_path(self) -> Mapping[str, Entry]:
        """Those that are not too large to be read."""
        return {entry.path: entry for entry in self.named if entry.size <= self.limits.file_bytes}

    def bound(self) -> None:
        """Refuse a tree that is too large as a whole, before anything of it is read; raises SourceError."""
        limits, ref = self.limits, self.tree.ref
        count = len(self.tree.entries())
        if count > limits.tree_files:
            text = f"{ref} has {count:,} files, more than the limit of {limits.tree_files:,}"
            raise SourceError(text, "the limit is PREADMIT_MAX_TREE_FILES")
        size = sum(entry.size for entry in self.named)
        if size > limits.tree_bytes:
            text = f"the YAML and JSON files of {ref} have {size:,} bytes, more than the limit of {limits.tree_bytes:,}"
            raise SourceError(text, "the limit is PREADMIT_MAX_TREE_BYTES")

    def of_kinds(self, kinds: Collection[str] | None) -> list[Document]:
        """The documents of all files that name a resource, or a list, of these kinds in lower case; None for any."""
        asked = self._naming if kinds is None else {name for kind in kinds for name in (kind, f"{kind}list")}
        meant = {path for kind in asked for path in self._naming.get(kind, ())}
        return [document for path in self.by_path if path in meant for document in self._documents(path)]

    @cached_property
    def _naming(self) -> Mapping[str, Sequence[str]]:
        """The paths by the kinds, in lower case, that stand in their files."""
        written: defaultdict[bytes, list[str]] = defaultdict(list)
        for path, entry in self.by_path.items():
            for kind in set(_KIND.findall(self._contents[entry.sha])):
                written[kind].append(path)
        found: defaultdict[str, list[str]] = defaultdict(list)
        for kind, paths in written.items():
            found[kind.decode().lower()] += paths
        return found

    @cached_property
    def _contents(self) -> Mapping[str, bytes]:
        return self.tree.read(self.by_path.values())

    def _documents(self, path: str) -> Sequence[Document]:
        if path not in self._loaded:
            content = self._contents[self.by_path[path].sha]
            self._loaded[path] = documents.load(content, path, limits=self.limits.of_files).documents
        return self._loaded[path]
