"""What patterns and patches say of ``metadata`` (upstream: validate.go)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Value
from engine.policies import Rule
from engine.validation.json_patch import paths_of

METADATA_ONLY = "policy can only deal with the metadata field of the resource if the rule does not match any kind"
NOT_STRINGS = 'labels and annotations supports only string values, "use double quotes around the non string values"'


def only_metadata(rule: Rule) -> bool:
    """Whether patterns and patches touch ``metadata`` alone (ruleOnlyDealsWithResourceMetaData)."""
    mutate, validate = rule.raw.get("mutate") or {}, rule.raw.get("validate") or {}
    objects = [mutate.get("patchStrategicMerge"), validate.get("pattern")]
    if type(validate.get("anyPattern")) is list:
        objects += validate["anyPattern"]
    if any(key != "metadata" for item in objects if type(item) is dict for key in item):
        return False
    paths = paths_of(mutate.get("patchesJson6902") or "")
    return all(path.startswith("/metadata") for path in paths or ())


def has_string_values(rule: Rule) -> bool:
    """Whether labels and annotations are strings where upstream looks: of the first loop only, of every anyPattern."""
    return all(_strings(pattern) for pattern in _looked_at(rule) if type(pattern) is dict)


def _looked_at(rule: Rule) -> Iterator[Value]:
    for action, single in (("validate", "pattern"), ("mutate", "patchStrategicMerge")):
        body = rule.raw.get(action) or {}
        if body.get("foreach") is not None:
            yield next((loop[single] for loop in body["foreach"] if type(loop.get(single)) is dict), None)
        elif type(body.get(single)) is dict:
            yield body[single]
        elif type(body.get("anyPattern")) is list:
            yield from body["anyPattern"]


def _strings(pattern: dict[str, Value]) -> bool:
    return all(type(value) is str for values in _maps(pattern) for value in values.values())


def _maps(pattern: dict[str, Value]) -> Iterator[dict[str, Value]]:
    """The labels and annotations of ``metadata``, and of ``spec.template.metadata``."""
    for holder in (pattern, _mapping(pattern, "spec", "template")):
        metadata = _mapping(holder, "metadata")
        yield _mapping(metadata, "labels")
        yield _mapping(metadata, "annotations")


def _mapping(value: Value, *keys: str) -> dict[str, Value]:
    for key in keys:
        value = value.get(key) if type(value) is dict else None
    return value if type(value) is dict else {}
