"""A JSON Patch as the API server applies it (upstream: gopkg.in/evanphx/json-patch.v4/patch.go, without options).

Differs from ``json_patch``, which is the library's later version with Kyverno's options: no path is made, what is not
there cannot be removed, and a failed test leaves the object as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from engine.errors import EngineError
from engine.model import Value
from engine.patch.scalars import PatchError

_MISSING = "missing value"
_BAD_INDEX = "invalid index referenced"


class Operation(Struct, frozen=True):
    """One step; ``source`` is where ``move`` and ``copy`` read."""

    op: str
    path: str
    source: str = ""
    value: Value = None


class _TestFailedError(EngineError):
    pass


_Container: TypeAlias = dict[str, Value] | list[Value]


def apply(operations: Sequence[Operation], resource: Value) -> Value:
    """The patched resource, which shares nothing with the given one; raises PatchError with the reference's text."""
    document = _copied(resource)
    try:
        for operation in operations:
            document = _step(document, operation)
    except _TestFailedError:
        return resource
    return document


def _copied(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def _step(document: Value, operation: Operation) -> Value:
    match operation.op:
        case "add":
            _add(document, operation.path, _copied(operation.value))
        case "remove":
            _remove(document, operation.path)
        case "replace":
            return _replace(document, operation.path, _copied(operation.value))
        case "move":
            _move(document, operation.source, operation.path)
        case "copy":
            _copy(document, operation.source, operation.path)
        case "test":
            _test(document, operation.path, operation.value)
        case other:
            raise PatchError(f"Unexpected kind: {other}")
    return document


def _add(document: Value, path: str, value: Value) -> None:
    found = _find(document, path)
    if found is None:
        raise PatchError(f'add operation does not apply: doc is missing path: "{path}": {_MISSING}')
    try:
        _insert(*found, value)
    except PatchError as error:
        raise PatchError(f"error in add for path: '{path}': {error}") from error


def _remove(document: Value, path: str) -> None:
    found = _find(document, path)
    if found is None:
        raise PatchError(f'remove operation does not apply: doc is missing path: "{path}": {_MISSING}')
    try:
        _delete(*found)
    except PatchError as error:
        raise PatchError(f"error in remove for path: '{path}': {error}") from error


def _replace(document: Value, path: str, value: Value) -> Value:
    if path == "":
        if not isinstance(value, dict | list):
            raise PatchError("replace operation value must be object or array: %!w(<nil>)")
        return value
    found = _find(document, path)
    if found is None:
        raise PatchError(f"replace operation does not apply: doc is missing path: {path}: {_MISSING}")
    container, key = found
    if isinstance(container, dict):
        container[key] = value
        return document
    try:
        container[_existing(container, key)] = value
    except PatchError as error:
        text = f"replace operation does not apply: doc is missing key: {path}: {_MISSING}"
        raise PatchError(text) from error
    return document


def _move(document: Value, source: str, path: str) -> None:
    found = _find(document, source)
    if found is None:
        raise PatchError(f"move operation does not apply: doc is missing from path: {source}: {_MISSING}")
    try:
        value = _get(*found)
        _delete(*found)
    except PatchError as error:
        raise PatchError(f"error in move for path: '{found[1]}': {error}") from error
    _put("move", document, path, value, f"error in move for path: '{path}'")


def _copy(document: Value, source: str, path: str) -> None:
    found = _find(document, source)
    if found is None:
        raise PatchError(f"copy operation does not apply: doc is missing from path: {source}: {_MISSING}")
    try:
        value = _copied(_get(*found))
    except PatchError as error:
        raise PatchError(f"error in copy for from: '{source}': {error}") from error
    _put("copy", document, path, value, "error while adding value during copy")


def _put(name: str, document: Value, path: str, value: Value, fault: str) -> None:
    found = _find(document, path)
    if found is None:
        raise PatchError(f"{name} operation does not apply: doc is missing destination path: {path}: {_MISSING}")
    try:
        _insert(*found, value)
    except PatchError as error:
        raise PatchError(f"{fault}: {error}") from error


def _test(document: Value, path: str, wanted: Value) -> None:
    if path:
        found = _find(document, path)
        if found is None:
            raise PatchError(f"test operation does not apply: is missing path: {path}: {_MISSING}")
        try:
            document = _get(*found)
        except PatchError as error:
            raise PatchError(f"error in test for path: '{path}': {error}") from error
    if not _equal(document, wanted):
        raise _TestFailedError(path)


def _equal(one: Value, other: Value) -> bool:
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(_equal(item, other[key]) for key, item in one.items())
        case list(), list():
            return len(one) == len(other) and all(map(_equal, one, other))
    return (type(one) is bool) == (type(other) is bool) and bool(one == other)


def _find(document: Value, path: str) -> tuple[_Container, str] | None:
    """The container that a path leads into, and the key in it; None where the way is not there."""
    parts = path.split("/")
    if len(parts) < 2:
        return None
    for part in parts[1:-1]:
        try:
            document = _get(document, _decoded(part))
        except PatchError:
            return None
        if not isinstance(document, dict | list):
            return None
    return document, _decoded(parts[-1])


def _decoded(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~") if "~" in part else part


def _get(container: _Container, key: str) -> Value:
    if isinstance(container, dict):
        return container.get(key)
    return container[_existing(container, key)]


def _insert(container: _Container, key: str, value: Value) -> None:
    if isinstance(container, dict):
        container[key] = value
    elif key == "-":
        container.append(value)
    else:
        try:
            index = _number(key)
        except PatchError as error:
            raise PatchError(f"value was not a proper array index: '{key}': {error}") from error
        container.insert(_within(index, len(container) + 1), value)


def _delete(container: _Container, key: str) -> None:
    if isinstance(container, list):
        del container[_existing(container, key)]
    elif key in container:
        del container[key]
    else:
        raise PatchError(f"Unable to remove nonexistent key: {key}: {_MISSING}")


def _existing(container: list[Value], key: str) -> int:
    return _within(_number(key), len(container))


def _within(index: int, size: int) -> int:
    """The index counted from the front, as one below 0 counts from the end."""
    if not -size <= index < size:
        raise PatchError(f"Unable to access invalid index: {index}: {_BAD_INDEX}")
    return index + size if index < 0 else index


def _number(key: str) -> int:
    if key.lstrip("+-").isascii() and key.lstrip("+-").isdigit() and len(key) < 19:
        try:
            return int(key)
        except ValueError:
            pass
    raise PatchError(f'strconv.Atoi: parsing "{key}": invalid syntax')
