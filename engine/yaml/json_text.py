"""JSON through the JSON parser, where that gives what YAML would give."""

from __future__ import annotations

import json

from engine.model import Value
from engine.regex import later
from engine.yaml.lines import NOT_ORDINARY
from engine.yaml.scalars import NumberType, number, plain

_SURROGATE = later(r"\\u[dD][89a-fA-F]")  # an escape that YAML refuses
_LONGEST_KEPT = 32
_KEPT = 4096


def parse(text: str, numbers: NumberType, depth: int) -> Value:
    """The value of a JSON text, or ``NOT_ORDINARY`` for libyaml to decide (a broken one, duplicate keys, too deep)."""
    if _SURROGATE.search(text):
        return NOT_ORDINARY
    convert = _FLOATS.__getitem__ if numbers is float else _INTEGERS.__getitem__
    try:
        value = json.loads(
            text, parse_int=convert, parse_float=convert, parse_constant=_refuse, object_pairs_hook=_unique
        )
    except (ValueError, RecursionError):
        return NOT_ORDINARY
    return value if _within(value, depth) else NOT_ORDINARY


def _unique(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError("duplicate keys")
    return mapping


def _refuse(constant: str) -> Value:
    raise ValueError(f"{constant} is no JSON")


class _Numbers(dict[str, Value]):
    """Text of a number -> value, for one kind of numbers, kept within a bound."""

    def __init__(self, numbers: NumberType) -> None:
        super().__init__()
        self._numbers = numbers

    def __missing__(self, text: str) -> Value:
        value = plain(text)
        if type(value) is not str:
            value = number(value, self._numbers)
        if len(text) <= _LONGEST_KEPT:
            if len(self) >= _KEPT:
                self.clear()
            self[text] = value
        return value


_FLOATS, _INTEGERS = _Numbers(float), _Numbers(int)


def _within(value: Value, depth: int) -> bool:
    level = [value] if type(value) in (dict, list) else []
    for _ in range(depth):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) in (dict, list)
        ]
        if not level:
            return True
    return not level
