"""YAML as the reference's parse_yaml reads it: the first document, every number a float64."""

from __future__ import annotations

from engine import documents
from engine.errors import QueryError
from engine.jmespath import json_text
from engine.model import Value
from engine.regex import later

_BLOCK = later(r"[|>][-+0-9]*[ \t]*(?:#.*)?\n")


def parse(text: str) -> Value:
    """The value of a text's first document, null if it has none; QueryError if it is malformed."""
    loaded = documents.load(text, "", numbers=float)
    first = loaded.documents[0] if loaded.documents else None
    if loaded.problems and (first is None or first.index > 0):
        raise QueryError(f"error converting YAML to JSON: yaml: {loaded.problems[0].message}")
    if first is None or first.index > 0:
        return None
    if text.endswith(first.text.removesuffix("\n")) and _BLOCK.search(first.text):
        first = documents.load_as_it_ends(first)
    json_text.check_depth(first.value)
    return first.value
