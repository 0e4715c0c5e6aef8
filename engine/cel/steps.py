"""What a compiled expression consists of: functions from a frame to a value.

A frame is a list: the variables, what the evaluation may still spend, and then a slot for every variable that the
expression itself introduces. (A list with fixed places is the quickest thing that Python can pass around.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from engine.cel.errors import CostError, EvaluationError
from engine.cel.keys import find_index, select
from engine.cel.refusals import shown
from engine.cel.values import NONE, ObjectValue, Opaque, Optional, Uint, Value, type_of

Frame: TypeAlias = list[Any]
Step: TypeAlias = Callable[[Frame], Value]

VARIABLES: Final = 0
LEFT: Final = 1
SLOTS: Final = 2

UNSET: Final = object()
"""In the slot of a binding that nobody has read yet."""


def charge(frame: Frame, cost: int) -> None:
    """Count what is about to be done; raises CostError."""
    frame[LEFT] -= cost
    if frame[LEFT] < 0:
        raise CostError


def no_overload() -> EvaluationError:
    """What becomes of an operator's operand that is not of its type."""
    return EvaluationError("no such overload")


def constant(value: Value) -> Step:
    """The same value at any time."""
    return lambda _: value


def variable(name: str) -> Step:
    """A variable of the environment, looked up whenever it is read."""

    def step(frame: Frame) -> Value:
        try:
            return frame[VARIABLES][name]
        except KeyError:
            raise EvaluationError(f"no such attribute(s): {name}") from None

    return step


def slot(at: int) -> Step:
    """A loop's variable."""
    return lambda frame: frame[at]


def binding(at: int, compute: Step) -> Step:
    """A binding's variable, computed when first read."""

    def step(frame: Frame) -> Value:
        value = frame[at]
        if value is UNSET:
            value = frame[at] = compute(frame)
        return value

    return step


def selection(operand: Step, fields: tuple[str, ...]) -> Step:
    """``operand.a.b``. Plain maps have the key at once; everything else is looked at again."""
    if len(fields) == 1:
        return _one_field(operand, fields[0])

    def step(frame: Frame) -> Value:
        value = operand(frame)
        try:
            for field in fields:
                value = value[field]
        except (KeyError, TypeError):
            return select_all(operand(frame), fields)
        return value

    return step


def _one_field(operand: Step, field: str) -> Step:
    def step(frame: Frame) -> Value:
        value = operand(frame)
        try:
            return value[field]
        except (KeyError, TypeError):
            return select_one(value, field)

    return step


def path(name: str, fields: tuple[str, ...]) -> Step:
    """``name.a.b`` from a variable of the environment."""
    read = variable(name)

    def step(frame: Frame) -> Value:
        try:
            value = frame[VARIABLES][name]
            for field in fields:
                value = value[field]
        except (KeyError, TypeError):
            return select_all(read(frame), fields)
        return value

    return step


def select_all(value: Value, fields: Iterable[str]) -> Value:
    """One field after the other."""
    for field in fields:
        value = select_one(value, field)
    return value


def select_one(value: Value, field: str) -> Value:
    """A field; of an optional, an optional (upstream: interpreter/attributes.go, applyQualifiers)."""
    return select_optional(value, field) if isinstance(value, Optional) else select(value, field)


def select_optional(value: Value, key: Value) -> Optional:
    """``value.?key``, ``value[?key]``: an optional, also of what is one itself."""
    if isinstance(value, Optional):
        if not value.present:
            return NONE
        value = value.value
    is_found, found = find_index(value, key)
    return Optional(found) if is_found else NONE


def optional_path(operand: Step, fields: tuple[str, ...]) -> Step:
    """``operand.?a.?b``, an optional: through plain maps in one go."""

    def step(frame: Frame) -> Optional:
        start = value = operand(frame)
        for field in fields:
            if value.__class__ is not dict:
                return select_optionals(start, fields)
            if field not in value:
                return NONE
            value = value[field]
        return Optional(value)

    return step


def select_optionals(value: Value, fields: Iterable[str]) -> Optional:
    """One optional field after the other."""
    for field in fields:
        value = select_optional(value, field)
    found: Optional = value
    return found


def presence(operand: Step, field: str) -> Step:
    """``has(operand.field)``."""

    def step(frame: Frame) -> bool:
        value = operand(frame)
        return field in value if value.__class__ is dict else is_present(value, field)

    return step


def is_present(value: Value, field: str) -> bool:
    """Whether there is such a field; what has no fields has none."""
    if isinstance(value, Optional):
        return value.present and is_present(value.value, field)
    if isinstance(value, Mapping):
        return field in value
    if isinstance(value, ObjectValue):
        return field in value.fields
    if isinstance(value, Opaque):
        return value.has_field(field)
    return find_index(value, field)[0]


def list_of(steps: tuple[Step, ...], optional: frozenset[int]) -> Step:
    """``[a, ?b]``."""
    if not optional:
        return lambda frame: [step(frame) for step in steps]

    def step(frame: Frame) -> list[Value]:
        made = []
        for index, element in enumerate(steps):
            value = element(frame)
            if index in optional:
                if not isinstance(value, Optional):
                    raise EvaluationError(
                        f"cannot initialize optional list element from non-optional value {shown(value)}"
                    )
                if not value.present:
                    continue
                value = value.value
            made.append(value)
        return made

    return step


def map_of(entries: tuple[tuple[Step, Step, bool], ...]) -> Step:
    """``{a: b, ?c: d}``."""

    def step(frame: Frame) -> dict[Value, Value]:
        made: dict[Value, Value] = {}
        for key_step, value_step, is_optional in entries:
            key = key_step(frame)
            value = value_step(frame)
            if key.__class__ is not str:
                check_key(made, key)
            if is_optional:
                is_set, value = unwrapped(key, value)
                if not is_set:
                    made.pop(key, None)
                    continue
            made[key] = value
        return made

    return step


def object_of(
    name: str, construct: Callable[[str, Mapping[str, Value]], Value], entries: tuple[tuple[str, Step, bool], ...]
) -> Step:
    """``Name{a: b, ?c: d}``."""

    def step(frame: Frame) -> Value:
        made: dict[str, Value] = {}
        for field, value_step, is_optional in entries:
            value = value_step(frame)
            if is_optional:
                is_set, value = unwrapped(field, value)
                if not is_set:
                    continue
            made[field] = value
        return construct(name, made)

    return step


def unwrapped(key: Value, value: Value) -> tuple[bool, Value]:
    """The value of an entry with a question mark, if it has one."""
    if not isinstance(value, Optional):
        message = f"cannot initialize optional entry '{shown(key)}' from non-optional value {shown(value)}"
        raise EvaluationError(message)
    return value.present, value.value


def check_key(made: Mapping[Value, Value], key: Value) -> None:
    """Refuse keys that Python's dictionaries cannot tell apart as CEL does, or not hold."""
    kind = key.__class__
    if kind is list or isinstance(key, (Mapping, Optional, ObjectValue)):
        raise EvaluationError(f"unsupported key type: {type_of(key).name}")
    if kind in (bool, int, Uint, float) and key in (0, 1):
        for stored in made:
            if stored == key and (stored.__class__ is bool) is not (kind is bool):
                raise EvaluationError("a map cannot have both bool and number keys")
