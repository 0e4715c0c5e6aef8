"""What operators say to values that they have no use for, in cel-go's words."""

from __future__ import annotations

from typing import Final, NoReturn

from engine.cel.errors import EvaluationError
from engine.cel.numerals import shortest
from engine.cel.types import Type
from engine.cel.values import Duration, Optional, Timestamp, Uint, Value


def no_overload() -> NoReturn:
    """What an operator answers to a right operand that it has no use for."""
    raise EvaluationError("no such overload")


def lacking(function: str, left: Value) -> NoReturn:
    """What an operator answers whose left operand does not know it at all (upstream: interpretable.go, evalBinary)."""
    if left.__class__ in _RECEIVERS:
        no_overload()
    raise EvaluationError(f"no such overload: {function}")


_RECEIVERS: Final = frozenset({str, Duration, Timestamp})
"""Types that upstream asks for methods of the operator's name first, which have other words for no."""


_GO_NAMES: Final[dict[type, str]] = {
    bool: "types.Bool",
    int: "types.Int",
    Uint: "types.Uint",
    float: "types.Double",
    str: "types.String",
    bytes: "types.Bytes",
    type(None): "types.Null",
    list: "*types.baseList",
    dict: "*types.baseMap",
    Optional: "*types.Optional",
    Type: "*types.Type",
}


def go_name(value: Value) -> str:
    """The Go type of a value, which some of upstream's errors show."""
    return _GO_NAMES.get(value.__class__, f"types.{value.__class__.__name__}")


def shown(key: Value) -> str:
    """A key in an error's text, as Go's %v."""
    if key.__class__ is bool:
        return "true" if key else "false"
    if key is None:
        return "null"
    if key.__class__ is float:
        return shortest(key, 21)
    return str(key)
