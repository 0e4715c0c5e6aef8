"""Words for what is wrong, as Kubernetes and the reference put them."""

from __future__ import annotations

from engine.documents import Document
from engine.model import Path, Problem
from engine.schema import Fault, written

INVALID_POLICY = "invalid-policy"


def invalid(message: str, *path: str | int) -> Fault:
    """A fault in the reference's words."""
    return Fault(INVALID_POLICY, message, path)


def problem(document: Document, base: Path, fault: Fault) -> Problem:
    """The fault as a problem at its place; ``base`` is where the policy stands in its document."""
    place = document.position((*base, *fault.path))
    return Problem(fault.code, fault.message, document.file, place.line, place.column, fault.advice)


def bad_value(path: Path, detail: str, value: str | None = None) -> Fault:
    """A value that is not allowed (field.Invalid); the value of a whole object is left out of the text."""
    shown = "" if value is None else f' "{value}":'
    return invalid(f"{written(path)}: Invalid value:{shown} {detail}", *path)


def forbidden(path: Path, detail: str) -> Fault:
    """Something that must not be there (field.Forbidden)."""
    return invalid(f"{written(path)}: Forbidden: {detail}", *path)


def required(path: Path, detail: str = "") -> Fault:
    """Something that must be there (field.Required)."""
    return invalid(f"{written(path)}: Required value" + (f": {detail}" if detail else ""), *path)
