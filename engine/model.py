"""The values that travel through the engine: all frozen, none knows where it came from.

Numbers carry Go's distinction: a Python ``float`` stands for Go's ``float64``, an ``int`` for ``int64``. The reference
turns every number of a loaded resource into ``float64`` (kyverno.md, trap 1), and results depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import Struct, field

Value: TypeAlias = Any
"""What YAML and JSON can say: None, bool, int, float, str, list of values, dict from str to values."""

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list indices from the root of a value, e.g. ``("spec", "containers", 0, "image")``."""


class Result(StrEnum):
    """The result of a rule, in the words of a PolicyReport."""

    PASS = "pass"  # noqa: S105 - a result, no password
    FAIL = "fail"
    WARN = "warn"
    ERROR = "error"
    SKIP = "skip"


class RuleType(StrEnum):
    """What kind of rule answered (upstream: pkg/engine/api/ruletype.go)."""

    VALIDATION = "Validation"
    MUTATION = "Mutation"
    GENERATION = "Generation"
    IMAGE_VERIFY = "ImageVerify"
    DELETION = "Deletion"


class Action(StrEnum):
    """What a failing rule means to the admission request."""

    AUDIT = "Audit"
    ENFORCE = "Enforce"


class Operation(StrEnum):
    """The admission operation."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    CONNECT = "CONNECT"


class Position(Struct, frozen=True):
    """A place in a file; ``line`` and ``column`` count from 1."""

    line: int
    column: int


class Problem(Struct, frozen=True):
    """Something that could not be read or judged: shown once, never fatal to the rest.

    ``code`` is a stable kebab-case word (``yaml-syntax``, ``duplicate-identity``, ``not-evaluated``), ``message`` says
    what is wrong, ``advice`` what to do. ``line`` and ``column`` count from 1, 0 where there is none.
    """

    code: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    advice: str = ""


class RuleResponse(Struct, frozen=True):
    """The answer of one rule to one resource (upstream: pkg/engine/api/ruleresponse.go).

    ``path`` is the place in the resource that decided, empty for the whole resource. ``patched`` is the whole resource
    after a mutation, None where nothing was patched. ``exceptions`` are keys ``namespace/name``. ``existing`` is the
    violation that was let through because the old object had it already (allowExistingViolations), else None.
    ``target`` is another resource after a mutation, None where none was patched; ``generated`` are resources that a
    generate rule makes. ``verified`` is ``pass``, ``fail`` or ``skip`` by image. ``unjudged``: nobody could be asked,
    for the reason that the message tells; the rule then has no result. ``emptied``: the mutation itself failed, after
    which upstream goes on with an empty resource.
    """

    rule: str
    type: RuleType
    result: Result
    message: str
    path: Path = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    exceptions: tuple[str, ...] = ()
    patched: Value = None
    existing: RuleResponse | None = None
    target: Value = None
    generated: tuple[Value, ...] = ()
    verified: Mapping[str, str] = field(default_factory=dict)
    unjudged: bool = False
    emptied: bool = False
