"""How the cases of tests/cases/cel write what YAML has no form for.

``{$uint: 1}``, ``{$bytes: base64}``, ``{$timestamp: RFC 3339}``, ``{$duration: nanoseconds}``, ``{$type: name}``,
``{$optional: value}``, ``{$none: true}``, and ``{$map: [[key, value]]}`` for keys that are no texts. An integer is an
int, a float a double. Types are written as cel-go's checker writes them: ``map(string, list(dyn))``.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from engine.cel import types
from engine.cel.moments import read_timestamp
from engine.cel.types import Kind, Type
from engine.cel.values import NONE, Duration, Optional, Uint

_SIMPLE = {
    str(of): of
    for of in (
        *(types.ANY, types.BOOL, types.BYTES, types.DOUBLE, types.DURATION, types.DYN, types.INT),
        *(types.NULL, types.STRING, types.TIMESTAMP, types.TYPE, types.UINT),
    )
}


def value(written: Any) -> Any:
    """The CEL value of a case's notation."""
    if isinstance(written, list):
        return [value(element) for element in written]
    if not isinstance(written, dict):
        return written
    if len(written) == 1 and (name := next(iter(written))).startswith("$"):
        return _SPECIAL[name](written[name])
    return {key: value(element) for key, element in written.items()}


_SPECIAL = {
    "$uint": Uint,
    "$bytes": b64decode,
    "$timestamp": read_timestamp,
    "$duration": Duration,
    "$type": lambda name: Type(Kind.OPAQUE, name),
    "$optional": lambda inner: Optional(value(inner)),
    "$none": lambda _: NONE,
    "$map": lambda pairs: {value(key): value(element) for key, element in pairs},
}


def type_named(written: str) -> Type:
    """The type of a case's notation."""
    name, _, rest = written.partition("(")
    inner = [type_named(part) for part in _split(rest[:-1])] if rest else []
    match name:
        case "list":
            return types.list_of(*inner)
        case "map":
            return types.map_of(*inner)
        case "optional_type":
            return types.optional_of(*inner)
        case "type" if inner:
            return types.type_of_type(*inner)
    return _SIMPLE[name] if name in _SIMPLE else types.opaque(name, *inner)


def _split(text: str) -> list[str]:
    """At the commas outside of parentheses."""
    parts, depth = [""], 0
    for character in re.sub(r",\s*", ",", text):
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same to the type: unlike in CEL, 1 is not 1.0, and NaN is itself."""
    if left.__class__ is not right.__class__:
        return False
    if isinstance(left, float):
        return repr(left) == repr(right)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return len(left) == len(right) and all(key in right and same(left[key], right[key]) for key in left)
    if isinstance(left, Optional):
        return left.present is right.present and same(left.value, right.value)
    if isinstance(left, Type):
        return left.name == right.name
    return bool(left == right)
