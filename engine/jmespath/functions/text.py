"""How Kyverno's functions make a text of a scalar (ifaceToString in functions.go)."""

from __future__ import annotations

import struct

from engine.errors import QueryError
from engine.model import Value
from engine.values import golang


def of_scalar(value: Value) -> str:
    """A string as it is; a float64 with the shortest digits that a *float32* needs; QueryError for null and lists."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return golang.float_text(_float32(value), "f")
    raise QueryError("error, undefined type cast")


def _float32(number: float) -> float:
    """The float64 that is written like the nearest float32: of all that round to it, the one with fewest digits."""
    try:
        packed = struct.pack("<f", number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
    nearest: float = struct.unpack("<f", packed)[0]
    if nearest == number and number == int(number) and abs(number) < 2**24:
        return number
    for digits in range(1, 9):
        short = float(f"{nearest:.{digits}g}")
        if struct.pack("<f", short) == packed:
            return short
    return float(f"{nearest:.9g}")
