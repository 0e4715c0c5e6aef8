"""The thorough way: libyaml's events to values, for every document that the quick way leaves alone.

``decode.go`` of go-yaml v2 decides: merge keys act where they stand, the last of duplicate keys holds, tags of
collections mean nothing, and an alias is a copy. Works without recursion, so that depth costs nothing but its limit.
"""

from __future__ import annotations

from typing import NamedTuple

from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from engine.model import Value
from engine.yaml.events import Event, events
from engine.yaml.faults import ALIAS_BOMB, DUPLICATE_KEY, SYNTAX, TOO_DEEP, Fault, placer, syntax_advice
from engine.yaml.scalars import MERGE_TAG, NumberType, ScalarError, key_text, number, plain, tagged


class Bounds(NamedTuple):
    """How deep collections may nest, and how many nodes aliases may add."""

    depth: int
    aliased: int


class Built(NamedTuple):
    """A document's value, whether it has one at all, and faults that leave it standing: repeated keys, text behind it.

    ``repeats`` says that a key is given twice, one time perhaps by a merge: what go-yaml's strict mode refuses.
    """

    present: bool
    value: Value
    faults: tuple[Fault, ...]
    repeats: bool


class _Anchored(NamedTuple):
    """What an anchor names: its value, count of nodes and levels of nesting."""

    value: Value
    nodes: int
    height: int


_MERGE = object()
_NO_KEY = object()
_OPEN = _Anchored(None, 0, 0)
_NOTHING: set[str] = set()
_SMALL, _LARGE = 400_000, 4_000_000


class _Frame:
    """A collection under construction."""

    __slots__ = ("anchor", "height", "key", "merged", "nodes", "value")

    def __init__(self, value: Value, anchor: str | None, nodes: int) -> None:
        self.value = value
        self.anchor = anchor
        self.nodes = nodes
        self.key: object = _NO_KEY
        self.height = 1
        self.merged: set[str] = _NOTHING  # keys that only a merge has given


class _Plain(dict[str, Value]):
    """Plain scalar -> value, for one document."""

    def __init__(self, numbers: NumberType) -> None:
        super().__init__()
        self._numbers = numbers

    def __missing__(self, text: str) -> Value:
        value = plain(text)
        if type(value) in (int, float):
            value = number(value, self._numbers)
        self[text] = value
        return value


class Constructor:
    """Builds one document; ``build`` is called once."""

    def __init__(self, text: str, numbers: NumberType, bounds: Bounds) -> None:
        self._text = text
        self._numbers: NumberType = numbers
        self._bounds = bounds
        self._plain = _Plain(numbers)
        self._keys: dict[str, str] = {}  # untagged plain keys and what they are in JSON
        self._anchors: dict[str, _Anchored] = {}
        self._stack: list[_Frame] = [_Frame([], None, 0)]
        self._nodes = 0
        self._aliased = 0
        self._complete = False
        self._repeats = False
        self._faults: list[Fault] = []

    def build(self) -> Built:
        """The value of the text's one document; raises Fault.

        What follows the document without a marker is a fault that leaves the document standing: go-yaml stops there.
        """
        try:
            self._consume()
        except Fault as fault:
            if not self._complete:
                raise
            self._faults.append(fault)
        root = self._stack[0].value
        return Built(bool(root), root[0] if root else None, tuple(self._faults), self._repeats)

    def _consume(self) -> None:
        for event in events(self._text):
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._start(event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._end(event)
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentEndEvent:
                self._complete = True

    def _scalar(self, event: Event) -> None:
        self._nodes += 1
        frame = self._stack[-1]
        if frame.key is _NO_KEY and type(frame.value) is dict:
            frame.key = self._scalar_key(event)
            return
        value = self._plain_or_tagged(event, event.value)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, 1, 0)
        self._add(frame, value, event)

    def _scalar_key(self, event: Event) -> object:
        text: str = event.value
        ordinary = event.tag is None and event.anchor is None and event.implicit[0]
        if ordinary and text in self._keys:
            key = self._keys[text]
            if key in self._stack[-1].value:
                self._repeated(self._stack[-1], key, event)
            return key
        if text == "<<" and (event.implicit[0] or event.tag == MERGE_TAG):
            return _MERGE
        key = self._key(self._resolve(event, text, as_key=True), event)
        if ordinary:
            self._keys[text] = key
        return key

    def _plain_or_tagged(self, event: Event, text: str) -> Value:
        if event.tag is None:
            if not event.implicit[0]:
                return text
            try:
                return self._plain[text]
            except ScalarError as error:
                raise self._fault(SYNTAX, str(error), event, "Put the text in quotes.") from error
        return self._resolve(event, text, as_key=False)

    def _resolve(self, event: Event, text: str, *, as_key: bool) -> Value:
        try:
            value = tagged(text, event.tag or "", event.implicit[0])
            if type(value) in (int, float) and not as_key:
                value = number(value, self._numbers)
        except ScalarError as error:
            raise self._fault(SYNTAX, str(error), event, "Correct the tag or the text.") from error
        if as_key and event.anchor is not None:
            anchored = number(value, self._numbers) if type(value) in (int, float) else value
            self._anchors[event.anchor] = _Anchored(anchored, 1, 0)
        return value

    def _key(self, value: Value, event: Event) -> str:
        if type(value) in (dict, list):
            raise self._fault(SYNTAX, "a mapping or list is not a key", event, "Use a text as the key.")
        try:
            key = key_text(value)
        except ScalarError as error:
            raise self._fault(SYNTAX, str(error), event, "Put the key in quotes.") from error
        if key in self._stack[-1].value:
            self._repeated(self._stack[-1], key, event)
        return key

    def _repeated(self, frame: _Frame, key: str, event: Event) -> None:
        self._repeats = True
        if key in frame.merged:
            frame.merged.discard(key)
            return
        advice = "Keep one of them: the last one is judged, and the API server may refuse the resource."
        self._faults.append(self._fault(DUPLICATE_KEY, f'duplicate key "{key}"', event, advice))

    def _start(self, event: Event) -> None:
        frame = self._stack[-1]
        if frame.key is _NO_KEY and type(frame.value) is dict:
            raise self._fault(SYNTAX, "a mapping or list is not a key", event, "Quote a text that begins with a brace.")
        self._nodes += 1
        if len(self._stack) > self._bounds.depth:
            raise self._too_deep(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _OPEN
        self._stack.append(_Frame({} if type(event) is MappingStartEvent else [], event.anchor, self._nodes - 1))

    def _end(self, event: Event) -> None:
        frame = self._stack.pop()
        if frame.anchor is not None:
            self._anchors[frame.anchor] = _Anchored(frame.value, self._nodes - frame.nodes, frame.height)
        outer = self._stack[-1]
        if frame.height >= outer.height:
            outer.height = frame.height + 1
        self._add(outer, frame.value, event)

    def _alias(self, event: Event) -> None:
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            raise self._fault(SYNTAX, f"unknown anchor '{event.anchor}'", event, syntax_advice("anchor"))
        if anchored is _OPEN:
            raise self._fault(SYNTAX, f"anchor '{event.anchor}' contains itself", event, "Remove the alias.")
        self._count(anchored, event)
        frame = self._stack[-1]
        if frame.key is _NO_KEY and type(frame.value) is dict:
            frame.key = self._key(anchored.value, event)
            return
        if frame.key is _MERGE and type(anchored.value) is not dict:
            raise self._wants_map(event)
        frame.height = max(frame.height, anchored.height + 1)
        self._add(frame, _copied(anchored.value), event)

    def _count(self, anchored: _Anchored, event: Event) -> None:
        """Refuses what go-yaml refuses as excessive aliasing, and what would nest or grow beyond our own bounds."""
        self._nodes += 1 + anchored.nodes
        self._aliased += anchored.nodes
        if len(self._stack) + anchored.height - 1 > self._bounds.depth:
            raise self._too_deep(event)
        share = 0.99 - 0.89 * min(max(self._nodes - _SMALL, 0) / (_LARGE - _SMALL), 1)
        excessive = self._aliased > 100 and self._nodes > 1000 and self._aliased > share * self._nodes
        if excessive or self._aliased > self._bounds.aliased:
            message = f"aliases expand to {self._aliased:,} nodes or more"
            raise self._fault(ALIAS_BOMB, message, event, "Write the values out, or use fewer aliases.")

    def _too_deep(self, event: Event) -> Fault:
        message = f"collections nest deeper than {self._bounds.depth} levels"
        return self._fault(TOO_DEEP, message, event, "Manifests nest less deeply: is this file one?")

    def _fault(self, code: str, message: str, event: Event, advice: str) -> Fault:
        return Fault(code, message, placer(self._text)(event.start_mark), advice)

    def _wants_map(self, event: Event) -> Fault:
        return self._fault(SYNTAX, "<< takes a mapping or a list of them", event, "Quote the key.")

    def _merge(self, frame: _Frame, source: dict[str, Value]) -> None:
        new = source.keys() - frame.value.keys()
        self._repeats = self._repeats or len(new) < len(source)
        frame.merged = frame.merged | new
        frame.value.update(source)

    def _add(self, frame: _Frame, value: Value, event: Event) -> None:
        if type(frame.value) is list:
            frame.value.append(value)
        elif frame.key is _MERGE:
            for source in reversed(value) if type(value) is list else (value,):
                if type(source) is not dict:
                    raise self._wants_map(event)
                self._merge(frame, source)
            frame.key = _NO_KEY
        else:
            frame.value[frame.key] = value
            frame.key = _NO_KEY


def _copied(value: Value) -> Value:
    if type(value) is dict:
        return {key: _copied(item) for key, item in value.items()}
    if type(value) is list:
        return [_copied(item) for item in value]
    return value
