"""kyaml's two-way strategic merge on values, copying only what changes.

upstream: kyaml/yaml/walk/{walk,map,scalar}.go with the visitor of kyaml/yaml/merge2/merge2.go, as called by
api/filters/patchstrategicmerge. Where upstream merges a node with itself (a part that only the patch has), the
functions here are named ``fresh``; where only the resource has it, ``kept``.
"""

from __future__ import annotations

from engine.model import Value
from engine.patch import keys, lists
from engine.patch.directives import Directive, of_list, of_map
from engine.patch.keys import Schema
from engine.patch.scalars import MISSING, PatchError, expect, node_kind, same, text


def merge(resource: Value, patch: Value) -> Value:
    """The resource with a patch without anchors merged in; the same object if nothing changes.

    Raises PatchError with kyaml's text where kinds of nodes or directives do not fit.
    """
    merged = walk(resource, patch, None)
    if merged is MISSING:
        raise PatchError("filter cannot create or delete objects")
    return merged


def walk(dest: Value, origin: Value, schema: Schema | None) -> Value:
    """What becomes of ``dest`` in the resource under ``origin`` in the patch; MISSING for either and as the result."""
    if origin is MISSING:
        return kept(dest, schema)
    first = origin if dest is MISSING or dest is None else dest
    kind = type(first)
    if kind is not type(origin):
        expect(node_kind(first), origin)
    if kind is dict:
        return _map(dest, origin, schema or keys.of(dest) or keys.of(origin))
    if kind is list:
        return _list(dest, origin, schema)
    return MISSING if origin is None else _scalar(dest, origin)


def kept(dest: Value, schema: Schema | None) -> Value:
    """What only the resource has. It stays, but keyed lists lose their duplicates even so."""
    if schema is None or dest is MISSING:
        return dest
    if type(dest) is list:
        return _kept_list(dest, schema)
    if type(dest) is not dict:
        return dest
    changed: dict[str, Value] | None = None
    for name, child in schema.fields.items():
        if name in dest:
            value = kept(dest[name], child)
            if value is not dest[name]:
                changed = changed or dict(dest)
                changed[name] = value
    return changed or dest


def _kept_list(dest: list[Value], schema: Schema) -> Value:
    if schema.keys is None:
        return dest
    if not lists.settled(dest, schema.keys):
        return lists.merge(dest, MISSING, schema, walk)
    if schema.elements is None:
        return dest
    result = [kept(item, schema.elements) for item in dest]
    return dest if all(new is old for new, old in zip(result, dest, strict=True)) else result


def fresh(origin: Value, schema: Schema | None) -> Value:
    """What only the patch has, below its topmost new node: nulls go, directives are obeyed."""
    match origin:
        case None:
            return MISSING
        case dict():
            directive, rest = of_map(origin, strict=True)
            return MISSING if directive is Directive.DELETE else _fresh_map(rest, schema or keys.of(rest))
        case list() if schema is not None and schema.keys is not None:
            wanted, items = of_list(origin)
            return MISSING if wanted is Directive.DELETE else _fresh_list(items, schema)
    return origin


def _fresh_map(origin: dict[str, Value], schema: Schema | None) -> Value:
    result: dict[str, Value] = {}
    for key in origin:
        value = fresh(origin[key], _field(schema, key))
        if value is not MISSING:
            result[key] = value
    return result


def _fresh_list(origin: list[Value], schema: Schema) -> Value:
    return lists.merge(origin, origin, schema, lambda dest, _origin, below: fresh(dest, below))


def _field(schema: Schema | None, key: str) -> Schema | None:
    return schema.fields.get(key) if schema else None


def _map(dest: Value, origin: Value, schema: Schema | None) -> Value:
    if origin is None:
        return MISSING
    new = dest is MISSING or dest is None
    directive, rest = of_map(origin, strict=not new)
    if directive is Directive.DELETE:
        return MISSING
    if new:
        return _fresh_map(rest, schema)
    if directive is Directive.REPLACE:
        replaced = _fresh_map(rest, schema)
        return dest if same(dest, replaced) else replaced
    return _merged(dest, rest, schema)


def _merged(dest: dict[str, Value], origin: dict[str, Value], schema: Schema | None) -> Value:
    changed: dict[str, Value] | None = None
    base = _rest_kept(dest, origin, schema)
    for key in sorted(origin):
        before = base.get(key, MISSING)
        after = walk(before, origin[key], _field(schema, key))
        if after is before:
            continue
        if changed is None:
            changed = dict(base)
        if after is MISSING:
            changed.pop(key, None)
        else:
            changed[key] = after
    return base if changed is None else changed


def _rest_kept(dest: dict[str, Value], origin: dict[str, Value], schema: Schema | None) -> dict[str, Value]:
    """The map with what the patch does not name kept, as ``kept`` says, and the rest as it is."""
    changed: dict[str, Value] | None = None
    for name, child in schema.fields.items() if schema else ():
        if name in dest and name not in origin:
            value = kept(dest[name], child)
            if value is not dest[name]:
                changed = changed or dict(dest)
                changed[name] = value
    return changed or dest


def _list(dest: Value, origin: Value, schema: Schema | None) -> Value:
    if origin is None:
        return MISSING
    if schema is None or schema.keys is None:
        return dest if dest is not MISSING and same(dest, origin) else origin
    if dest is MISSING or dest is None:
        return _fresh_list(origin, schema)
    directive, rest = of_list(origin)
    match directive:
        case Directive.DELETE:
            return MISSING
        case Directive.REPLACE:
            replaced = _fresh_list(rest, schema)
            return dest if same(dest, replaced) else replaced
    return lists.merge(dest, rest, schema, walk)


def _scalar(dest: Value, origin: Value) -> Value:
    """A field keeps its quotes (FieldSetter in kyaml/yaml/fns.go): a number in the place of a string is a string."""
    if dest is MISSING:
        return origin
    value = text(origin) if type(dest) is str else origin
    return dest if same(dest, value) else value
