"""Values as CEL would write them, so that a case file can say what comes out."""

from __future__ import annotations

from collections.abc import Mapping

from engine.cel.moments import show_duration, show_timestamp
from engine.cel.types import Type
from engine.cel.values import Duration, Optional, Timestamp, Uint, type_of
from engine.values import golang


def show(value) -> str:
    """``1``, ``1u``, ``1.0``, ``"a"``, ``b"61"`` (in hexadecimal), ``["a"]``, ``{"a": 1}``; others by type and text."""
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case Uint():
            return f"{int(value)}u"
        case int() | float():
            return repr(value)
        case str():
            return golang.quote(value)
        case bytes():
            return f'b"{value.hex()}"'
        case list():
            return f"[{', '.join(map(show, value))}]"
        case Mapping():
            return "{" + ", ".join(sorted(f"{show(key)}: {show(item)}" for key, item in value.items())) + "}"
        case Timestamp():
            return f'timestamp("{show_timestamp(value)}")'
        case Duration():
            return f'duration("{show_duration(value)}")'
        case Optional():
            return f"optional.of({show(value.value)})" if value.present else "optional.none()"
        case Type():
            return value.name
    return f'{type_of(value).name}("{value}")'
