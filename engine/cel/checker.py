"""Types for every node, functions for every call (upstream: cel-go checker/checker.go).

Loops are checked as what they mean, not as the folds that upstream makes of them; their errors are nevertheless told in
terms of those folds, as upstream does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.cel.assignability import (
    Substitution,
    instantiate,
    is_dyn,
    is_dyn_or_error,
    most_general,
    unwrap_optional,
)
from engine.cel.declarations import Callee, Declarations, Signature
from engine.cel.errors import CompileError, Issue
from engine.cel.functions import Constant, Overload, TypeProvider
from engine.cel.lexer import place
from engine.cel.syntax import (
    Bind,
    Call,
    Comprehension,
    Expr,
    Ident,
    ListLiteral,
    Literal,
    Loop,
    MapLiteral,
    ObjectLiteral,
    Select,
)
from engine.cel.types import BOOL, DYN, ERROR, INT, Kind, Type, list_of, map_of, optional_of
from engine.cel.values import type_of


class Checked:
    """What is known of a tree's nodes, by their ids."""

    __slots__ = ("calls", "names", "objects", "substitution", "types")

    def __init__(self) -> None:
        self.substitution = Substitution()
        self.types: dict[int, Type] = {}
        self.names: dict[int, tuple[str, Constant | None]] = {}
        """Identifiers and selections that are a global name: the full name, and its fixed value."""
        self.calls: dict[int, tuple[Callee, tuple[Overload, ...], bool]] = {}
        """Calls: the function, the overloads that may apply, and whether the target is an argument."""
        self.objects: dict[int, tuple[str, TypeProvider]] = {}
        """Object literals: the type's full name and who makes its values."""

    def type_of(self, node: Expr) -> Type:
        """The node's type, nothing left open."""
        return self.substitution.resolve(self.types[node.id], is_final=True)


def check(text: str, root: Expr, declarations: Declarations) -> Checked:
    """The types of a tree; raises CompileError with everything that is wrong."""
    checker = Checker(text, declarations)
    checker.check(root)
    if checker.issues:
        raise CompileError(text, checker.issues)
    return checker.checked


class Checker:
    """One tree being checked."""

    def __init__(self, text: str, declarations: Declarations) -> None:
        self.issues: list[Issue] = []
        self.checked = Checked()
        self._text = text
        self._declarations = declarations
        self._substitution = self.checked.substitution
        self._scope: dict[str, list[Type]] = {}
        """Loop variables by name, the innermost last."""

    def check(self, node: Expr) -> Type:
        """The node's type, which is also noted."""
        found = _CHECKS[node.__class__](self, node)
        self.checked.types[node.id] = found
        return found

    def _fail(self, position: int, message: str) -> Type:
        self.issues.append(place(self._text, position, message))
        return ERROR

    def _resolved(self, of: Type) -> Type:
        return self._substitution.resolve(of)

    # -- names and fields

    def _literal(self, node: Literal) -> Type:
        return type_of(node.value)

    def _ident(self, node: Ident) -> Type:
        local = self._scope.get(node.name)
        if local:
            return local[-1]
        found = self._declarations.find_name(node.name)
        if found is None:
            return self._undeclared(node, node.name)
        self.checked.names[node.id] = (found[0], found[2])
        return found[1]

    def _undeclared(self, node: Expr, name: str) -> Type:
        container = self._declarations.container
        return self._fail(node.position, f"undeclared reference to '{name}' (in container '{container}')")

    def _select(self, node: Select) -> Type:
        if not node.is_test and not node.is_optional and (name := self._qualified(node)) is not None:
            found = self._declarations.find_name(name)
            if found is not None:
                self.checked.names[node.id] = (found[0], found[2])
                return found[1]
        result = self._field(node)
        return BOOL if node.is_test else self._resolved(result)

    def _qualified(self, node: Expr) -> str | None:
        """The dotted name that a selection may be, unless no such name exists or a loop variable hides it."""
        declarations = self._declarations
        if not (declarations.has_dotted_names or declarations.container or declarations.providers):
            return None
        name = _dotted(node)
        return None if name is None or self._scope.get(name.partition(".")[0]) else name

    def _field(self, node: Select) -> Type:
        operand = self._resolved(self.check(node.operand))
        target, is_optional = unwrap_optional(operand)
        match target.kind:
            case Kind.MAP:
                result = target.parameters[1]
            case Kind.STRUCT:
                result = self._declared_field(node.position, target.name, node.field)
            case Kind.PARAMETER:
                self._substitution.assign(DYN, target)
                result = DYN
            case _:
                if not is_dyn_or_error(target):
                    self._fail(node.position, f"type '{target}' does not support field selection")
                result = DYN
        return optional_of(result) if is_optional or node.is_optional else result

    def _declared_field(self, position: int, type_name: str, field: str) -> Type:
        is_known, found = self._declarations.find_field(type_name, field)
        if not is_known:
            return self._fail(position, f"unexpected failed resolution of '{type_name}'")
        return self._fail(position, f"undefined field '{field}'") if found is None else found

    # -- calls

    def _call(self, node: Call) -> Type:
        arguments = [self.check(argument) for argument in node.arguments]
        if node.target is None:
            callee = self._declarations.find_function(node.function)
            return self._undeclared(node, node.function) if callee is None else self._apply(node, callee, arguments)
        namespaced = self._namespaced(node)
        if namespaced is not None:
            return self._apply(node, namespaced, arguments)
        arguments.insert(0, self.check(node.target))
        callee = self._declarations.find_function(node.function)
        return self._undeclared(node, node.function) if callee is None else self._apply(node, callee, arguments, True)

    def _namespaced(self, node: Call) -> Callee | None:
        """The function whose name starts with what looks like the receiver (``math.greatest``)."""
        prefix = _dotted(node.target)
        return None if prefix is None else self._declarations.find_function(f"{prefix}.{node.function}")

    def _apply(self, node: Call, callee: Callee, arguments: list[Type], is_member: bool = False) -> Type:
        if callee.name in _LOGICAL:
            return self._logical(node, callee, arguments)
        result: Type | None = None
        fitting: list[Overload] = []
        for signature in callee.signatures:
            overload = signature.overload
            if overload.is_member is not is_member:
                continue
            if len(overload.arguments) != len(arguments):
                self._substitution.pass_over(len(signature.parameters))
                continue
            given = self._fits(signature, arguments)
            if given is None:
                continue
            fitting.append(overload)
            if result is None:
                result = given
            elif not is_dyn(result) and given != result:
                result = DYN
        if result is None:
            return self._no_overload(node.position, callee.name, arguments, is_member)
        self.checked.calls[node.id] = (callee, tuple(fitting), is_member)
        return result

    def _fits(self, signature: Signature, arguments: list[Type]) -> Type | None:
        """The result type if the arguments fit."""
        overload = signature.overload
        if not signature.parameters:
            return overload.result if self._substitution.assign_all(arguments, overload.arguments) else None
        fresh = {name: self._substitution.fresh() for name in signature.parameters}
        wanted = [instantiate(argument, fresh) for argument in overload.arguments]
        if not self._substitution.assign_all(arguments, wanted):
            return None
        return self._resolved(instantiate(overload.result, fresh))

    def _logical(self, node: Call, callee: Callee, arguments: list[Type]) -> Type:
        result = BOOL
        for argument, of in zip(node.arguments, arguments, strict=True):
            if not self._expect_bool(argument, of):
                result = ERROR
        self.checked.calls[node.id] = (callee, (callee.signatures[0].overload,), False)
        return result

    def _expect_bool(self, node: Expr, of: Type) -> bool:
        if self._substitution.assign(of, BOOL):
            return True
        self._mismatch(node, BOOL, of)
        return False

    def _mismatch(self, node: Expr, expected: Type, actual: Type) -> Type:
        return self._fail(node.position, f"expected type '{expected}' but found '{actual}'")

    def _no_overload(self, position: int, name: str, arguments: Sequence[Type], is_member: bool = False) -> Type:
        shown = [str(self._substitution.resolve(argument, is_final=True)) for argument in arguments]
        receiver = f"{shown.pop(0)}." if is_member else ""
        signature = f"{receiver}({', '.join(shown)})"
        return self._fail(position, f"found no matching overload for '{name}' applied to '{signature}'")

    # -- literals of more than one part

    def _list(self, node: ListLiteral) -> Type:
        joined: Type | None = None
        for index, element in enumerate(node.elements):
            found = self._maybe_optional(element, index in node.optional)
            joined = self._join(joined, found)
        return list_of(joined or self._substitution.fresh())

    def _map(self, node: MapLiteral) -> Type:
        keys: Type | None = None
        values: Type | None = None
        for entry in node.entries:
            assert not isinstance(entry.key, str)
            keys = self._join(keys, self.check(entry.key))
            values = self._join(values, self._maybe_optional(entry.value, entry.is_optional))
        return map_of(keys or self._substitution.fresh(), values or self._substitution.fresh())

    def _maybe_optional(self, node: Expr, is_optional: bool) -> Type:
        """The type that an element adds; one with a question mark has to be an optional."""
        found = self.check(node)
        if not is_optional:
            return found
        inner, was_optional = unwrap_optional(found)
        if not was_optional and not is_dyn(inner):
            self._mismatch(node, optional_of(inner), inner)
        return inner

    def _join(self, previous: Type | None, current: Type) -> Type:
        if previous is None:
            return current
        return most_general(previous, current) if self._substitution.assign(previous, current) else DYN

    def _object(self, node: ObjectLiteral) -> Type:
        found = self._declarations.find_object_type(node.type_name)
        if found is None:
            name = self._declarations.find_name(node.type_name)
            if name is not None and name[1].kind is Kind.TYPE:
                return self._fail(node.position, f"'{node.type_name}' is not a message type")
            return self._undeclared(node, node.type_name)
        of, provider = found
        self.checked.objects[node.id] = (of.name, provider)
        for entry in node.entries:
            assert isinstance(entry.key, str)
            given = self._maybe_optional(entry.value, entry.is_optional)
            wanted = self._declared_field(entry.position, of.name, entry.key)
            if not self._substitution.assign(wanted, given):
                message = f"expected type of field '{entry.key}' is '{wanted}' but provided type is '{given}'"
                self._fail(entry.position, message)
        return of

    # -- scopes

    def _bind(self, node: Bind) -> Type:
        self._substitution.pass_over(1)  # upstream folds over an empty list
        return self._within({node.variable: self.check(node.value)}, node.body)

    def _within(self, variables: dict[str, Type], *nodes: Expr) -> Type:
        """The type of the last node, all of them seeing the variables."""
        for name, of in variables.items():
            self._scope.setdefault(name, []).append(of)
        found = ERROR
        for node in nodes:
            found = self.check(node)
        for name in variables:
            self._scope[name].pop()
        return found

    def _comprehension(self, node: Comprehension) -> Type:
        variables = self._loop_variables(node, self._resolved(self.check(node.target)))
        gathered, folded = _FOLDS[node.loop]
        accumulator = [self._substitution.fresh() for _ in range(gathered)]
        before = [node.condition] if node.condition else []
        body = self._resolved(self._within(variables, *before, node.body))
        self._substitution.pass_over(folded + len(before))
        match node.loop:
            case Loop.ALL | Loop.EXISTS:
                self._expect_bool(node.body, body)
                return BOOL
            case Loop.EXISTS_ONE:
                self._decides(node, node.body, INT)
                return BOOL
            case Loop.FILTER:
                result = list_of(variables[node.variable])
                self._decides(node, node.body, result)
                return result
            case Loop.MAP | Loop.TRANSFORM_LIST:
                result = list_of(body)
            case Loop.TRANSFORM_MAP:
                result = map_of(variables[node.variable], body)
            case Loop.TRANSFORM_MAP_ENTRY:
                result = self._entries(node, map_of(*accumulator), body)
        if node.condition:
            self._decides(node, node.condition, result)
        return result

    def _entries(self, node: Comprehension, result: Type, body: Type) -> Type:
        if not self._substitution.assign(body, result):
            self._no_overload(node.position, "cel.@mapInsert", (result, body))
        return self._resolved(result)

    def _decides(self, node: Comprehension, condition: Expr, result: Type) -> None:
        """The condition of the ternary that upstream makes of a filter."""
        found = self.checked.types[condition.id]
        if not self._substitution.assign(found, BOOL):
            self._no_overload(node.position, "_?_:_", (found, result, result))

    def _loop_variables(self, node: Comprehension, over: Type) -> dict[str, Type]:
        match over.kind:
            case Kind.LIST:
                first, second = (INT, over.parameters[0]) if node.second else (over.parameters[0], DYN)
            case Kind.MAP:
                first, second = over.parameters
            case Kind.DYN | Kind.ERROR | Kind.PARAMETER:
                self._substitution.assign(DYN, over)
                first = second = DYN
            case _:
                message = f"expression of type '{over}' cannot be range of a comprehension"
                first = second = self._fail(node.target.position, f"{message} (must be list, map, or dynamic)")
        return {node.variable: first, node.second: second} if node.second else {node.variable: first}


def _dotted(node: Expr | None) -> str | None:
    """``a.b.c`` as a text, None for what is no chain of plain names."""
    fields: list[str] = []
    while isinstance(node, Select) and not node.is_test and not node.is_optional:
        fields.append(node.field)
        node = node.operand
    if not isinstance(node, Ident):
        return None
    fields.append(node.name)
    return ".".join(reversed(fields))


_FOLDS: Final = {
    Loop.ALL: (0, 0),
    Loop.EXISTS: (0, 0),
    Loop.EXISTS_ONE: (0, 3),
    Loop.FILTER: (1, 2),
    Loop.MAP: (1, 1),
    Loop.TRANSFORM_LIST: (1, 1),
    Loop.TRANSFORM_MAP: (2, 4),
    Loop.TRANSFORM_MAP_ENTRY: (2, 4),
}
"""Type parameters that upstream's folds introduce before and after the body; their numbers show in messages."""
_LOGICAL: Final = frozenset({"_&&_", "_||_"})
_CHECKS: Final[dict[type, Callable[[Checker, Any], Type]]] = {
    Literal: Checker._literal,
    Ident: Checker._ident,
    Select: Checker._select,
    Call: Checker._call,
    ListLiteral: Checker._list,
    MapLiteral: Checker._map,
    ObjectLiteral: Checker._object,
    Comprehension: Checker._comprehension,
    Bind: Checker._bind,
}
