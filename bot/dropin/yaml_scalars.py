"""Texts as go.yaml.in/yaml/v3 writes them: plain, quoted once or twice, or as a block (encode.go, emitterc.go)."""

from __future__ import annotations

import re
from functools import cache, cmp_to_key
from typing import Any

from engine.regex import later
from engine.yaml.scalars import stands_for_text

_WIDTH = 1 << 30
_SIXTIES = later(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?", re.ASCII)
_NO_BLOCK = later(r" \n| \Z|[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
"""A space before a break or at the end, and what is not printable: a block cannot show them (analyze_scalar)."""

_HINT = 4
"""The step of indentation, said where a block begins with white space."""


def means_text(text: str) -> bool:
    """Whether a text would be read as one without quotes, by readers of YAML 1.1 too."""
    return stands_for_text(text) and not _SIXTIES.fullmatch(text)


def written(text: str, indent: int, *, as_key: bool = False) -> str:
    """A text in the style that Go chooses; ``indent``: blanks before each line of a block, which no key is."""
    if "\n" in text:
        return _quoted_twice(text) if as_key or _NO_BLOCK.search(text) else _block(text, indent)
    return _dumped(text, None) if means_text(text) else _quoted_twice(text)


def _quoted_twice(text: str) -> str:
    return _dumped(text, '"')


def _dumped(text: str, style: str | None) -> str:
    import yaml

    dumped = str(yaml.dump(text, Dumper=_dumper(), default_style=style, width=_WIDTH, allow_unicode=True))
    return dumped.removesuffix("\n").removesuffix("\n...")


@cache
def _dumper() -> type[Any]:
    """Go's emitter is libyaml's; what a text would be read as is decided before, not by PyYAML."""
    import yaml

    class Dumper(yaml.CSafeDumper):
        """Without resolvers every text may stand plain as far as the emitter sees."""

        yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own attribute of the class

    return Dumper


def _block(text: str, indent: int) -> str:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    hint = str(_HINT) if text[0] in " \n" else ""
    keep = "-" if not ends else "" if ends == 1 and body else "+"
    lines = [" " * indent + line if line else "" for line in body.split("\n")] + [""] * max(ends - 1, 0)
    return "\n".join([f"|{hint}{keep}", *lines])


def keys_in_order(keys: list[str]) -> list[str]:
    """Keys of a mapping as Go orders them: by letters, numbers among them by value (sorter.go: keyList.Less)."""
    if all(map(str.isalpha, keys)):
        return sorted(keys)
    return sorted(keys, key=cmp_to_key(_compare))


def _compare(one: str, other: str) -> int:
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if at is None:
        return len(one) - len(other)
    a, b = one[at], other[at]
    if a.isalpha() and b.isalpha():
        return -1 if a < b else 1
    if a.isalpha() or b.isalpha():
        after_digit = at > 0 and one[at - 1].isdecimal()
        return -1 if a.isalpha() == after_digit else 1
    return _numbers(one, other, at)


def _numbers(one: str, other: str, at: int) -> int:
    """Two keys that differ first at ``at``, neither in a letter: by the numbers that go on there, if any."""
    lead = "1" if "0" in (one[at], other[at]) and _digits(one[:at][::-1]).strip("0") else ""
    runs = _digits(one[at:]), _digits(other[at:])
    first, second = (int((lead + run) or "0") for run in runs)
    if first != second:
        return -1 if first < second else 1
    if len(runs[0]) != len(runs[1]):
        return len(runs[0]) - len(runs[1])
    return -1 if one[at] < other[at] else 1


def _digits(text: str) -> str:
    """The digits with which a text begins."""
    return text[: next((at for at, char in enumerate(text) if not char.isdecimal()), len(text))]
