"""CEL's values at run time, which are Python's wherever that is possible.

==================  ==================================================================================================
CEL                 Python
==================  ==================================================================================================
bool, null_type     ``bool``, ``None``
int                 ``int`` within 64 bits; whoever computes one passes it through ``checked_int``
uint                ``Uint``, an ``int``; ``checked_uint``
double              ``float``
string, bytes       ``str``, ``bytes``
list                ``list``
map                 ``dict``, or any ``Mapping`` (whose values may be computed on demand)
timestamp           ``Timestamp``
duration            ``Duration``
optional            ``Optional``
type                ``Type``; two are equal if their names are
object              ``ObjectValue``, or a ``dict`` that a variable's declared type describes
a library's         a subclass of ``Opaque``
==================  ==================================================================================================

A resource is used as it is: never copied, converted or changed. Implementations of functions must not change their
arguments either. Values are never asked for Python attributes by name; only keys, elements and ``Opaque.get_field`` are
reachable from an expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeAlias

from msgspec import Struct

from engine.cel.errors import EvaluationError
from engine.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    LIST,
    MAP,
    NULL,
    OPTIONAL,
    STRING,
    TIMESTAMP,
    TYPE,
    UINT,
    Type,
    object_type,
)

Value: TypeAlias = Any
"""One of the above. (A union would have to be taken apart at every use.)"""

INT_MIN: Final = -(1 << 63)
INT_MAX: Final = (1 << 63) - 1
UINT_MAX: Final = (1 << 64) - 1


class Uint(int):
    """An unsigned integer. Python's operators answer plain ``int``: wrap their answers in ``checked_uint``."""

    __slots__ = ()


class Timestamp(Struct, frozen=True, eq=False):
    """A moment between the years 1 and 9999, in nanoseconds since 1970 UTC.

    ``offset`` is how many seconds east of UTC it was written; only ``string(x)`` shows it.
    """

    nanoseconds: int
    offset: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and self.nanoseconds == other.nanoseconds

    def __hash__(self) -> int:
        return hash(self.nanoseconds)


class Duration(Struct, frozen=True, order=True):
    """A span of time in nanoseconds, within 64 bits."""

    nanoseconds: int


class Optional(Struct, frozen=True):
    """``optional.of(value)``, or ``optional.none()``: the one instance NONE."""

    value: Value
    present: bool = True


NONE: Final = Optional(None, present=False)


class Opaque:
    """Base of a library's own values. ``cel_type`` is their type; ``==`` is CEL's equality.

    A subclass with fields overrides ``get_field`` and ``has_field``; nothing else of it is reachable.
    """

    __slots__ = ()
    cel_type: ClassVar[Type]

    def get_field(self, name: str) -> Value:
        """The field's value; raises EvaluationError."""
        raise EvaluationError("no such overload")

    def has_field(self, name: str) -> bool:
        """Whether ``has(x.name)``; raises EvaluationError for what has no fields."""
        raise EvaluationError("no such overload")


class ObjectValue(Struct, frozen=True):
    """What ``Name{field: value}`` makes unless the type's provider makes something else."""

    type_name: str
    fields: Mapping[str, Value]


_TYPES: Final[dict[type, Type]] = {
    bool: BOOL,
    bytes: BYTES,
    float: DOUBLE,
    int: INT,
    str: STRING,
    list: LIST,
    dict: MAP,
    type(None): NULL,
    Uint: UINT,
    Timestamp: TIMESTAMP,
    Duration: DURATION,
    Optional: OPTIONAL,
    Type: TYPE,
}


def type_of(value: Value) -> Type:
    """The type at run time, without parameters; raises EvaluationError for what is no CEL value."""
    found = _TYPES.get(value.__class__)
    if found is not None:
        return found
    if isinstance(value, Opaque):
        return value.cel_type
    if isinstance(value, ObjectValue):
        return object_type(value.type_name)
    if isinstance(value, Mapping):
        return MAP
    raise EvaluationError("unsupported value")


def checked_int(number: int) -> int:
    """The number, or cel-go's overflow error."""
    if INT_MIN <= number <= INT_MAX:
        return number
    raise EvaluationError("integer overflow")


def checked_uint(number: int) -> Uint:
    """The number as uint, or cel-go's overflow error."""
    if 0 <= number <= UINT_MAX:
        return Uint(number)
    raise EvaluationError("unsigned integer overflow")
