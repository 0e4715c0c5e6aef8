"""Kubernetes' semantic versions as of version 1 (upstream: library/semverlib.go)."""

from __future__ import annotations

from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, free, function, member
from engine.cel.libraries.costs import of_first
from engine.cel.types import BOOL, INT, STRING, Type, object_type
from engine.cel.values import Opaque
from engine.values import version as versions

SEMVER_TYPE: Final = object_type("kubernetes.Semver")
_DIGITS: Final = "0123456789"
_WORD: Final = 1 << 64


class SemverValue(Opaque):
    """A version; ``==`` ignores its build metadata."""

    __slots__ = ("text", "version")
    cel_type: ClassVar[Type] = SEMVER_TYPE

    def __init__(self, text: str) -> None:
        self.text = text
        self.version = versions.parse(text)

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SemverValue) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)


def _semver(text: str, normalize: bool = False) -> SemverValue:
    try:
        return SemverValue(_normalized(text) if normalize else text)
    except ValueError as error:
        raise EvaluationError(str(error)) from None


def _is_semver(text: str, normalize: bool = False) -> bool:
    try:
        _semver(text, normalize)
    except EvaluationError:
        return False
    return True


def _normalized(text: str) -> str:
    """Without ``v`` and leading zeroes, and with all three numbers."""
    parts = [_without_zeroes(part) for part in text.removeprefix("v").split(".", 2)]
    if len(parts) < 3 and any(sign in parts[-1] for sign in "+-"):
        raise ValueError("short version cannot contain PreRelease/Build meta data")
    return ".".join(parts + ["0"] * (3 - len(parts)))


def _without_zeroes(part: str) -> str:
    if len(part) < 2:
        return part
    stripped = part.lstrip("0")
    return stripped if stripped and stripped[0] in _DIGITS else "0" + stripped


def _compare(one: SemverValue, other: SemverValue) -> int:
    return int(one.version > other.version) - int(one.version < other.version)


def _is_greater(one: SemverValue, other: SemverValue) -> bool:
    return one.version > other.version


def _is_less(one: SemverValue, other: SemverValue) -> bool:
    return one.version < other.version


def _int64(number: int) -> int:
    return number if number < _WORD >> 1 else number - _WORD  # upstream turns a uint64 into an int64


def _major(of: SemverValue) -> int:
    return _int64(of.version[0])


def _minor(of: SemverValue) -> int:
    return _int64(of.version[1])


def _patch(of: SemverValue) -> int:
    return _int64(of.version[2])


SEMVER: Final = Library(
    "kubernetes.Semver",
    functions=(
        function(
            "semver",
            free("string_to_semver", (STRING,), SEMVER_TYPE, _semver, of_first()),
            free("string_bool_to_semver", (STRING, BOOL), SEMVER_TYPE, _semver, of_first()),
        ),
        function(
            "isSemver",
            free("is_semver_string", (STRING,), BOOL, _is_semver, of_first()),
            free("is_semver_string_bool", (STRING, BOOL), BOOL, _is_semver, of_first()),
        ),
        function("isGreaterThan", member("semver_is_greater_than", (SEMVER_TYPE, SEMVER_TYPE), BOOL, _is_greater)),
        function("isLessThan", member("semver_is_less_than", (SEMVER_TYPE, SEMVER_TYPE), BOOL, _is_less)),
        function("compareTo", member("semver_compare_to", (SEMVER_TYPE, SEMVER_TYPE), INT, _compare)),
        function("major", member("semver_major", (SEMVER_TYPE,), INT, _major)),
        function("minor", member("semver_minor", (SEMVER_TYPE,), INT, _minor)),
        function("patch", member("semver_patch", (SEMVER_TYPE,), INT, _patch)),
    ),
)
