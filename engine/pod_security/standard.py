"""A ``validate.podSecurity`` block, compiled: asked about a resource, it answers with text, properties and place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from engine.model import Path, Value
from engine.pod_security import exclude, message
from engine.pod_security.exclude import Exclude, Violations
from engine.pod_security.levels import Level, level, parse_version
from engine.pod_security.message import Images
from engine.pod_security.pod import Pod, place, read

_NO_RESOURCE = "Error while getting new resource"
_NO_VERSION = "failed to parse pod security api version"


class PodSecurityAnswer(Struct, frozen=True):
    """What the standard says of a resource.

    ``message`` is the rule's message, whether it passes or fails, or the text of the error. ``properties`` are those of
    the report, ``path`` the first offending field of the resource: () where nothing offends, or no field is known.
    """

    allowed: bool
    message: str
    properties: Mapping[str, str] = field(default_factory=dict)
    path: Path = ()
    error: str | None = None


class Memo:
    """Remembers the latest resource, its pod and the pod's violations, for the rules that look at it one after another.

    Holds one resource alive. Its single slot is replaced whole, so threads may share it.
    """

    __slots__ = ("_slot",)

    def __init__(self) -> None:
        self._slot: _Slot | None = None

    def look(self, resource: dict[str, Value], kind: str) -> tuple[Pod | str, dict[int, Violations]]:
        """The pod of a resource, or the text of why it has none, and its violations by the level's id()."""
        slot = self._of(resource, kind)
        return slot.pod, slot.violations

    def content(self, resource: dict[str, Value], kind: str) -> bytes | None:
        """All of a resource that a standard looks at, as plain bytes; None where it has to be decoded first."""
        slot = self._of(resource, kind)
        if slot.content is None and isinstance(slot.pod, Pod) and slot.pod.as_written:
            try:
                slot.content = msgspec.msgpack.encode((kind, slot.pod.annotations, slot.pod.spec))
            except (OverflowError, RecursionError, ValueError):  # such as integers beyond 64 bits
                return None
        return slot.content

    def _of(self, resource: dict[str, Value], kind: str) -> _Slot:
        slot = self._slot
        if slot is None or slot.resource is not resource or slot.kind != kind:
            slot = self._slot = _Slot(resource, kind, read(resource, kind))
        return slot


class _Slot(Struct):
    """One resource and what is known of it; ``violations`` by the level's id()."""

    resource: dict[str, Value]
    kind: str
    pod: Pod | str
    violations: dict[int, Violations] = field(default_factory=dict)
    content: bytes | None = None


def _no_images() -> Mapping[str, Mapping[str, str]]:
    return {}


class Standard(Struct, frozen=True):
    """A level at a version with the excludes of a rule; ``level`` is an error's text where the version is none."""

    rule: str
    name: str
    version: str
    level: Level | str
    excludes: tuple[Exclude, ...]
    passed: PodSecurityAnswer

    def __call__(
        self, resource: dict[str, Value], kind: str, images: Images = _no_images, memo: Memo | None = None
    ) -> PodSecurityAnswer:
        """Judge a resource of a kind. ``images`` are its image references, for the properties of a violation."""
        pod, known = (memo or Memo()).look(resource, kind)
        if isinstance(pod, str):
            return _failed(f"{_NO_RESOURCE}: {pod}")
        if isinstance(self.level, str):
            return _failed(f"{_NO_VERSION}: {self.level}")
        violations = known.get(id(self.level))
        if violations is None:
            violations = known[id(self.level)] = self.level.evaluate(pod)
        if violations and self.excludes:
            violations = exclude.apply(self.excludes, self.level, pod, violations)
        return self._violated(violations, kind, images) if violations else self.passed

    def _violated(self, violations: Violations, kind: str, images: Images) -> PodSecurityAnswer:
        text = message.describe(violations, kind)
        errors = next((violation.errors for _, violation in violations if violation.errors), None)
        return PodSecurityAnswer(
            allowed=False,
            message=f"Validation rule '{self.rule}' failed. "
            f'It violates PodSecurity "{self.name}:{self.version}": {text}',
            properties=message.properties(violations, self.name, self.version, images),
            path=place(errors[0].field, kind) if errors else (),
        )


def _failed(text: str) -> PodSecurityAnswer:
    return PodSecurityAnswer(False, text, error=text)


def compile(pod_security: dict[str, Value], rule: str) -> Standard:
    """Compile the block of a rule: level, version and excludes."""
    name, version = pod_security.get("level") or "", pod_security.get("version") or ""
    try:
        found: Level | str = level(name, parse_version(version))
    except ValueError as error:
        found = str(error)
    return Standard(
        rule=rule,
        name=name,
        version=version,
        level=found,
        excludes=exclude.compile(pod_security.get("exclude") or ()),
        passed=PodSecurityAnswer(True, f"Validation rule '{rule}' passed."),
    )


def with_excludes(standard: Standard, excludes: Sequence[dict[str, Value]]) -> Standard:
    """The same standard with further excludes, such as those of policy exceptions, applied after its own."""
    return replace(standard, excludes=standard.excludes + exclude.compile(excludes))
