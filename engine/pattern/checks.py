"""The shape that all compiled parts of a pattern share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from engine.model import Value
from engine.pattern.failure import At, Mismatch

Resource: TypeAlias = dict[str, Value]


class Run:
    """What one walk remembers; a pattern that needs no memory shares one.

    ``seen``: per anchored key, as written, whether any map that was visited so far has it (upstream:
    anchor/anchormap.go). ``expanded``: per map with wildcards in its metadata, the metadata as the last visit left it.
    """

    __slots__ = ("expanded", "seen")

    def __init__(self) -> None:
        self.seen: dict[str, bool] = {}
        self.expanded: dict[object, Any] = {}


Check: TypeAlias = Callable[[Value, At, Run], Mismatch | None]
"""A compiled pattern of one value: the value, its place, the run."""

Step: TypeAlias = Callable[[Resource, At, Run], Mismatch | None]
"""A compiled key of a map pattern: the map that should satisfy it, the map's place, the run."""

Element: TypeAlias = Callable[[Value], Check]
"""The compiler of a pattern of any type."""
