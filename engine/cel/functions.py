"""What a library declares: functions by signature, macros, types and constants.

An implementation gets its arguments as values (see ``values``), the receiver first, and gives a value back. The checker
settles types where it can; where an argument is ``dyn``, the overload is chosen by the values at run time, so an
implementation may rely on the top-level type of its arguments (not on the types of a list's later elements). It raises
EvaluationError and nothing else; and it must do no work that grows faster than ``cost`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from engine.cel.types import Type, object_type
from engine.cel.values import ObjectValue, Value

if TYPE_CHECKING:
    from engine.cel.checker import Checked
    from engine.cel.expansion import Expander
    from engine.cel.syntax import Call, Expr

Implementation = Callable[..., Value]
Cost = Callable[..., int]
"""The arguments to what the call costs, counted before it is done; with the result, after it, if ``paid_after``."""


class Overload(Struct, frozen=True):
    """One signature of a function. ``arguments`` starts with the receiver if it is a ``member`` (``a.f(b)``).

    ``cost`` counts what a call costs, which is 1 where it is None (upstream: runtimecost.go, costCall). ``refusal`` is
    what is said to arguments of other types, if that is not cel-go's usual ``no such overload: name(types)``. Unless it
    is ``guarded``, a list's elements are not asked at run time for their type (upstream: DisableTypeGuards).
    """

    id: str
    arguments: tuple[Type, ...]
    result: Type
    implementation: Implementation
    is_member: bool = False
    cost: Cost | None = None
    refusal: str = ""
    guarded: bool = True
    paid_after: bool = False


class Function(Struct, frozen=True):
    """A name, possibly with dots (``math.greatest``), and its overloads in the order that the checker tries them."""

    name: str
    overloads: tuple[Overload, ...]


class Macro(Struct, frozen=True):
    """A call that is rewritten when it is parsed (upstream: parser/macro.go).

    ``arity`` counts arguments without the receiver, None meaning any number. ``expand`` gets the receiver (None for a
    global macro) and the arguments; None leaves the call as it is; CompileError-worthy misuse is
    ``expander.fail(expression, message)``.
    """

    name: str
    arity: int | None
    is_member: bool
    expand: Callable[[Expander, Expr | None, Sequence[Expr]], Expr | None]


class TypeProvider(Protocol):
    """Knows types with fields (upstream: cel-go common/types/provider.go)."""

    def find_type(self, name: str) -> Type | None:
        """The type of that full name, None if there is none."""

    def find_field(self, type_name: str, field: str) -> Type | None:
        """The field's type, None if the type has no such field."""

    def construct(self, type_name: str, fields: Mapping[str, Value]) -> Value:
        """The value of ``Name{field: value}``; raises EvaluationError."""


class ObjectTypes:
    """Types with fixed fields, by name: the provider for most needs."""

    def __init__(self, types: Mapping[str, Mapping[str, Type]]) -> None:
        self._types = types

    def find_type(self, name: str) -> Type | None:
        """See TypeProvider."""
        return object_type(name) if name in self._types else None

    def find_field(self, type_name: str, field: str) -> Type | None:
        """See TypeProvider."""
        return self._types.get(type_name, {}).get(field)

    def construct(self, type_name: str, fields: Mapping[str, Value]) -> Value:
        """See TypeProvider."""
        return ObjectValue(type_name, fields)


class Constant(Struct, frozen=True):
    """A named value that every expression can read; also a type's name (``type_of_type(t)`` and ``t``)."""

    type: Type
    value: Value


class Complaint(Exception):
    """What a validator finds, at a position in the text; without one it stands for itself, as what programs refuse."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


Validator = Callable[["Call", "Checked"], None]
"""Looks at a call that checks; raises Complaint (upstream: ASTValidator, which a library may bring)."""


class Library(Struct, frozen=True):
    """What is added to an environment at once. A function that others already declare gains overloads.

    ``validators`` look at the calls of the function they stand under. What the functions of one that ``asks`` answer
    is not decided by their arguments: the world, time or chance has a say.
    """

    name: str
    functions: tuple[Function, ...] = ()
    macros: tuple[Macro, ...] = ()
    types: tuple[TypeProvider, ...] = ()
    constants: Mapping[str, Constant] = {}
    variables: Mapping[str, Type] = {}
    validators: Mapping[str, Validator] = {}
    asks: bool = False


def free(
    id: str, arguments: Sequence[Type], result: Type, implementation: Implementation, cost: Cost | None = None
) -> Overload:
    """An overload called as ``f(a, b)``."""
    return Overload(id, tuple(arguments), result, implementation, cost=cost)


def member(
    id: str, arguments: Sequence[Type], result: Type, implementation: Implementation, cost: Cost | None = None
) -> Overload:
    """An overload called as ``a.f(b)``; the receiver's type is the first argument."""
    return Overload(id, tuple(arguments), result, implementation, is_member=True, cost=cost)


def function(name: str, *overloads: Overload) -> Function:
    """A function of these overloads."""
    return Function(name, overloads)
