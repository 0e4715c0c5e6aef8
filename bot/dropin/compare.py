"""Whether a resource is the expected one (upstream: commands/test/compare.go, resource/{labels,tidy,compare}.go)."""

from __future__ import annotations

import difflib
from pathlib import Path

from bot.dropin import resource_inputs, yaml_text
from bot.dropin.strict import FileError, read
from engine.model import Value
from engine.resources import Resource

_GENERATED = "generate.kyverno.io/"
_MANAGED = "app.kubernetes.io/managed-by"


def difference(actual: Resource, path: Path, field: str) -> str:
    """What differs from the resource of that kind and name in the file, empty where nothing does.

    Raises FileError where the file cannot be read or does not hold the resource.
    """
    try:
        expected = _find(actual, path)
    except FileError as error:
        raise FileError(f"error: failed to load {field} resource ({error})") from error
    wanted, found = _labelled(expected.value), _labelled(actual.value)
    if same(_tidy(wanted), _tidy(found)):
        return ""
    lines = difflib.unified_diff(
        yaml_text.resource_yaml(wanted).splitlines(),
        yaml_text.resource_yaml(found).splitlines(),
        "expected",
        "actual",
        n=2,
        lineterm="",
    )
    return "\n".join(lines)


def _find(actual: Resource, path: Path) -> Resource:
    for candidate in resource_inputs.parse_resources(read(path), str(path)):
        if _identity(candidate) == _identity(actual):
            return candidate
    raise FileError(f"resource with name {_identity(actual)[3]} not found in manifest")


def _identity(resource: Resource) -> tuple[str, str, str, str]:
    name = (resource.value.get("metadata") or {}).get("name")
    return resource.api_version, resource.kind, resource.namespace, name if isinstance(name, str) else ""


def _labelled(value: dict[str, Value]) -> dict[str, Value]:
    """The resource with managed-by on it and without the labels of generate rules."""
    metadata = value.get("metadata") or {}
    labels = metadata.get("labels")
    if not isinstance(labels, dict) or not all(isinstance(text, str) for text in labels.values()):
        labels = {}
    kept = {key: text for key, text in labels.items() if not key.startswith(_GENERATED)}
    return {**value, "metadata": {**metadata, "labels": {_MANAGED: "kyverno", **kept}}}


def _tidy(value: Value) -> Value:
    """The value without nulls, empty maps and empty lists, at any depth; None where nothing is left."""
    match value:
        case dict():
            fields = {key: tidied for key, item in value.items() if (tidied := _tidy(item)) is not None}
            return fields or None
        case list():
            return [tidied for item in value if (tidied := _tidy(item)) is not None] or None
    return value


def same(one: Value, other: Value) -> bool:
    """Equality of JSON: 80 is 80.0, but true is not 1."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(same(item, other[key]) for key, item in one.items())
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)
