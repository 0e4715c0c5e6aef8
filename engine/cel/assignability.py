"""What type may stand for another, and what type parameters then are (upstream: cel-go checker/types.go)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.cel.types import DYN, Kind, Type

_DYNAMIC: Final = frozenset({Kind.DYN, Kind.ANY})
_DYNAMIC_OR_ERROR: Final = frozenset({Kind.DYN, Kind.ANY, Kind.ERROR})
_COMPOUND: Final = frozenset({Kind.OPAQUE, Kind.LIST, Kind.MAP})
_NULLABLE: Final = frozenset({Kind.OPAQUE, Kind.STRUCT, Kind.ANY, Kind.DURATION, Kind.TIMESTAMP, Kind.NULL})


def is_dyn(of: Type) -> bool:
    """Whether anything may stand there."""
    return of.kind in _DYNAMIC


def is_dyn_or_error(of: Type) -> bool:
    """Whether the checker asks nothing of it."""
    return of.kind in _DYNAMIC_OR_ERROR


def unwrap_optional(of: Type) -> tuple[Type, bool]:
    """The type inside an optional, and whether it was one."""
    if of.kind is Kind.OPAQUE and of.name == "optional_type":
        return of.parameters[0], True
    return of, False


def most_general(left: Type, right: Type) -> Type:
    """The more general of two types that unify."""
    return left if _is_less_specific(left, right) else right


def _is_less_specific(left: Type, right: Type) -> bool:
    if left.kind in _DYNAMIC or left.kind is Kind.PARAMETER:
        return True
    if right.kind in _DYNAMIC or right.kind is Kind.PARAMETER or left.kind is not right.kind:
        return False
    if left.kind is Kind.TYPE:
        return True
    if left.kind in _COMPOUND:
        return (
            left.name == right.name
            and len(left.parameters) == len(right.parameters)
            and all(map(_is_less_specific, left.parameters, right.parameters))
        )
    return left == right


class Substitution:
    """What the type parameters met so far stand for."""

    __slots__ = ("_bound", "_fresh")

    def __init__(self) -> None:
        self._bound: dict[Type, Type] = {}
        self._fresh = 0

    def fresh(self) -> Type:
        """A type parameter that nothing is known of."""
        self._fresh += 1
        return Type(Kind.PARAMETER, f"_var{self._fresh - 1}")

    def pass_over(self, count: int) -> None:
        """Leave numbers out, which upstream gives to parameters that do not matter."""
        self._fresh += count

    def assign(self, source: Type, target: Type) -> bool:
        """Whether ``source`` may stand for ``target``; if so, what that says of parameters is kept."""
        return self.assign_all((source,), (target,))

    def assign_all(self, sources: Sequence[Type], targets: Sequence[Type]) -> bool:
        """As ``assign`` for pairs, all or nothing."""
        saved = self._bound.copy()
        if self._all(sources, targets):
            return True
        self._bound = saved
        return False

    def _all(self, sources: Sequence[Type], targets: Sequence[Type]) -> bool:
        if len(sources) != len(targets):
            return False
        for source, target in zip(sources, targets, strict=True):
            if source is not target and not self._assignable(source, target):
                return False
        return True

    def _assignable(self, source: Type, target: Type) -> bool:
        kind, wanted = source.kind, target.kind
        if wanted is Kind.PARAMETER:
            is_valid, is_bound = self._substitutes(source, target)
            if is_valid or is_bound:
                return is_valid
        if kind is Kind.PARAMETER:
            return self._substitutes(target, source)[0]
        if kind in _DYNAMIC_OR_ERROR or wanted in _DYNAMIC_OR_ERROR:
            return True
        if kind is Kind.NULL:
            return wanted in _NULLABLE
        if wanted is Kind.NULL:
            return kind in _NULLABLE
        if kind is not wanted:
            return False
        if kind is Kind.TYPE:
            return True
        return source.name == target.name and self._all(source.parameters, target.parameters)

    def _substitutes(self, source: Type, parameter: Type) -> tuple[bool, bool]:
        """Whether ``source`` can be what the parameter stands for, and whether it already stands for something."""
        if source == parameter:
            return True, True
        bound = self._bound.get(parameter)
        if bound is not None:
            if source == bound:
                return True, True
            if not self._assignable(source, bound):
                return False, True
            general = most_general(source, bound)
            if self._is_absent(parameter, general):
                self._bound[parameter] = general
            return True, True
        if self._is_absent(parameter, source):
            self._bound[parameter] = source
            return True, False
        return False, False

    def _is_absent(self, parameter: Type, within: Type) -> bool:
        """The occurs check."""
        if parameter == within:
            return False
        if within.kind is Kind.PARAMETER:
            bound = self._bound.get(within)
            return bound is None or self._is_absent(parameter, bound)
        return all(self._is_absent(parameter, inner) for inner in within.parameters)

    def resolve(self, of: Type, is_final: bool = False) -> Type:
        """The type with known parameters in their place; with ``is_final`` unknown ones become ``dyn``."""
        while of.kind is Kind.PARAMETER:
            bound = self._bound.get(of)
            if bound is None:
                return DYN if is_final else of
            of = bound
        if not of.parameters:
            return of
        inner = tuple([self.resolve(parameter, is_final) for parameter in of.parameters])
        return of if inner == of.parameters else Type(of.kind, of.name, inner)


def instantiate(of: Type, names: dict[str, Type]) -> Type:
    """A signature's type with its parameters replaced."""
    if of.kind is Kind.PARAMETER:
        return names[of.name]
    if not of.parameters:
        return of
    return Type(of.kind, of.name, tuple([instantiate(inner, names) for inner in of.parameters]))


def parameter_names(types: Sequence[Type]) -> frozenset[str]:
    """The type parameters that occur."""
    found: set[str] = set()
    for of in types:
        if of.kind is Kind.PARAMETER:
            found.add(of.name)
        found |= parameter_names(of.parameters)
    return frozenset(found)
