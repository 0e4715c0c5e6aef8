"""All strings of a document, with their places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.model import Path, Value
from engine.pointer import escape
from engine.regex import later

VARIABLE = later(r"(^|[^\\])(\{\{(?:\{[^{}]*\}|[^{}])*\}\})")
"""An unescaped variable and the character before it (upstream: pkg/engine/variables/regex)."""

PLAIN_VARIABLE = later(r"\{\{[^{}]*\}\}")


class Text(NamedTuple):
    """A string value, or a key, whose ``path`` is then its object's."""

    value: str
    path: Path

    @property
    def pointer(self) -> str:
        """The path as the reference's traversal writes it."""
        return "".join(f"/{escape(str(part))}" for part in self.path)


def texts(value: Value, path: Path = ()) -> Iterator[Text]:
    """Every key and every string value."""
    match value:
        case str():
            yield Text(value, path)
        case dict():
            for key, inner in value.items():
                yield Text(key, path)
                yield from texts(inner, (*path, key))
        case list():
            for index, inner in enumerate(value):
                yield from texts(inner, (*path, index))


def without_variables(text: str, word: str) -> str:
    """The text with every variable replaced by a word (ReplaceAllVars in vars.go)."""
    return VARIABLE.sub(lambda found: found.group(1) + word, text)
