"""What a control finds in a pod, with the places that are wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from msgspec import Struct

from engine.model import Path
from engine.pod_security.pod import LISTS, Container
from engine.regex import later

Bad: TypeAlias = str | bool | int | tuple[str, ...]
"""A forbidden value; an empty text where the error shows none."""

_DIGITS = later(r"[0-9]+")


class FieldError(Struct, frozen=True):
    """A field of the pod that is ``required`` or holds a forbidden value; ``container`` names its container."""

    field: Path
    bad: Bad = ""
    required: bool = False
    container: str = ""

    @property
    def text(self) -> str:
        """The field as apimachinery's field.Path prints it: ``spec.containers[0].ports[1].hostPort``."""
        if self.field[0] == "metadata":
            return "{}.{}[{}]".format(*self.field)
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.field)[1:]

    @property
    def general(self) -> str:
        """The field with ``*`` for its indices, as policies name it."""
        return _DIGITS.sub("*", self.text)

    @property
    def in_container(self) -> bool:
        """Whether the field belongs to a container."""
        return self.field[1] in LISTS

    @property
    def values(self) -> tuple[str, ...]:
        """The forbidden values as texts, to be held against the values of an exclude."""
        match self.bad:
            case bool():
                return ("true" if self.bad else "false",)
            case tuple():
                return self.bad
        return (str(self.bad),) if self.bad != "" else ()


class Violation(Struct, frozen=True):
    """Why a check forbids the pod. ``errors`` is None for the one check that lists none.

    ``subject`` is what the check's detail text says between "container" and "must": quoted names, from which the
    reference tells the images; None where the detail text has no such place.
    """

    reason: str
    errors: tuple[FieldError, ...] | None
    subject: str | None = None


def in_container(container: Container, *steps: str | int, bad: Bad = "", required: bool = False) -> FieldError:
    """An error at a field of a container."""
    return FieldError((*container.place, *steps), bad, required, container.name)


def in_security(container: Container, *steps: str | int, bad: Bad = "", required: bool = False) -> FieldError:
    """An error at a field of a container's securityContext."""
    return in_container(container, "securityContext", *steps, bad=bad, required=required)


def quoted(names: Iterable[str]) -> str | None:
    """The names as a detail text lists them; None where there are none."""
    return ", ".join(f'"{name}"' for name in names) or None


def names(errors: Iterable[FieldError]) -> str | None:
    """The containers of the errors, in order, as a detail text lists them."""
    return quoted(error.container for error in errors if error.in_container)
