"""The types of lists, maps and objects that are written out (upstream: cel-go checker/checker.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cel.assignability import is_dyn, most_general, unwrap_optional
from engine.cel.syntax import Expr, ListLiteral, MapLiteral, ObjectLiteral
from engine.cel.types import DYN, Kind, Type, list_of, map_of, optional_of

if TYPE_CHECKING:
    from engine.cel.checker import Checker


def of_list(checker: Checker, node: ListLiteral) -> Type:
    """The type of a list."""
    joined: Type | None = None
    for index, element in enumerate(node.elements):
        found = _maybe_optional(checker, element, index in node.optional)
        joined = _join(checker, joined, found)
    return list_of(joined or checker.substitution.fresh())


def of_map(checker: Checker, node: MapLiteral) -> Type:
    """The type of a map."""
    keys: Type | None = None
    values: Type | None = None
    for entry in node.entries:
        assert not isinstance(entry.key, str)
        keys = _join(checker, keys, checker.check(entry.key))
        values = _join(checker, values, _maybe_optional(checker, entry.value, entry.is_optional))
    return map_of(keys or checker.substitution.fresh(), values or checker.substitution.fresh())


def _maybe_optional(checker: Checker, node: Expr, is_optional: bool) -> Type:
    """The type that an element adds; one with a question mark has to be an optional."""
    found = checker.check(node)
    if not is_optional:
        return found
    inner, was_optional = unwrap_optional(found)
    if not was_optional and not is_dyn(inner):
        checker.mismatch(node, optional_of(inner), inner)
    return inner


def _join(checker: Checker, previous: Type | None, current: Type) -> Type:
    if previous is None:
        return current
    return most_general(previous, current) if checker.substitution.assign(previous, current) else DYN


def of_object(checker: Checker, node: ObjectLiteral) -> Type:
    """The type of an object, whose fields are those that are declared."""
    found = checker.declarations.find_object_type(node.type_name)
    if found is None:
        name = checker.declarations.find_name(node.type_name)
        if name is not None and name[1].kind is Kind.TYPE:
            return checker.fail(node.position, f"'{node.type_name}' is not a message type")
        return checker.undeclared(node, node.type_name)
    of, provider = found
    checker.checked.objects[node.id] = (of.name, provider)
    for entry in node.entries:
        assert isinstance(entry.key, str)
        given = _maybe_optional(checker, entry.value, entry.is_optional)
        wanted = checker.declared_field(entry.position, of.name, entry.key)
        if not checker.substitution.assign(wanted, given):
            message = f"expected type of field '{entry.key}' is '{wanted}' but provided type is '{given}'"
            checker.fail(entry.position, message)
    return of
