"""What can be said of ``"...".format([...])`` before it is evaluated (ext/formatting.go, stringFormatValidator)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.cel.checker import Checked
from engine.cel.errors import EvaluationError
from engine.cel.functions import Complaint
from engine.cel.libraries.extensions.formatting import filled, misfit
from engine.cel.syntax import Call, Expr, ListLiteral, Literal, MapLiteral
from engine.cel.types import Kind

_INTEGERS: Final = frozenset({Kind.DYN, Kind.INT, Kind.UINT})
_DOUBLES: Final = frozenset({Kind.DYN, Kind.DOUBLE, Kind.STRING})
_BYTES: Final = _INTEGERS | {Kind.STRING, Kind.BYTES}
_FITTING: Final = {
    "s": _BYTES | {Kind.BOOL, Kind.DOUBLE, Kind.LIST, Kind.MAP, Kind.TIMESTAMP, Kind.DURATION, Kind.TYPE, Kind.NULL},
    "d": _INTEGERS,
    "f": _DOUBLES,
    "e": _DOUBLES,
    "b": _INTEGERS | {Kind.BOOL},
    "x": _BYTES,
    "X": _BYTES,
    "o": _INTEGERS,
}


def check_format(node: Call, checked: Checked) -> None:
    """Refuse a literal text whose clauses do not fit a literal list of arguments."""
    _, overloads, _ = checked.calls[node.id]
    if not isinstance(node.target, Literal) or all(overload.id != "string_format" for overload in overloads):
        return
    arguments = node.arguments[0]
    if not isinstance(arguments, ListLiteral):
        return
    at = node.position

    def fill(letter: str, _precision: int | None, place: int) -> str:
        nonlocal at
        argument = arguments.elements[place]
        for part in _parts(argument) if letter == "s" else (argument,):
            of = checked.type_of(part)
            if of.kind not in _FITTING[letter]:
                at = part.position
                raise misfit(letter, of.name)
        return ""

    try:
        _, taken = filled(node.target.value, len(arguments.elements), fill)
    except EvaluationError as error:
        raise Complaint(str(error), at) from None
    given = len(arguments.elements)
    if given > taken:
        raise Complaint(f"too many arguments supplied to string.format (expected {taken}, got {given})", at)


def _parts(node: Expr) -> Iterator[Expr]:
    """A node and what its literal lists and maps are made of."""
    yield node
    if isinstance(node, ListLiteral):
        for element in node.elements:
            yield from _parts(element)
    elif isinstance(node, MapLiteral):
        for entry in node.entries:
            if not isinstance(entry.key, str):
                yield from _parts(entry.key)
            yield from _parts(entry.value)
