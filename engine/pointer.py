"""The JMESPath of a place in a policy document, for the variable ``{{@}}`` (upstream: pkg/utils/jsonpointer)."""

from __future__ import annotations

import json
import re

from engine.regex import later

_PLAIN = later(r"[(A-Za-z_][)0-9A-Za-z_]*\Z")
_INDEX = later(r"[0-9]{1,20}\Z")


def escape(key: str) -> str:
    """A key as one component of a traversal path: a slash inside it is escaped."""
    return key.replace("/", "\\/")


def components(path: str) -> list[str]:
    """The components of a traversal path, escapes undone, empty ones dropped."""
    return [part.replace("\\/", "/") for part in re.split(r"(?<!\\)/", path) if part]


def current(path: str, prefix: str) -> str:
    """The expression that reads, below ``prefix``, what ``{{@}}`` at ``path`` of a policy document stands for.

    Everything up to the first ``foreach`` is dropped, and then two components: upstream takes them for
    ``validate/pattern`` or ``mutate/patchStrategicMerge`` whether or not the document was a whole rule.
    """
    parts = components(path)
    if "foreach" in parts:
        parts = parts[parts.index("foreach") + 1 :]
    parts = parts[2:] if len(parts) > 2 else []
    return expression([*prefix.split("."), *parts])


def expression(parts: list[str]) -> str:
    """Components as a JMESPath expression: digits become indices, unusual keys are quoted."""
    written = ""
    for part in parts:
        if _INDEX.match(part):
            written += f"[{part}]"
            continue
        name = part if _PLAIN.match(part) else json.dumps(part, ensure_ascii=False)
        written += f".{name}" if written else name
    return written
