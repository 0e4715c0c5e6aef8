"""The merge of lists whose elements have keys: order and oddities are kyaml's.

upstream: kyaml/yaml/walk/associative_sequence.go and ElementSetter, ElementMatcher in kyaml/yaml/fns.go, called with
MergeOptionsListPrepend. Lists whose elements all have their one key, each once, take the short way (``_plain``); it
gives what the long way gives. The long way follows upstream step by step, because elements without a key, with a key
twice or with some of several keys come out in ways that only its steps explain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.model import Value
from engine.patch.keys import Schema
from engine.patch.scalars import MISSING, expect, same, text

Walk: TypeAlias = Callable[[Value, Value, Schema | None], Value]
Texts: TypeAlias = tuple[str, ...]

_SET: Texts = ("",)


def merge(dest: list[Value], origin: Value, schema: Schema, walk: Walk) -> Value:
    """A keyed list under the patch's list, MISSING for none; the elements of the patch come first.

    Returns ``dest`` itself where nothing changes. ``origin`` may be ``dest``: a list that only the patch has.
    """
    names = schema.keys or _SET
    if len(names) == 1 and names != _SET:
        found = _plain(dest, origin, names[0], schema, walk)
        if found is not None:
            return found
    merged = _Merge(list(dest), origin, schema, walk, itself=origin is dest).run(names)
    return dest if origin is not dest and same(dest, merged) else merged


def settled(items: list[Value], names: Texts) -> bool:
    """Whether a list that only the resource has certainly stays: each element has all keys, or only the first, once."""
    if not names:
        return all(type(item) is str for item in items) and len(set(items)) == len(items)
    seen: set[Value] = set()
    first, *others = names
    whole = bool(items) and type(items[0]) is dict and all(name in items[0] for name in others)
    for item in items:
        if type(item) is not dict:
            return False
        key = item.get(first)
        if not _is_key(key):
            return False
        if others:
            rest = [item.get(name) for name in others]
            if not all(map(_is_key, rest) if whole else (value is None for value in rest)):
                return False
            key = (key, *rest)
        seen.add(key)
    return len(seen) == len(items)


def _is_key(value: Value) -> bool:
    return (type(value) is str and value != "") or type(value) is float or type(value) is int


def _index(items: list[Value], name: str) -> dict[str, Value] | None:
    found: dict[str, Value] = {}
    for item in items:
        key = item.get(name) if type(item) is dict else None
        if type(key) is not str or not key or key in found:
            return None
        found[key] = item
    return found


def _plain(dest: list[Value], origin: Value, name: str, schema: Schema, walk: Walk) -> list[Value] | None:
    """The merge where every element has the key as a string of its own, None if one has not."""
    below = _index(dest, name)
    above = {} if origin is MISSING else _index(origin, name)
    if below is None or above is None:
        return None
    if not above and schema.elements is None:
        return dest
    pairs = [(below.get(key, MISSING), patch) for key, patch in above.items()]
    pairs += [(item, MISSING) for key, item in below.items() if key not in above]
    result = [item for item in (_element(*pair, schema, walk) for pair in pairs) if item is not MISSING]
    if len(result) == len(dest) and all(one is other for one, other in zip(result, dest, strict=True)):
        return dest
    return result


def _element(dest: Value, origin: Value, schema: Schema, walk: Walk) -> Value:
    merged = walk(dest, origin, schema.elements)
    if merged is MISSING or merged == {}:
        return MISSING
    return dest if _undone(dest, origin) else merged


def _undone(dest: Value, origin: Value) -> bool:
    """Whether an element that the patch replaces is put back: prepending appends the old one over the new one."""
    if dest is MISSING or origin is MISSING or dest is origin:
        return False
    return type(origin) is dict and text(origin.get("$patch", MISSING)) == "replace"


class _Merge:
    """One run of setAssociativeSequenceElements; ``dest`` is a list of its own and changes during the run."""

    __slots__ = ("dest", "itself", "origin", "schema", "walk")

    def __init__(self, dest: list[Value], origin: Value, schema: Schema, walk: Walk, *, itself: bool) -> None:
        self.dest = dest
        self.origin = origin
        self.schema = schema
        self.walk = walk
        self.itself = itself

    def run(self, names: Texts) -> list[Value]:
        wanted = self._wanted(names)
        items: list[Value] = []
        used: Texts = names
        for values in wanted:
            used, chosen = _valid(wanted, values, names)
            merged = self._merged(used, chosen)
            if merged is MISSING or merged is None or merged == {}:
                self.dest = _put(self.dest, MISSING, used, chosen)
            else:
                items = _put(items, merged, used, chosen)
        return _appended(items, self.dest, used) if wanted else self.dest

    def _wanted(self, names: Texts) -> list[Texts]:
        """The values of the keys of all elements, once each, those of the patch first."""
        sources = [self.dest] if self.itself or self.origin is MISSING else [self.origin, self.dest]
        seen: dict[Texts, None] = {}
        for source in sources:
            for item in source:
                seen[(text(item),) if names == _SET else _values(item, names)] = None
        return _filled(list(seen)) if len(names) > 1 else list(seen)

    def _merged(self, names: Texts, values: Texts) -> Value:
        """The element with these values, merged; in the resource's list too, as upstream changes nodes in place."""
        names, values = _valid([values], values, names)
        place = _find(self.dest, names, values)
        dest = MISSING if place is None else self.dest[place]
        origin = dest if self.itself else self._patch(names, values)
        merged = self.walk(dest, origin, self.schema.elements)
        if merged is MISSING or merged is None or merged == {}:
            return MISSING
        merged = _with_keys(merged, names, values)
        if place is not None and not _undone(dest, origin):
            self.dest[place] = merged
        return merged

    def _patch(self, names: Texts, values: Texts) -> Value:
        if self.origin is MISSING:
            return MISSING
        place = _find(self.origin, names, values)
        return MISSING if place is None else self.origin[place]


def _values(item: Value, names: Texts) -> Texts:
    fields = item if type(item) is dict else {}
    return tuple("" if fields.get(name) is None else text(fields[name]) for name in names)


def _valid(wanted: list[Texts], values: Texts, names: Texts) -> tuple[Texts, Texts]:
    """The keys that some element has, and their values; all keys if none has any."""
    used = {names[place] for item in wanted for place, value in enumerate(item) if value}
    if not used:
        return names, values
    places = [place for place, name in enumerate(names) if name in used]
    return tuple(names[place] for place in places), tuple(values[place] for place in places)


def _filled(wanted: list[Texts]) -> list[Texts]:
    """Values completed from each other: port 80 without and with protocol TCP are one port."""
    for place in range(len(wanted)):
        values = wanted[place]
        for other in range(len(wanted)):
            whole = _match(values, wanted[other])
            if whole is not None:
                wanted[place] = wanted[other] = whole
    return wanted


def _match(one: Texts, other: Texts) -> Texts | None:
    if not any(a == b for a, b in zip(one, other, strict=True)):
        return None
    if any(a and b and a != b for a, b in zip(one, other, strict=True)):
        return None
    return tuple(a or b for a, b in zip(one, other, strict=True))


def _find(items: list[Value], names: Texts, values: Texts) -> int | None:
    """The first element with these values (ElementMatcher)."""
    for place, item in enumerate(items):
        if names[0] == "":
            if text(item) == values[0]:
                return place
        elif type(item) is dict and all(
            name in item and text(item[name]) == value for name, value in zip(names, values, strict=True)
        ):
            return place
    return None


def _with_keys(item: Value, names: Texts, values: Texts) -> Value:
    missing = {
        name: _resolved(value) for name, value in zip(names, values, strict=True) if name and value and name not in item
    }
    if not missing:
        return item
    expect("MappingNode", item)
    return {**item, **missing}


def _resolved(value: str) -> Value:
    """What YAML makes of a plain scalar, as far as merge keys go: ports are numbers."""
    return int(value) if value.isdecimal() and value.isascii() and len(value) < 19 else value


def _put(items: list[Value], element: Value, names: Texts, values: Texts) -> list[Value]:
    """Replace the elements with these values, or append; MISSING removes them (ElementSetter).

    Empty elements vanish on the way, and with fewer values than keys so does every other element.
    """
    of_maps = names[0] != "" and bool(values) and values[0] != ""
    result: list[Value] = []
    matched = False
    for item in items:
        if item is None or item == {}:
            continue
        if type(item) is not dict and of_maps:
            result.append(item)
        elif _has(item, names, values):
            matched = True
            if element is not MISSING:
                result.append(element)
        elif values:
            result.append(item)
    if element is not MISSING and not matched:
        result.append(element)
    return result


def _has(item: Value, names: Texts, values: Texts) -> bool:
    found = False
    for name, value in zip(names, values, strict=False):
        expect("MappingNode" if name else "ScalarNode", item)
        found = name in item and (value == "" or text(item[name]) == value) if name else text(item) == value
        if not found:
            return False
    return found


def _appended(items: list[Value], rest: list[Value], names: Texts) -> list[Value]:
    """The elements of the resource put over and behind those of the patch (appendListNode)."""
    for item in rest:
        if names[0] == "":
            items = _put(items, item, _SET, (text(item),))
            continue
        expect("MappingNode", item)
        fields = item or {}
        missing = [item for name in names if name not in fields]
        values = tuple(text(fields[name]) for name in names if name in fields)
        items = items + missing
        if len(names) > 1:
            items = _put(items, MISSING, names, values)
        items = _put(items, item, names, values)
    return items
