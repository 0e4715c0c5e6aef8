"""A value as a flat map from dotted paths to its scalars, and how two of them differ (pkg/util/mapnode)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from engine.errors import LimitError
from engine.model import Value
from engine.regex import later
from engine.values import golang, regexp

Flat = Mapping[str, Value]
"""``spec.ports.0.port`` to 80.0: no nulls, and nothing of empty maps and lists."""

_INDEX = later(r"\.\d+\.")
_INDEX_AT_END = later(r"\[(\d+)\]$")
_MOST = 1_000
_REGISTRY = "docker.io/"
_TAG = ":latest"


class Difference(Struct, frozen=True):
    """A place where two values differ; None where one of them has nothing."""

    key: str
    before: Value
    after: Value


def flatten(value: Value) -> Flat:
    """The scalars of a value by their paths."""
    found: dict[str, Value] = {}
    _flatten(value, "", found)
    return found


def _flatten(value: Value, path: str, found: dict[str, Value]) -> None:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            _flatten(item, f"{path}.{key}" if path else str(key), found)
    elif value is not None:
        found[path] = value


def differences(before: Flat, after: Flat) -> list[Difference]:
    """Where the two differ, by path; an empty text is the same as none, a moved element of a list is no difference.

    Raises LimitError.
    """
    of_type, others = [], []
    for key in before.keys() | after.keys():
        one, other = before.get(key), after.get(key)
        if one is not None and other is not None and type(one) is not type(other):
            of_type.append(Difference(key, _typed(one), _typed(other)))
        elif one != other:
            others.append(Difference(key, one, other))
    if len(of_type) + len(others) > _MOST:
        raise LimitError(f"the resource and its manifest differ in more than {_MOST} places")
    others = [item for item in others if not _is_moved(item, others) and not _is_empty(item)]
    found = [item for item in (*others, *of_type) if not _is_completed_image(item)]
    return sorted(found, key=lambda item: item.key.encode())


def _typed(value: Value) -> str:
    name = golang.type_name(value)
    text = value if isinstance(value, str) else f"%!s({name}={golang.sprint(value)})"
    return f"(type: {name}) {text}"


def _is_moved(item: Difference, every: Iterable[Difference]) -> bool:
    """Whether what one element of a list has or lacks is what another of them lacks or has."""
    if (item.before is None) == (item.after is None) or not _INDEX.search(item.key):
        return False
    try:
        same_place = regexp.compile(_INDEX.sub(lambda _: r"\.\d+\.", item.key))
    except ValueError:
        return False
    return any(
        _equal(item.before, other.after) and _equal(item.after, other.before) and same_place.search(other.key)
        for other in every
    )


def _equal(one: Value, other: Value) -> bool:
    return type(one) is type(other) and bool(one == other)


def _is_empty(item: Difference) -> bool:
    return {item.before, item.after} == {None, ""}


def _is_completed_image(item: Difference) -> bool:
    """Whether the image only got the registry or the tag that it has without saying so."""
    if not item.key.endswith("image") or not (isinstance(item.before, str) and isinstance(item.after, str)):
        return False
    return item.after in (_REGISTRY + item.before, item.before + _TAG)


def unlike(found: Iterable[Difference], fields: Sequence[str]) -> list[Difference]:
    """The differences that are at none of the fields, or below one."""
    patterns = [f"{field}*" for field in fields]
    return [item for item in found if not _fits(patterns, item.key)]


def without(flat: Flat, fields: Sequence[str]) -> dict[str, Value]:
    """The map without what stands at one of the fields, or below it."""
    return {key: value for key, value in flat.items() if not any(_fits(fields, part) for part in _parents(key))}


def _parents(key: str) -> Iterable[str]:
    parts = key.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _fits(patterns: Iterable[str], key: str) -> bool:
    """Whether a pattern is in the key; its dots stand for any character, as upstream has it."""
    return any(pattern in ("", key) or ("*" in pattern and _matches(pattern, key)) for pattern in patterns)


def _matches(pattern: str, key: str) -> bool:
    try:
        return bool(regexp.compile(pattern.replace("*", ".*")).search(key))
    except ValueError:
        return False


def dotted(field: str) -> str:
    """A field with the index of a list as a part of the path: ``a[1].b`` is ``a.1.b``."""
    parts = (_INDEX_AT_END.sub(r".\1", part).removeprefix(".") for part in field.split("."))
    return ".".join(parts)


def text(found: Iterable[Difference]) -> str:
    """The differences as upstream prints them, in JSON."""
    items = [{"key": item.key, "values": {"before": item.before, "after": item.after}} for item in found]
    return golang.marshal({"items": items})
