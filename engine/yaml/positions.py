"""Where the values of a document stand in its text: read once, when someone asks for the first time."""

from __future__ import annotations

from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from engine.model import Path
from engine.yaml.events import Event, events
from engine.yaml.faults import Fault, placer
from engine.yaml.scalars import MERGE_TAG, ScalarError, key_text, tagged


class Spot:
    """A value's place: lines and columns from 0; ``children`` by key or index, None for a scalar or an alias."""

    __slots__ = ("children", "column", "key_column", "key_line", "last", "line", "merge")

    def __init__(self, line: int, column: int, children: dict[str | int, Spot] | None) -> None:
        self.line = self.key_line = self.last = line
        self.column = self.key_column = column
        self.children = children
        self.merge: Spot | None = None

    def find(self, path: Path) -> Spot:
        """The value at ``path``, else what is nearest: the merge that brought it, or the ancestor that exists."""
        spot = self
        for step in path:
            below = spot.children.get(step) if spot.children else None
            if below is None:
                return spot.merge or spot
            spot = below
        return spot


def read(text: str) -> Spot:
    """The places of the document in ``text``, which has been read before; a broken text has only its beginning."""
    try:
        return _Reader(text).read()
    except Fault:
        return Spot(0, 0, None)  # JSON that YAML does not take


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._place = placer(text)
        self._lines = text.split("\n")
        self._root = Spot(0, 0, {})
        self._stack: list[tuple[Spot, bool]] = [(self._root, False)]  # with True for a mapping
        self._keys: list[tuple[str, int, int] | None] = [None]

    def read(self) -> Spot:
        for event in events(self._text):
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                line, column = self._place(event.start_mark)
                self._stack.append((self._add(Spot(line, column, {})), kind is MappingStartEvent))
                self._keys.append(None)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._end(event)
            elif kind is AliasEvent:
                self._alias(event)
        return (self._root.children or {}).get(0, self._root)

    def _scalar(self, event: Event) -> None:
        line, column = self._place(event.start_mark)
        if self._wants_key():
            self._keys[-1] = (_key(event), line, column)
            return
        spot = self._add(Spot(line, column, None))
        spot.last = self._last_line(event)

    def _alias(self, event: Event) -> None:
        line, column = self._place(event.start_mark)
        if self._wants_key():
            self._keys[-1] = (f"*{event.anchor}", line, column)
        else:
            self._add(Spot(line, column, None))

    def _wants_key(self) -> bool:
        return self._stack[-1][1] and self._keys[-1] is None

    def _add(self, spot: Spot) -> Spot:
        outer, is_mapping = self._stack[-1]
        children = outer.children if outer.children is not None else {}
        key = self._keys[-1]
        if not is_mapping or key is None:
            children[len(children)] = spot
            return spot
        name, spot.key_line, spot.key_column = key
        self._keys[-1] = None
        if name == "<<":
            outer.merge = spot
        children[name] = spot
        return spot

    def _end(self, event: Event) -> None:
        spot, _ = self._stack.pop()
        self._keys.pop()
        # a block collection ends where the next token begins, a flow collection at its bracket
        below = max((child.last for child in (spot.children or {}).values()), default=spot.line)
        line, column = self._place(event.end_mark)
        spot.last = max(below, line) if self._lines[line][column - 1 : column] in ("]", "}") else below

    def _last_line(self, event: Event) -> int:
        line, column = self._place(event.end_mark)
        if event.style not in ("|", ">"):
            return line
        first = self._place(event.start_mark)[0]
        line -= column == 0
        while line > first and not self._lines[line].strip():
            line -= 1
        return line


def _key(event: Event) -> str:
    if event.value == "<<" and (event.implicit[0] or event.tag == MERGE_TAG):
        return "<<"
    try:
        return key_text(tagged(event.value, event.tag or "", event.implicit[0]))
    except ScalarError:
        text: str = event.value
        return text
