"""Scalars as the reference's patches see them: text, because its documents pass through YAML and JSON on the way."""

from __future__ import annotations

import json
from enum import Enum
from math import isfinite
from typing import Final

from engine.errors import EngineError
from engine.model import Value
from engine.values.golang import marshal, number_text


class PatchError(EngineError):
    """A patch that the reference refuses to apply; the text is the reference's without "failed to patch resource: "."""


class CrashError(PatchError):
    """Where the reference itself ends in a Go panic; the text is the panic's."""


class ResultError(PatchError):
    """A patched resource that cannot be read back; the text is the reference's behind "failed to unmarshal ..."."""


class Absent(Enum):
    """The type of MISSING: a value that is not there, as opposed to null."""

    MISSING = 0


MISSING: Final = Absent.MISSING


def text(value: Value) -> str:
    """The text of a scalar in JSON, a string without its quotes; "" for maps, lists and what is missing."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case int():
            return str(value)
        case float():
            return number_text(value) if isfinite(value) else str(value)
    return ""


def flow(value: Value) -> str:
    """A value in YAML's flow style, as kyaml shows the contents of a node that it refuses."""
    match value:
        case dict():
            return (
                "{"
                + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {flow(v)}" for k, v in sorted(value.items()))
                + "}"
            )
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False)
    return text(value)


def node_kind(value: Value) -> str:
    """kyaml's word for the kind of a node."""
    match value:
        case dict():
            return "MappingNode"
        case list():
            return "SequenceNode"
    return "ScalarNode"


def expect(kind: str, value: Value) -> None:
    """Raise PatchError if a value that is neither missing nor null is of another kind (kyaml/yaml/fns.go)."""
    if value is None or value is MISSING or node_kind(value) == kind:
        return
    raise PatchError(
        f"wrong node kind: expected {kind} but got {node_kind(value)}: node contents:\n{flow(value)}\n",
    )


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same JSON: 1 and 1.0 are, True and 1 are not."""
    if one is other:
        return True
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def require_kind(value: Value) -> None:
    """Raise ResultError unless a patched resource can be read back: a map that says its kind."""
    if type(value) is not dict:
        raise ResultError(f"json: cannot unmarshal {json_kind(value)} into Go value of type map[string]interface {{}}")
    if type(value.get("kind")) is not str or not value["kind"]:
        raise ResultError(f"Object 'Kind' is missing in '{marshal(value)}'")


def json_kind(value: Value) -> str:
    """encoding/json's word for the kind of a value that does not fit a Go type."""
    match value:
        case dict():
            return "object"
        case list():
            return "array"
        case str():
            return "string"
        case bool():
            return "bool"
    return "number"
