"""What did not match, and where: cheap to make while walking, written out only if it decides.

Upstream's errors (pkg/engine/anchor/error.go, pkg/engine/validate/validate.go) know their kind by type, or, where
the type was lost, by looking for a phrase in their text; both ways decide results and both are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeAlias

from msgspec import Struct

from engine.model import Path, Value
from engine.values import golang

At: TypeAlias = tuple["At", str | int] | None
"""A place in the resource as a chain to the root, which is None."""


class PatternFailure(Struct, frozen=True):
    """Why a pattern is not satisfied.

    ``skip``: the pattern does not apply to the resource. ``path``: where, as upstream writes it
    (``/spec/containers/0/image/``), empty for a skip and where the rule ends in an error. ``message``: upstream's
    error text. ``keys``: the place itself, also where the path is empty.
    """

    skip: bool
    path: str
    message: str
    keys: Path


Pattern: TypeAlias = Callable[[Value], PatternFailure | None]
"""A compiled pattern: None where the value satisfies it."""


class Kind(Enum):
    """Upstream's types of errors."""

    PLAIN = 0
    CONDITION = 1
    GLOBAL = 2
    NEGATION = 3
    SKIPPED = 4


CONDITION_PHRASE = "conditional anchor mismatch"
GLOBAL_PHRASE = "global anchor mismatch"
NEGATION_PHRASE = "negation anchor matched in resource"


class Mismatch:
    """One place that does not match. ``placed`` is False where upstream loses the path.

    Not a frozen dataclass: it is made on the hot path, and its text is written at most once, when first asked for.
    """

    __slots__ = ("_text", "_write", "at", "kind", "placed")

    def __init__(self, kind: Kind, at: At, write: Callable[[], str], placed: bool = True) -> None:
        self.kind = kind
        self.at = at
        self.placed = placed
        self._write = write
        self._text: str | None = None

    def text(self) -> str:
        """Upstream's error text."""
        if self._text is None:
            self._text = self._write()
        return self._text

    @property
    def skips(self) -> bool:
        """Whether the pattern does not apply, rather than fails."""
        if self.kind is not Kind.PLAIN:
            return self.kind is not Kind.NEGATION
        text = self.text()
        return CONDITION_PHRASE in text or GLOBAL_PHRASE in text

    @property
    def denies(self) -> bool:
        """Whether a key stands that must not; this fails even where another anchor's key is missing."""
        if self.kind is not Kind.PLAIN:
            return self.kind is Kind.NEGATION
        return NEGATION_PHRASE in self.text()


def keys(at: At) -> Path:
    """The place as keys and indices from the root."""
    found: list[str | int] = []
    while at is not None:
        at, key = at
        found.append(key)
    return tuple(reversed(found))


def path(at: At) -> str:
    """The place as upstream writes it, with a slash at both ends."""
    written = "/"
    while at is not None:
        at, key = at
        written = f"/{key}{written}"
    return written


def plain(at: At, text: Callable[[str], str], *, placed: bool = True) -> Mismatch:
    """A mismatch whose text is made from its path."""
    return Mismatch(Kind.PLAIN, at, lambda: text(path(at)), placed)


def unequal(value: Value, pattern: Value, at: At) -> Mismatch:
    """A value that a scalar pattern does not accept."""
    return plain(
        at,
        lambda where: (
            f"resource value '{golang.sprint(value)}' does not match '{golang.sprint(pattern)}' at path {where}"
        ),
    )


def skipped(reasons: Sequence[Mismatch], at: At) -> Mismatch:
    """Several reasons not to apply, joined as go.uber.org/multierr does."""
    return Mismatch(Kind.SKIPPED, at, lambda: "; ".join(reason.text() for reason in reasons))
