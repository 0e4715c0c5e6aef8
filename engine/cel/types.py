"""CEL's types as the checker sees them (upstream: cel-go common/types/types.go).

A type at run time has no parameters: ``type([1])`` is ``list``. What one type may stand for another is in
``assignability``.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from msgspec import Struct


class Kind(Enum):
    """The family of a type."""

    ANY = auto()
    BOOL = auto()
    BYTES = auto()
    DOUBLE = auto()
    DURATION = auto()
    DYN = auto()
    ERROR = auto()
    INT = auto()
    LIST = auto()
    MAP = auto()
    NULL = auto()
    OPAQUE = auto()
    PARAMETER = auto()
    STRING = auto()
    STRUCT = auto()
    TIMESTAMP = auto()
    TYPE = auto()
    UINT = auto()


class Type(Struct, frozen=True):
    """A type: its family, its name at run time and the types it is made of."""

    kind: Kind
    name: str
    parameters: tuple[Type, ...] = ()

    def __str__(self) -> str:
        """As cel-go's checker writes it in messages (upstream: checker/format.go, FormatCELType)."""
        name = _WRITTEN.get(self.kind, self.name)
        return f"{name}({', '.join(map(str, self.parameters))})" if self.parameters else name


_WRITTEN: Final = {
    Kind.ANY: "any",
    Kind.DURATION: "duration",
    Kind.ERROR: "!error!",
    Kind.NULL: "null",
    Kind.TIMESTAMP: "timestamp",
}

ANY: Final = Type(Kind.ANY, "google.protobuf.Any")
BOOL: Final = Type(Kind.BOOL, "bool")
BYTES: Final = Type(Kind.BYTES, "bytes")
DOUBLE: Final = Type(Kind.DOUBLE, "double")
DURATION: Final = Type(Kind.DURATION, "google.protobuf.Duration")
DYN: Final = Type(Kind.DYN, "dyn")
ERROR: Final = Type(Kind.ERROR, "error")
INT: Final = Type(Kind.INT, "int")
NULL: Final = Type(Kind.NULL, "null_type")
STRING: Final = Type(Kind.STRING, "string")
TIMESTAMP: Final = Type(Kind.TIMESTAMP, "google.protobuf.Timestamp")
TYPE: Final = Type(Kind.TYPE, "type")
UINT: Final = Type(Kind.UINT, "uint")


def list_of(element: Type) -> Type:
    """``list(element)``."""
    return Type(Kind.LIST, "list", (element,))


def map_of(key: Type, value: Type) -> Type:
    """``map(key, value)``."""
    return Type(Kind.MAP, "map", (key, value))


def optional_of(value: Type) -> Type:
    """``optional_type(value)``."""
    return Type(Kind.OPAQUE, "optional_type", (value,))


def type_of_type(of: Type) -> Type:
    """The type of an identifier that names a type, as ``int``."""
    return Type(Kind.TYPE, "type", (of,))


def opaque(name: str, *parameters: Type) -> Type:
    """A type with functions but no fields, known by its name, as ``net.IP``."""
    return Type(Kind.OPAQUE, name, parameters)


def object_type(name: str) -> Type:
    """A type with fields, known by its name; a ``TypeProvider`` says which fields."""
    return Type(Kind.STRUCT, name)


def parameter(name: str) -> Type:
    """A type parameter of a signature, as ``T`` in ``list(T)``."""
    return Type(Kind.PARAMETER, name)


LIST: Final = list_of(DYN)
MAP: Final = map_of(DYN, DYN)
OPTIONAL: Final = optional_of(DYN)
