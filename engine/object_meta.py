"""What Kubernetes refuses in the metadata of any object (upstream: apimachinery's api/validation/objectmeta.go).

Types and unknown fields are the schema's; here are the values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine import selectors
from engine.model import Path, Value
from engine.regex import later
from engine.schema import BAD_VALUE, Fault

NO_NAME = "no-name"

_NAME = later(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_OWNER = ("kind", "name", "uid")
_LONGEST = 253


def faults(metadata: Value) -> Iterator[Fault]:
    """What is wrong with ``metadata``; what is of the wrong type is passed over."""
    name = metadata.get("name") if type(metadata) is dict else None
    if not name:
        yield Fault(
            NO_NAME, "metadata.name: Required value: an object that is kept in a file needs a name", ("metadata",)
        )
        if type(metadata) is not dict:
            return
    yield from _named(metadata)
    yield from _keyed(metadata)
    for index, owner in enumerate(_list(metadata.get("ownerReferences"))):
        yield from _owned(owner, ("metadata", "ownerReferences", index))


def _named(metadata: Mapping[str, Value]) -> Iterator[Fault]:
    name, prefix = metadata.get("name"), metadata.get("generateName")
    if type(name) is str and name and not is_name(name):
        yield _invalid(("metadata", "name"), name, "a lowercase RFC 1123 subdomain is needed")
    if type(prefix) is str and prefix and not is_name(f"{prefix}x"):
        yield _invalid(
            ("metadata", "generateName"), prefix, "the beginning of a lowercase RFC 1123 subdomain is needed"
        )


def _keyed(metadata: Mapping[str, Value]) -> Iterator[Fault]:
    for key, value in _map(metadata.get("labels")).items():
        if not selectors.is_key(key):
            yield _invalid(("metadata", "labels", key), key, "a qualified name is needed")
        if type(value) is str and not selectors.is_value(value):
            yield _invalid(("metadata", "labels", key), value, "a valid label value is needed")
    for key in _map(metadata.get("annotations")):
        if not selectors.is_key(key.lower()):
            yield _invalid(("metadata", "annotations", key), key, "a qualified name is needed")
    for index, text in enumerate(_list(metadata.get("finalizers"))):
        if type(text) is str and not selectors.is_key(text):
            yield _invalid(("metadata", "finalizers", index), text, "a qualified name is needed")


def _owned(owner: Value, path: Path) -> Iterator[Fault]:
    if type(owner) is not dict:
        return
    if not str(owner.get("apiVersion") or "").rpartition("/")[2]:
        yield _invalid((*path, "apiVersion"), "", "a version is needed")
    for field in _OWNER:
        if not owner.get(field):
            yield _invalid((*path, field), "", "must not be empty")


def is_name(name: str) -> bool:
    """Whether an object may be called that: a DNS subdomain."""
    return len(name) <= _LONGEST and _NAME.fullmatch(name) is not None


def _invalid(path: Path, value: str, needed: str) -> Fault:
    where = ".".join(str(part) for part in path[:2])
    return Fault(BAD_VALUE, f'{where}: Invalid value: "{value}": {needed}', path)


def _map(value: Value) -> Mapping[str, Value]:
    return value if type(value) is dict else {}


def _list(value: Value) -> list[Value]:
    return value if type(value) is list else []
