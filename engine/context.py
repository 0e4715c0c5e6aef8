"""The context in which expressions are answered (upstream: pkg/engine/context).

A context is a root document and the entries that a rule declares. Entries are loaded on first use: when a query
mentions their name (context/deferred.go), so that an unused broken entry does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Protocol

from engine import jmespath
from engine.cluster import Cluster
from engine.errors import QueryError
from engine.jmespath import Evaluation
from engine.model import Operation, Path, Value
from engine.request import Request, document, inject


class Absent:
    """The type of :data:`ABSENT`."""


ABSENT: Final = Absent()
"""What an entry gives that turned out to have nothing to add to the context."""


class Entry(Protocol):
    """A value that is computed when a query first mentions its name."""

    @property
    def name(self) -> str: ...

    @property
    def merges(self) -> bool:
        """Whether the value is merged into one of that name which a user supplied, instead of replacing it."""
        ...

    def load(self, context: Context) -> Value | Absent:
        """The value; raises EngineError with the reference's text."""
        ...


class Context:
    """Answers queries. Contexts of rules and of foreach elements are children that see their parent's values.

    ``memo`` is what rules keep of a request for each other; ``evaluation`` is what the expressions of a rule share.
    """

    __slots__ = (
        "_contents",
        "_entries",
        "_limit",
        "_parent",
        "_waiting",
        "cluster",
        "deletes",
        "evaluation",
        "memo",
        "request",
        "root",
    )

    evaluation: Evaluation

    def __init__(self, request: Request, cluster: Cluster, root: dict[str, Value], parent: Context | None) -> None:
        self.request = request
        self.cluster = cluster
        self.root = root
        self.deletes = request.operation is Operation.DELETE
        self._parent = parent
        self._entries: Sequence[Entry] = ()
        self._waiting: list[bool] = []
        self._limit = 0
        self.evaluation = Evaluation(cluster.runtime) if parent is None else parent.evaluation
        self._contents: dict[Path, bytes | None] = {} if parent is None else parent._contents
        self.memo: dict[str, object] = {} if parent is None else parent.memo

    def content(self, part: Path) -> bytes | None:
        """What the new resource says at ``part``, as in ``Resource.content``, and the operation.

        None where that alone does not decide what expressions answer, or there is no such part.
        """
        if part not in self._contents:
            self._contents[part] = self._told(part)
        return self._contents[part]

    def _told(self, part: Path) -> bytes | None:
        request = self.request
        if self.deletes or request.new is None or request.variables or self.cluster.supplies_values:
            return None
        found = request.new.content(part)
        return None if found is None else request.operation.encode() + found

    def child(self, values: dict[str, Value] | None = None) -> Context:
        """A context below this one with further values."""
        root = dict(self.root)
        if values:
            root.update(values)
        return Context(self.request, self.cluster, root, self)

    def count(self, elements: int) -> int:
        """How many elements the loops of a rule, one within another, have listed together with these."""
        self.evaluation.listed += elements
        return self.evaluation.listed

    def supply(self, name: str, value: Value) -> None:
        """Put a value that a user supplies at a dotted name."""
        self.root = inject(self.root, name, value)

    def detach(self, entries: Sequence[Entry]) -> None:
        """Keep what stands in the root, and load these entries in the place of the parent's."""
        self._parent = None
        self.add(entries)

    def put(self, name: str, value: Value) -> None:
        """Put a value at a plain name, in the place of what was there."""
        self.root = {**self.root, name: value}

    def supply_object(self, value: Value) -> None:
        """Put a patched resource in the place of ``request.object``."""
        self.root = {**self.root, "request": {**self.root["request"], "object": value}}

    def add(self, entries: Sequence[Entry]) -> None:
        """Declare further entries; none is loaded yet."""
        if entries:
            self._entries = [*self._entries, *entries]
            self._waiting += [True] * len(entries)
            self._limit = len(self._entries)

    def query(self, text: str) -> Value:
        """The answer to a JMESPath expression; raises EngineError with the reference's text."""
        self._load(text)
        expression = text.strip()
        if not expression:
            raise QueryError("invalid query (nil)")
        try:
            compiled = jmespath.compile(expression)
        except QueryError as error:
            raise QueryError(f"incorrect query {expression}: {error}") from error
        try:
            return compiled.within(self.root, self.evaluation)
        except QueryError as error:
            raise QueryError(f"JMESPath query failed: {error}") from error

    def _load(self, text: str) -> list[str]:
        """Load the entries that the text mentions; the names that came in."""
        loaded = []
        if self._parent is not None:
            for name in self._parent._load(text):
                self.root[name] = self._parent.root[name]
                loaded.append(name)
        for index in range(self._limit):
            if self._waiting[index] and mentions(self._entries[index].name, text):
                self._waiting[index] = False
                loaded += self._load_entry(index)
        return loaded

    def _load_entry(self, index: int) -> list[str]:
        entry = self._entries[index]
        outer, self._limit = self._limit, index  # an entry sees only those declared before it
        try:
            value = entry.load(self)
        finally:
            self._limit = outer
        if isinstance(value, Absent):
            return []
        if entry.merges:
            self.root = inject(self.root, f'"{entry.name}"', value)
        else:
            self.root[entry.name] = value
        return [entry.name]


def of_request(
    request: Request, cluster: Cluster, entries: Sequence[Entry] = (), evaluation: Evaluation | None = None
) -> Context:
    """The context that all rules share for one request; an ``evaluation`` is one that has begun elsewhere."""
    context = Context(request, cluster, document(request), None)
    context.evaluation = evaluation or context.evaluation
    context.add(entries)
    return context


@lru_cache(maxsize=16384)
def mentions(name: str, text: str) -> bool:
    """Whether a query mentions an entry: as a word of its own that does not follow a dot."""
    if name not in text:
        return False
    return re.search(rf"(?:\A|\Z|\s|[^.0-9A-Za-z]){re.escape(name)}\b", text, re.ASCII) is not None
