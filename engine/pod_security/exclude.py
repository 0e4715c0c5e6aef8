"""Excludes of a policy or a PolicyException (upstream: ApplyPodSecurityExclusion in pkg/pss/evaluate.go).

An exclude is evaluated on a reduced pod - without images, the pod's own fields with one empty container; with images,
only the matching containers - and every error found there takes one equal error off the full pod's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from engine.model import Value
from engine.pod_security.finding import FieldError, Violation
from engine.pod_security.levels import Check, Level
from engine.pod_security.pod import Container, Pod
from engine.values import wildcard

Violations = tuple[tuple[Check, Violation], ...]

_FAKE = Container(("spec", "containers", 0), "fake", {}, None)


class Exclude(Struct, frozen=True):
    """One exclude, compiled: its control, the pod to look at, and which errors it covers."""

    control: str
    reduce: Callable[[Pod], Pod]
    field: str
    values: tuple[wildcard.Matcher, ...]
    by_container: bool

    def covers(self, error: FieldError) -> bool:
        """Whether the error is at the restricted field and holds none but the excluded values."""
        if self.field and error.general != self.field:
            return False
        return not self.values or all(any(matches(bad) for matches in self.values) for bad in error.values)


def compile(raw: Sequence[dict[str, Value]]) -> tuple[Exclude, ...]:
    """The excludes of a list as policies write it: controlName, images, restrictedField, values."""
    return tuple(_exclude(item) for item in raw)


def _exclude(raw: dict[str, Value]) -> Exclude:
    images = tuple(wildcard.compile(image) for image in raw.get("images") or ())
    return Exclude(
        control=raw.get("controlName") or "",
        reduce=_matching(images) if images else _pod_only,
        field=raw.get("restrictedField") or "",
        values=tuple(wildcard.compile(value) for value in raw.get("values") or ()),
        by_container=bool(images),
    )


def _pod_only(pod: Pod) -> Pod:
    return pod.with_containers((_FAKE,))


def _matching(images: tuple[wildcard.Matcher, ...]) -> Callable[[Pod], Pod]:
    return lambda pod: pod.only(lambda image: any(matches(image) for matches in images))


def apply(excludes: Sequence[Exclude], level: Level, pod: Pod, violations: Violations) -> Violations:
    """The violations that are left. They keep their order; upstream's, out of a map, is a matter of chance."""
    for exclude in excludes:
        if violations:
            own = level.of_control(exclude.control)
            violations = _exempt(exclude, own.evaluate(exclude.reduce(pod)), violations)
    return violations


def _exempt(exclude: Exclude, found: Violations, violations: Violations) -> Violations:
    covered = {
        check.id: [error for error in violation.errors if exclude.covers(error)]
        for check, violation in found
        if violation.errors is not None
    }
    left = []
    for check, violation in violations:
        if not covered.get(check.id) or violation.errors is None:
            left.append((check, violation))
            continue
        errors = _without(violation.errors, covered[check.id], exclude.by_container)
        if errors:
            left.append((check, replace(violation, errors=errors)))
    return tuple(left)


def _without(errors: tuple[FieldError, ...], covered: list[FieldError], by_container: bool) -> tuple[FieldError, ...]:
    """Each covered error takes off the first equal one, whose place the last one takes as in upstream's ``remove``."""
    left = list(errors)
    for error in covered:
        for index, other in enumerate(left):
            if error.general == other.general and (
                not by_container or not other.in_container or error.container == other.container
            ):
                left[index] = left[-1]
                left.pop()
                break
    return tuple(left)
