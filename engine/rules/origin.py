"""Where in a resource an expression looks, so that a finding can be shown at its line.

The reference reports no place for ``deny`` and ``foreach``; the plain chain of fields at the head of an expression is
the nearest that can be said of it, and is exact for the common ``request.object.spec.containers[].image``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from engine.model import Path, Value
from engine.regex import later

_CHAIN = r"""((?:\.(?:[A-Za-z_][A-Za-z0-9_]*+(?!\()|"[^"]+")|\[\d+\])+)"""
_OBJECT = later(rf"\brequest\.(?:object|oldObject){_CHAIN}")
_ELEMENT = later(rf"\belement{_CHAIN}")
_STEP = later(r"""\.\??([A-Za-z_]\w*)|\[\??(?:(\d+)|'([^']*)'|"([^"]*)")\]""")
_STEP = later(r"""\.([A-Za-z_][A-Za-z0-9_]*)|\."([^"]+)"|\[(\d+)\]""")


@lru_cache(maxsize=1024)
def of_expression(text: str, element: Path | None = None) -> Path | None:
    """The fields that the expression reads first: of the element where one is given, else of the resource."""
    if element is not None and (found := _ELEMENT.search(text)):
        return element + _steps(found.group(1))
    found = _OBJECT.search(text)
    if found is not None:
        return _steps(found.group(1))
    return element


def of_conditions(raw: Value, element: Path | None = None) -> Path:
    """The place that the keys of a condition block look at; () where none can be told."""
    for text in _keys(raw):
        found = of_expression(text, element)
        if found:
            return found
    return element or ()


def of_element(resource: Value, element: Value, guessed: Path, path: Path) -> Path:
    """``path``, which begins at an element's guessed place, from the place where the element really stands.

    A list that is filtered, or put together from several, numbers its elements in its own way.
    """
    found = _find(resource, element) if isinstance(element, dict | list) else None
    if found is None or path[: len(guessed)] != guessed:
        return path
    return found + path[len(guessed) :]


def _find(resource: Value, element: Value) -> Path | None:
    """Where that very object stands in the resource."""
    waiting: list[tuple[Value, Path]] = [(resource, ())]
    while waiting:
        value, path = waiting.pop()
        if value is element:
            return path
        if isinstance(value, dict):
            waiting += [(item, (*path, key)) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(item, (*path, index)) for index, item in enumerate(value)]
    return None


def existing(resource: Value, path: Path) -> Path:
    """The part of a path that the resource has, and one missing key behind it."""
    for length, step in enumerate(path):
        match resource:
            case dict() if step in resource:
                resource = resource[step]
            case list() if isinstance(step, int) and step < len(resource):
                resource = resource[step]
            case dict() if isinstance(step, str):
                return path[: length + 1]
            case _:
                return path[:length]
    return path


def _steps(chain: str) -> Path:
    return tuple(
        int(index) if index else (name or quoted) for name, quoted, index in (m.groups() for m in _STEP.finditer(chain))
    )


def _keys(raw: Value) -> Iterator[str]:
    match raw:
        case list():
            for item in raw:
                yield from _keys(item)
        case {"key": str(key)}:
            yield key
            if isinstance(raw.get("value"), str):
                yield raw["value"]
        case dict():
            for block in ("any", "all"):
                yield from _keys(raw.get(block))
