"""Which overload a call means (upstream: cel-go common/decls/decls.go, matchesRuntimeSignature)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Overload
from engine.cel.types import Kind, Type
from engine.cel.values import ObjectValue, Value, type_of

_OPEN: Final = frozenset({Kind.DYN, Kind.ANY, Kind.PARAMETER})
_SCALARS: Final = frozenset({Kind.BOOL, Kind.INT, Kind.UINT, Kind.DOUBLE, Kind.STRING, Kind.BYTES})


def is_settled(wanted: Type, given: Type) -> bool:
    """Whether every value of the checked type is one that the signature wants.

    Types that the checker lets null stand for (durations, library types) are never settled.
    """
    if wanted.kind in _OPEN:
        return True
    if wanted.kind is not given.kind:
        return False
    if wanted.kind in _SCALARS:
        return True
    if wanted.kind in (Kind.LIST, Kind.MAP):
        return all(map(is_settled, wanted.parameters, given.parameters))
    return False


def accepts(wanted: Type, value: Value) -> bool:
    """Whether the value is of the type, of a list or map only the first element being asked."""
    if wanted.kind in _OPEN:
        return True
    if wanted.name != type_of(value).name:
        return False
    if wanted.kind is Kind.LIST:
        return not value or accepts(wanted.parameters[0], value[0])
    if wanted.kind is Kind.MAP and isinstance(value, Mapping):
        for key in value:
            return accepts(wanted.parameters[0], key) and accepts(wanted.parameters[1], value[key])
    return True


def _is_of_kind(wanted: Type, value: Value) -> bool:
    return wanted.kind in _OPEN or wanted.name == type_of(value).name


def _needs_values(overload: Overload) -> bool:
    """Whether the classes of the arguments do not decide."""
    return overload.guarded and any(
        inner.kind not in _OPEN
        for wanted in overload.arguments
        if wanted.kind in (Kind.LIST, Kind.MAP)
        for inner in wanted.parameters
    )


class Finder:
    """How a call finds its overload among those of the right arity; ``decided`` is what classes alone decided."""

    __slots__ = ("_by_value", "_name", "_overloads", "decided")

    def __init__(self, name: str, overloads: Sequence[Overload]) -> None:
        self.decided: dict[tuple[type, ...], Overload] = {}
        self._name = name
        self._overloads = overloads
        self._by_value = any(map(_needs_values, overloads))

    def __call__(self, *arguments: Value) -> Overload:
        """The overload that takes the arguments; raises EvaluationError."""
        classes = tuple([argument.__class__ for argument in arguments])
        found = self.decided.get(classes)
        return found or self._search(classes, arguments)

    def _search(self, classes: tuple[type, ...], arguments: tuple[Value, ...]) -> Overload:
        for overload in self._overloads:
            if all(map(accepts if overload.guarded else _is_of_kind, overload.arguments, arguments)):
                if not self._by_value and ObjectValue not in classes:
                    self.decided[classes] = overload
                return overload
        if self._overloads[0].refusal:
            raise EvaluationError(self._overloads[0].refusal)
        signature = ", ".join(type_of(argument).name for argument in arguments)
        raise EvaluationError(f"no such overload: {self._name}({signature})")
