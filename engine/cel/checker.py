"""Types for every node, functions for every call (upstream: cel-go checker/checker.go).

Loops are checked as what they mean, not as the folds that upstream makes of them; their errors are nevertheless told in
terms of those folds, as upstream does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.cel import literal_types, loop_types
from engine.cel.assignability import (
    Substitution,
    instantiate,
    is_dyn,
    is_dyn_or_error,
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
    MapLiteral,
    ObjectLiteral,
    Select,
)
from engine.cel.types import BOOL, DYN, ERROR, Kind, Type, optional_of
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
        self.declarations = declarations
        self.substitution = self.checked.substitution
        self._scope: dict[str, list[Type]] = {}
        """Loop variables by name, the innermost last."""

    def check(self, node: Expr) -> Type:
        """The node's type, which is also noted."""
        found = _CHECKS[node.__class__](self, node)
        self.checked.types[node.id] = found
        return found

    def fail(self, position: int, message: str) -> Type:
        """Note what is wrong; the type of an error."""
        self.issues.append(place(self._text, position, message))
        return ERROR

    def resolved(self, of: Type) -> Type:
        """The type with what is known of its parameters by now."""
        return self.substitution.resolve(of)

    # -- names and fields

    def _literal(self, node: Literal) -> Type:
        return type_of(node.value)

    def _ident(self, node: Ident) -> Type:
        local = self._scope.get(node.name)
        if local:
            return local[-1]
        found = self.declarations.find_name(node.name)
        if found is None:
            return self.undeclared(node, node.name)
        self.checked.names[node.id] = (found[0], found[2])
        return found[1]

    def undeclared(self, node: Expr, name: str) -> Type:
        """Note that there is no such name."""
        container = self.declarations.container
        return self.fail(node.position, f"undeclared reference to '{name}' (in container '{container}')")

    def _select(self, node: Select) -> Type:
        if not node.is_test and not node.is_optional and (name := self._qualified(node)) is not None:
            found = self.declarations.find_name(name)
            if found is not None:
                self.checked.names[node.id] = (found[0], found[2])
                return found[1]
        result = self._field(node)
        return BOOL if node.is_test else self.resolved(result)

    def _qualified(self, node: Expr) -> str | None:
        """The dotted name that a selection may be, unless no such name exists or a loop variable hides it."""
        declarations = self.declarations
        if not (declarations.has_dotted_names or declarations.container or declarations.providers):
            return None
        name = _dotted(node)
        return None if name is None or self._scope.get(name.partition(".")[0]) else name

    def _field(self, node: Select) -> Type:
        operand = self.resolved(self.check(node.operand))
        target, is_optional = unwrap_optional(operand)
        match target.kind:
            case Kind.MAP:
                result = target.parameters[1]
            case Kind.STRUCT:
                result = self.declared_field(node.position, target.name, node.field)
            case Kind.PARAMETER:
                self.substitution.assign(DYN, target)
                result = DYN
            case _:
                if not is_dyn_or_error(target):
                    self.fail(node.position, f"type '{target}' does not support field selection")
                result = DYN
        return optional_of(result) if is_optional or node.is_optional else result

    def declared_field(self, position: int, type_name: str, field: str) -> Type:
        """The type of a field that has to be declared."""
        is_known, found = self.declarations.find_field(type_name, field)
        if not is_known:
            return self.fail(position, f"unexpected failed resolution of '{type_name}'")
        return self.fail(position, f"undefined field '{field}'") if found is None else found

    # -- calls

    def _call(self, node: Call) -> Type:
        arguments = [self.check(argument) for argument in node.arguments]
        if node.target is None:
            callee = self.declarations.find_function(node.function)
            return self.undeclared(node, node.function) if callee is None else self._apply(node, callee, arguments)
        namespaced = self._namespaced(node)
        if namespaced is not None:
            return self._apply(node, namespaced, arguments)
        arguments.insert(0, self.check(node.target))
        callee = self.declarations.find_function(node.function)
        return self.undeclared(node, node.function) if callee is None else self._apply(node, callee, arguments, True)

    def _namespaced(self, node: Call) -> Callee | None:
        """The function whose name starts with what looks like the receiver (``math.greatest``)."""
        prefix = _dotted(node.target)
        return None if prefix is None else self.declarations.find_function(f"{prefix}.{node.function}")

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
                self.substitution.pass_over(len(signature.parameters))
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
            return self.no_overload(node.position, callee.name, arguments, is_member)
        self.checked.calls[node.id] = (callee, tuple(fitting), is_member)
        return result

    def _fits(self, signature: Signature, arguments: list[Type]) -> Type | None:
        """The result type if the arguments fit."""
        overload = signature.overload
        if not signature.parameters:
            return overload.result if self.substitution.assign_all(arguments, overload.arguments) else None
        fresh = {name: self.substitution.fresh() for name in signature.parameters}
        wanted = [instantiate(argument, fresh) for argument in overload.arguments]
        if not self.substitution.assign_all(arguments, wanted):
            return None
        return self.resolved(instantiate(overload.result, fresh))

    def _logical(self, node: Call, callee: Callee, arguments: list[Type]) -> Type:
        result = BOOL
        for argument, of in zip(node.arguments, arguments, strict=True):
            if not self.expect_bool(argument, of):
                result = ERROR
        self.checked.calls[node.id] = (callee, (callee.signatures[0].overload,), False)
        return result

    def expect_bool(self, node: Expr, of: Type) -> bool:
        """Whether the node is a bool; noted where it is none."""
        if self.substitution.assign(of, BOOL):
            return True
        self.mismatch(node, BOOL, of)
        return False

    def mismatch(self, node: Expr, expected: Type, actual: Type) -> Type:
        """Note a node of another type."""
        return self.fail(node.position, f"expected type '{expected}' but found '{actual}'")

    def no_overload(self, position: int, name: str, arguments: Sequence[Type], is_member: bool = False) -> Type:
        """Note that no overload takes these arguments."""
        shown = [str(self.substitution.resolve(argument, is_final=True)) for argument in arguments]
        receiver = f"{shown.pop(0)}." if is_member else ""
        signature = f"{receiver}({', '.join(shown)})"
        return self.fail(position, f"found no matching overload for '{name}' applied to '{signature}'")

    # -- scopes

    def _bind(self, node: Bind) -> Type:
        self.substitution.pass_over(1)  # upstream folds over an empty list
        return self.within({node.variable: self.check(node.value)}, node.body)

    def within(self, variables: dict[str, Type], *nodes: Expr) -> Type:
        """The type of the last node, all of them seeing the variables."""
        for name, of in variables.items():
            self._scope.setdefault(name, []).append(of)
        found = ERROR
        for node in nodes:
            found = self.check(node)
        for name in variables:
            self._scope[name].pop()
        return found


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


_LOGICAL: Final = frozenset({"_&&_", "_||_"})
_CHECKS: Final[dict[type, Callable[[Checker, Any], Type]]] = {
    Literal: Checker._literal,
    Ident: Checker._ident,
    Select: Checker._select,
    Call: Checker._call,
    ListLiteral: literal_types.of_list,
    MapLiteral: literal_types.of_map,
    ObjectLiteral: literal_types.of_object,
    Comprehension: loop_types.of_loop,
    Bind: Checker._bind,
}
