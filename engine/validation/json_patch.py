"""The text of a json6902 patch, as validation reads it (upstream: validateJSONPatch in validate.go)."""

from __future__ import annotations

from collections.abc import Iterator

from engine import documents
from engine.model import Value
from engine.policies import Rule
from engine.schema import Fault, type_name
from engine.validation.faults import invalid
from engine.validation.texts import without_variables

_NEEDING_A_VALUE = frozenset({"add", "replace", "test"})
_OPERATIONS = _NEEDING_A_VALUE | {"remove", "move", "copy"}
_PLACEHOLDER = "kyvernojsonpatchvariable"


def operations_of(text: str) -> list[dict[str, Value]] | None:
    """The operations of a patch in YAML or JSON; None where it is no list of objects."""
    loaded = documents.load(text, "")
    if loaded.problems or len(loaded.documents) > 1:
        return None
    value = loaded.documents[0].value if loaded.documents else []
    if type(value) is not list or any(type(item) is not dict for item in value):
        return None
    return value


def paths_of(text: str) -> list[str] | None:
    """The paths of the operations that have one; None where the patch cannot be read."""
    operations = operations_of(text)
    if operations is None:
        return None
    return [item["path"] for item in operations if type(item.get("path")) is str]


def check(rule: Rule) -> Iterator[Fault]:
    """Whether each operation of the rule's own patch is one and its path begins with a slash."""
    text = (rule.raw.get("mutate") or {}).get("patchesJson6902")
    if not text:
        return
    place = ("spec", "rules", rule.index, "mutate", "patchesJson6902")
    plain = without_variables(text, _PLACEHOLDER)
    operations = operations_of(plain)
    paths = [_unreadable(plain)] if operations is None else [_bad_path(item) for item in operations]
    for shown in filter(None, paths):
        yield invalid(f"path must begin with a forward slash: spec.rules[{rule.index}]: {shown}", *place)
    for item in operations or ():
        kind = item.get("op")
        if kind not in _OPERATIONS:
            yield invalid(f"unexpected kind: spec.rules[{rule.index}]: {kind or 'unknown'}", *place)
        elif kind in _NEEDING_A_VALUE and "value" not in item:
            text = f"invalid value: spec.rules[{rule.index}]: operation, missing value field: missing value"
            yield invalid(text, *place)


def _bad_path(operation: dict[str, Value]) -> str:
    path = operation.get("path")
    if type(path) is not str:
        return "operation, missing path field"
    return "" if path.startswith("/") else path


def _unreadable(text: str) -> str:
    """Why a text is no patch, as encoding/json says it where it is JSON at all."""
    loaded = documents.load(text, "")
    if loaded.problems or len(loaded.documents) != 1:
        return "not a JSON patch"
    value, wanted = loaded.documents[0].value, "Patch"
    if type(value) is list:
        value, wanted = next(item for item in value if type(item) is not dict), "Operation"
    name = "bool" if type(value) is bool else type_name(value)
    return f"json: cannot unmarshal {'number' if name == 'integer' else name} into Go value of type jsonpatch.{wanted}"
