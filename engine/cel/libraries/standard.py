"""The standard library, which every environment has (upstream: cel-go common/stdlib/standard.go)."""

from __future__ import annotations

from typing import Final

from engine.cel.functions import Constant, Library
from engine.cel.libraries.standard_conversions import CONVERSIONS
from engine.cel.libraries.standard_operators import OPERATORS
from engine.cel.libraries.standard_texts import TEXTS
from engine.cel.libraries.standard_times import TIMES
from engine.cel.macros import STANDARD
from engine.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    TYPE,
    UINT,
    Kind,
    Type,
    list_of,
    map_of,
    type_of_type,
)

_NAMED_TYPES: Final = {
    "bool": BOOL,
    "bytes": BYTES,
    "double": DOUBLE,
    "dyn": DYN,
    "google.protobuf.Duration": DURATION,
    "google.protobuf.Timestamp": TIMESTAMP,
    "int": INT,
    "list": list_of(DYN),
    "map": map_of(DYN, DYN),
    "null_type": NULL,
    "string": STRING,
    "type": TYPE,
    "uint": UINT,
}


def _named(of: Type) -> Constant:
    return Constant(type_of_type(of) if of.kind is not Kind.TYPE else type_of_type(TYPE), of)


LIBRARY: Final = Library(
    "standard",
    functions=(*OPERATORS, *CONVERSIONS, *TEXTS, *TIMES),
    macros=STANDARD,
    constants={name: _named(of) for name, of in _NAMED_TYPES.items()},
)
"""What every environment has."""
