"""The patch of a mutate policy as text: the lines of a manifest as they would have to stand.

An edit is offered only when the edited file, read again, holds exactly what the mutation made of the resource.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from bot.model import Suggestion
from engine import documents
from engine.model import Path, Value
from engine.patch.difference import changed_paths
from engine.resources import Resource

_PLAIN_END = re.compile(r"\s+#|\s*$")
_MISSING = object()


def suggestion(before: Resource, after: Value, text: str) -> Suggestion | None:
    """The edit of ``text``, the file of ``before``, that turns the resource into ``after``; None where none is simple.

    Only one contiguous edit is offered: a value replaced on its line, or keys added to a block mapping.
    """
    lines = text.split("\n")
    edits = [_edit(before, after, path, lines) for path in changed_paths(before.value, after)]
    if len(edits) != 1 or edits[0] is None:
        return None
    found = edits[0]
    edited = [*lines[: found.first_line - 1], *found.text.split("\n"), *lines[found.last_line :]]
    return found if _reads_as(before, after, "\n".join(edited)) else None


def _edit(before: Resource, after: Value, path: Path, lines: Sequence[str]) -> Suggestion | None:
    old, new = _at(before.value, path), _at(after, path)
    if new is _MISSING:
        return None
    if old is _MISSING:
        return _added(before, path, new, lines)
    if isinstance(old, dict | list) or isinstance(new, dict | list):
        return None
    return _replaced(before, path, new, lines)


def _replaced(before: Resource, path: Path, new: Value, lines: Sequence[str]) -> Suggestion | None:
    place = before.document.position(before.base + path)
    line = lines[place.line - 1]
    head, rest = line[: place.column - 1], line[place.column - 1 :]
    if rest[:1] in ("'", '"'):
        closing = rest.find(rest[0], 1)
        tail = rest[closing + 1 :] if closing > 0 else None
    else:
        end = _PLAIN_END.search(rest)
        tail = rest[end.start() :] if end else ""
    if tail is None or rest[:1] in ("|", ">", "&", "*", "!"):
        return None
    return Suggestion(place.line, place.line, f"{head}{_scalar(new)}{tail}")


def _added(before: Resource, path: Path, new: Value, lines: Sequence[str]) -> Suggestion | None:
    """New keys, written below the last line of the mapping that they belong to."""
    *parent, key = path
    mapping = _at(before.value, tuple(parent))
    if not isinstance(mapping, dict) or not mapping or not isinstance(key, str):
        return None
    where = before.base + tuple(parent)
    sibling = next((name for name in mapping if _written(before, (*where, name), lines, name)), None)
    if sibling is None:
        return None
    indent = " " * (before.document.key_position((*where, sibling)).column - 1)
    last = before.document.last_line(where)
    written = yaml.safe_dump({key: new}, default_flow_style=False, sort_keys=False, allow_unicode=True)
    added = "\n".join(indent + line for line in written.rstrip("\n").split("\n"))
    return Suggestion(last, last, f"{lines[last - 1]}\n{added}")


def _written(before: Resource, path: Path, lines: Sequence[str], name: str) -> bool:
    """Whether a key stands in the text as a block mapping's key: first on its line, but for list dashes."""
    place = before.document.key_position(path)
    if not 0 < place.line <= len(lines):
        return False
    line = lines[place.line - 1]
    return line[place.column - 1 :].lstrip("\"'").startswith(name) and not line[: place.column - 1].strip(" -")


def _scalar(value: Value) -> str:
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6).split("\n")[0]


def _at(value: Value, path: Path) -> Value:
    for step in path:
        match value:
            case dict() if step in value:
                value = value[step]
            case list() if isinstance(step, int) and step < len(value):
                value = value[step]
            case _:
                return _MISSING
    return value


def _reads_as(before: Resource, after: Value, text: str) -> bool:
    loaded = documents.load(text, before.document.file)
    if loaded.problems or len(loaded.documents) <= before.document.index:
        return False
    found = _at(loaded.documents[before.document.index].value, before.base)
    return found is not _MISSING and not changed_paths(_without_defaults(after, found), found)


def _without_defaults(after: Value, found: Value) -> Value:
    """The mutated resource without what loading alone adds to every resource (a namespace, empty maps)."""
    if not isinstance(after, dict) or not isinstance(found, dict):
        return after
    metadata, written = after.get("metadata"), found.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(written, dict):
        return after
    kept = {key: value for key, value in metadata.items() if key in written or (value != {} and key != "namespace")}
    return {**{key: value for key, value in after.items() if key in found or value != {}}, "metadata": kept}
