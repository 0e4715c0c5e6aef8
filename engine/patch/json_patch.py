"""``patchesJson6902`` (upstream: pkg/engine/mutate/patch/{patchJSON6902,patchesUtils}.go over evanphx/json-patch)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TypeAlias

from engine.errors import EngineError, LimitError
from engine.model import Value
from engine.patch.document import MISSING_VALUE, Document, decoded, get, tokens
from engine.patch.scalars import MISSING, PatchError, json_kind, require_kind, same
from engine.values.golang import marshal

Step: TypeAlias = Callable[[Document], None]

_INVALID = "invalid state detected"


def compile(operations: Value) -> Callable[[Value], Value | None]:
    """The function that gives the patched resource, or None if nothing changes.

    ``operations`` is the policy's text (JSON if it begins with "[", else YAML) or the list itself, without variables.
    The resource is never changed; the result shares with it what no operation touches. The function raises PatchError
    with the reference's text, also for operations that cannot be read, and LimitError.
    """
    try:
        steps = _steps(_read(operations) if isinstance(operations, str) else operations)
    except EngineError as error:
        text = str(error)
        return lambda _resource: _refuse(text)
    except RecursionError:
        return lambda _resource: _refuse(f"failed to decode patches: {_INVALID}")

    def apply(resource: Value) -> Value | None:
        try:
            patched = _run(steps, resource)
            if patched is resource or (same(patched, resource) and not _reordered(steps, resource)):
                return None
        except RecursionError as error:
            raise LimitError("patch and resource are nested too deeply") from error
        require_kind(patched)
        return patched

    return apply


def _refuse(text: str) -> Value:
    raise PatchError(text)


def _run(steps: Sequence[Step], resource: Value) -> Value:
    document = Document(resource)
    for step in steps:
        step(document)
    return document.root


def _reordered(steps: Sequence[Step], resource: Value) -> bool:
    """Whether the same content is written in another order: upstream compares bytes, and keys put back come last."""
    ordered = _sorted(resource)
    return not _in_order(_run(steps, ordered), ordered)


def _in_order(one: Value, other: Value) -> bool:
    """Whether two values of the same content have their keys in the same order."""
    if type(one) is dict:
        return list(one) == list(other) and all(map(_in_order, one.values(), other.values()))
    return type(one) is not list or all(map(_in_order, one, other))


def _sorted(value: Value) -> Value:
    if type(value) is dict:
        return {key: _sorted(value[key]) for key in sorted(value)}
    if type(value) is list:
        return [_sorted(item) for item in value]
    return value


def _read(text: str) -> Value:
    if text.startswith("["):
        try:
            return json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise PatchError(f"failed to decode patches: {_INVALID}") from error
    from engine import documents

    loaded = documents.load(text, "", numbers=int)
    if loaded.problems:
        raise PatchError(f"failed to convert patchesJSON6902 to JSON: {loaded.problems[0].message}")
    return loaded.documents[0].value if loaded.documents else None


def _no_constant(name: str) -> Value:
    raise ValueError(name)


def _steps(operations: Value) -> list[Step]:
    if operations is None:
        return []
    if type(operations) is not list:
        raise PatchError(_unreadable(operations, "jsonpatch.Patch"))
    for operation in operations:
        if operation is not None and type(operation) is not dict:
            raise PatchError(_unreadable(operation, "jsonpatch.Operation"))
    return [_step(operation or {}) for operation in operations]


def _unreadable(value: Value, go_type: str) -> str:
    return f"failed to decode patches: json: cannot unmarshal {json_kind(value)} into Go value of type {go_type}"


def _step(operation: dict[str, Value]) -> Step:
    try:
        return _decoded(operation)
    except PatchError as error:
        shown = marshal(operation) if operation else "null"
        raise PatchError(f"failed to decode patches: invalid operation {shown}: {error}") from error


def _decoded(operation: dict[str, Value]) -> Step:
    """The step of one operation, checked in upstream's order (validateOperation)."""
    value = operation.get("value", MISSING)
    match operation.get("op"):
        case "add" | "replace" as word:
            if value is MISSING:
                raise PatchError(f"failed to decode 'value': operation, missing value field: {MISSING_VALUE}")
            path = _path(operation)
            return _add(path, value) if word == "add" else _replace(path, value)
        case "move" | "copy" as word:
            origin = _pointer(operation, "from", "operation, missing from field")
            path = _path(operation)
            return _move(origin, path) if word == "move" else _copy(origin, path)
        case "remove":
            return _remove(_path(operation))
        case "test":
            return _test(_path(operation), value)
    raise PatchError("unsupported operation")


def _path(operation: dict[str, Value]) -> str:
    return _pointer(operation, "path", "operation missing path field")


def _pointer(operation: dict[str, Value], name: str, missing: str) -> str:
    path = operation.get(name)
    if path is None:
        raise PatchError(f"failed to decode '{name}': {missing}: {MISSING_VALUE}")
    if type(path) is not str:
        raise PatchError(
            f"failed to decode '{name}': json: cannot unmarshal {json_kind(path)} into Go value of type string"
        )
    return path


def _found(document: Document, path: str, where: str) -> tuple[Value, Sequence[str]]:
    """The container of a path and the path's tokens; PatchError, beginning with ``where``, if it does not exist."""
    parts = [""] if path == "" else tokens(path)
    container = MISSING if parts is None else document.parent(parts)
    if parts is None or container is MISSING:
        raise PatchError(f"{where}: {MISSING_VALUE}")
    return container, parts


def _add(path: str, value: Value) -> Step:
    def step(document: Document) -> None:
        if path == "":
            document.replace_all(value)
            return
        parts = tokens(path)
        if parts is not None:
            document.ensure(parts)
        _, found = _found(document, path, f'add operation does not apply: doc is missing path: "{path}"')
        _explained(lambda: document.add(found, value), f"error in add for path: '{path}'")

    return step


def _remove(path: str) -> Step:
    def step(document: Document) -> None:
        parts = [""] if path == "" else tokens(path)
        if parts is None or document.parent(parts) is MISSING:
            return
        _explained(lambda: document.remove(parts), f"error in remove for path: '{path}'")

    return step


def _replace(path: str, value: Value) -> Step:
    def step(document: Document) -> None:
        if path == "":
            if type(value) not in (dict, list):
                raise PatchError("replace operation value must be object or array: %!w(<nil>)")
            document.replace_all(value)
            return
        container, parts = _found(document, path, f"replace operation does not apply: doc is missing path: {path}")
        try:
            get(container, decoded(parts[-1]))
        except PatchError as error:
            text = f"replace operation does not apply: doc is missing key: {path}: {MISSING_VALUE}"
            raise PatchError(text) from error
        _explained(lambda: document.set(parts, value), f"error in remove for path: '{path}'")

    return step


def _move(origin: str, path: str) -> Step:
    def step(document: Document) -> None:
        if origin == "":
            raise PatchError(f"unable to move entire document to another path: {_INVALID}")
        container, parts = _found(
            document, origin, f"move operation does not apply: doc is missing from path: {origin}"
        )
        key = decoded(parts[-1])
        value = _explained(lambda: get(container, key), f"error in move for path: '{key}'")
        _explained(lambda: document.remove(parts), f"error in move for path: '{key}'")
        _, target = _found(document, path, f"move operation does not apply: doc is missing destination path: {path}")
        _explained(lambda: document.add(target, value), f"error in move for path: '{path}'")

    return step


def _copy(origin: str, path: str) -> Step:
    def step(document: Document) -> None:
        container, parts = _found(
            document, origin, f'copy operation does not apply: doc is missing from path: "{origin}"'
        )
        key = decoded(parts[-1])
        if origin == "":
            value = document.before
        else:
            value = _explained(lambda: get(container, key), f"error in copy for from: '{origin}'")
        _, target = _found(document, path, f"copy operation does not apply: doc is missing destination path: {path}")
        _explained(lambda: document.add(target, document.share(value)), "error while adding value during copy")

    return step


def _test(path: str, wanted: Value) -> Step:
    failed = f"testing value {path} failed: test failed"
    expected = None if wanted is MISSING else wanted

    def step(document: Document) -> None:
        if path == "":
            found = document.root
        else:
            container, parts = _found(document, path, f"test operation does not apply: is missing path: {path}")
            found = _tested(container, decoded(parts[-1]), path)
        if not same(found, expected):
            raise PatchError(failed)

    return step


def _tested(container: Value, key: str, path: str) -> Value:
    """The value to test; a missing key of a map reads null, a missing element is an error."""
    if type(container) is dict:
        return container.get(key)
    return _explained(lambda: get(container, key), f"error in test for path: '{path}'")


def _explained(action: Callable[[], Value], where: str) -> Value:
    try:
        return action()
    except PatchError as error:
        raise PatchError(f"{where}: {error}") from error
