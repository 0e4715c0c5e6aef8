"""``mutations``: what expressions make, as changes of an object (upstream: mpol/compiler/applyconfig.go, json.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from engine.cel.environment import Program
from engine.cel.errors import EvaluationError
from engine.cel.types import list_of
from engine.cel.values import ObjectValue, Value
from engine.cel_policies import json_values
from engine.cel_policies.declared import APPLY_CONFIGURATION, JSON_PATCH
from engine.cel_policies.expressions import Compiler
from engine.errors import EngineError
from engine.model import Path
from engine.patch import api_json_patch
from engine.patch.api_json_patch import Operation
from engine.patch.scalars import PatchError
from engine.patch.structured import merge
from engine.patch.structured.types import Schemas
from engine.values.numbers import renumber

Patcher = Callable[[Mapping[str, Value], Value], Value]
"""What an evaluation can read and the object, to the patched object; raises EvaluationError and EngineError."""

_MUTATIONS: Final[Path] = ("spec", "mutations")


def compile(
    mutations: Iterable[Mapping[str, Value]] | None, compiler: Compiler, schemas: Schemas, *, replaces_whole: bool
) -> tuple[Patcher, ...]:
    """The mutations in their order; one whose ``patchType`` names what it does not have does nothing."""
    found: list[Patcher] = []
    for index, mutation in enumerate(mutations or ()):
        path = (*_MUTATIONS, index)
        match mutation:
            case {"patchType": "ApplyConfiguration", "applyConfiguration": dict(applied)}:
                where = (*path, "applyConfiguration", "expression")
                program = compiler.program(applied.get("expression", ""), where, APPLY_CONFIGURATION)
                found.append(_merging(program, schemas, replaces_whole))
            case {"patchType": "JSONPatch", "jsonPatch": dict(made)}:
                where = (*path, "jsonPatch", "expression")
                program = compiler.program(made.get("expression", ""), where, list_of(JSON_PATCH))
                found.append(_patching(program))
    return tuple(found)


def _merging(program: Program, schemas: Schemas, replaces_whole: bool) -> Patcher:
    def patch(read: Mapping[str, Value], live: Value) -> Value:
        return merged(program.evaluate(read), live or _deleted(read, schemas), schemas, replaces_whole=replaces_whole)

    return patch


def _deleted(read: Mapping[str, Value], schemas: Schemas) -> Value:
    """The object of a deletion, which is none; raises PatchError, since nothing is merged into that."""
    kind = (read.get("request") or {}).get("kind") or {}
    group, version = kind.get("group", ""), kind.get("version", "")
    if schemas(f"{group}/{version}" if group else version, kind.get("kind", "")) is None:
        return {}
    text = "failed to convert patch object to typed object: no corresponding type for /, Kind="
    raise PatchError(f"error applying patch: {text}")


def merged(made: Value, live: Value, schemas: Schemas, *, replaces_whole: bool = False) -> Value:
    """The object with what an ApplyConfiguration made merged into it."""
    _check_names(made)
    api_version, kind = live.get("apiVersion", ""), live.get("kind", "")
    type_ = schemas(api_version, kind)
    configuration = {**json_values.plain(made), "apiVersion": api_version, "kind": kind}
    try:
        if type_ is None:
            raise PatchError("type converter must not be nil")
        return merge.apply(type_, live, configuration, replaces_whole=replaces_whole)
    except EngineError as error:
        raise PatchError(f"error applying patch: {error}") from error


def _patching(program: Program) -> Patcher:
    return lambda read, live: patched(program.evaluate(read), live)


def patched(made: Value, live: Value) -> Value:
    """The object after the operations that a JSONPatch expression made; whole numbers come back as int."""
    operations = [_operation(item) for item in made]
    whole = renumber(live)
    try:
        found = api_json_patch.apply(operations, whole)
    except PatchError as error:
        raise PatchError(f"JSON Patch: {error}") from error
    if found is whole:
        return live
    if not isinstance(found, dict) or not found.get("kind"):
        from engine.values.golang import marshal

        raise PatchError(f"Internal error occurred: Object 'Kind' is missing in '{marshal(found)}'")
    return renumber(found)


def _operation(made: Value) -> Operation:
    if not isinstance(made, ObjectValue) or made.type_name != JSON_PATCH.name:
        raise EvaluationError("type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch")
    fields = made.fields
    value = fields.get("value")
    _check_names(value)
    return Operation(
        op=fields.get("op", ""),
        path=fields.get("path", ""),
        source=fields.get("from", ""),
        value=json_values.protobuf(value),
    )


def _check_names(made: Value) -> None:
    faults = list(json_values.misnamed(made))
    if faults:
        raise EvaluationError("type mismatch: " + "\n".join(faults))
