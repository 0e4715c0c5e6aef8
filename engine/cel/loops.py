"""The macros that walk over lists and maps, one kind of loop each.

Upstream folds; the answers are the same: ``all`` and ``exists`` go on past errors, looking for what decides; the others
end with the first error. What an iteration costs is what its fold would cost upstream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from engine.cel.errors import CostError, EvaluationError
from engine.cel.refusals import go_name, shown
from engine.cel.steps import LEFT, Frame, Step, check_key, no_overload
from engine.cel.syntax import Loop
from engine.cel.values import Value, type_of

OVERHEAD: Final = {
    Loop.ALL: 3,
    Loop.EXISTS: 4,
    Loop.EXISTS_ONE: 0,
    Loop.FILTER: 0,
    Loop.MAP: 12,
    Loop.TRANSFORM_LIST: 12,
    Loop.TRANSFORM_MAP: 3,
    Loop.TRANSFORM_MAP_ENTRY: 2,
}
"""What every iteration costs beyond its body; with a condition, only those that satisfy it."""
AROUND: Final = {
    Loop.ALL: 1,
    Loop.EXISTS: 1,
    Loop.EXISTS_ONE: 2,
    Loop.FILTER: 11,
    Loop.MAP: 11,
    Loop.TRANSFORM_LIST: 11,
    Loop.TRANSFORM_MAP: 31,
    Loop.TRANSFORM_MAP_ENTRY: 31,
}
"""What the loop costs if there is nothing to walk over."""
_COUNTED: Final = 2
"""What ``exists_one`` pays for an element that satisfies."""
_KEPT: Final = 13
"""What ``filter`` pays for an element that it keeps."""

Items = Callable[[Frame], Iterable[Any]]
"""What is walked over: elements or keys; pairs for two variables."""


def items(target: Step) -> Items:
    """A list's elements, a map's keys."""

    def step(frame: Frame) -> Iterable[Any]:
        value = target(frame)
        if value.__class__ is list or isinstance(value, (list, Mapping)):
            return value
        raise EvaluationError(f"got '{go_name(value)}', expected iterable type")

    return step


def pairs(target: Step) -> Items:
    """A list's indices and elements, a map's keys and values."""

    def step(frame: Frame) -> Iterable[Any]:
        value = target(frame)
        if isinstance(value, list):
            return enumerate(value)
        if isinstance(value, Mapping):
            return value.items()
        raise EvaluationError(f"unsupported comprehension range type: {go_name(value)}")

    return step


class Place:
    """Where a loop puts its variables, and what one iteration costs."""

    __slots__ = ("cost", "first", "second")

    def __init__(self, first: int, second: int | None, cost: int) -> None:
        self.first = first
        self.second = second
        self.cost = cost

    def entered(self, body: Step) -> Callable[[Frame, Any], Value]:
        """The body with an item in its place and paid for."""
        first, second, cost = self.first, self.second, self.cost
        if second is not None:
            return self._entered_with_two(body, second)

        def one(frame: Frame, item: Any) -> Value:
            frame[LEFT] -= cost
            if frame[LEFT] < 0:
                raise CostError
            frame[first] = item
            return body(frame)

        return one

    def _entered_with_two(self, body: Step, second: int) -> Callable[[Frame, Any], Value]:
        first, cost = self.first, self.cost

        def two(frame: Frame, item: Any) -> Value:
            frame[LEFT] -= cost
            if frame[LEFT] < 0:
                raise CostError
            frame[first], frame[second] = item
            return body(frame)

        return two


def quantifier(over: Items, place: Place, body: Step, decisive: bool) -> Step:
    """``all`` (False decides) and ``exists`` (True decides)."""
    test = place.entered(body)

    otherwise = not decisive

    def step(frame: Frame) -> bool:
        error: EvaluationError | None = None
        for item in over(frame):
            try:
                value = test(frame, item)
            except EvaluationError as failure:
                if failure.__class__ is CostError:
                    raise
                error = error or failure
                continue
            if value is decisive:
                return not otherwise
            if value.__class__ is not bool:
                error = error or no_overload()
        if error is not None:
            raise error
        return otherwise

    return step


def exists_one(over: Items, place: Place, body: Step) -> Step:
    """Whether exactly one item satisfies; all are looked at."""
    satisfying = _satisfying(over, place, body)

    def step(frame: Frame) -> bool:
        count = sum(1 for _ in satisfying(frame))
        frame[LEFT] -= count * _COUNTED
        return count == 1

    return step


def _satisfying(over: Items, place: Place, condition: Step) -> Items:
    """The items that satisfy, in their places as they come.

    All items are asked even after an error, which is raised in the end: of several the last, as in upstream's fold.
    """
    test = place.entered(condition)

    def step(frame: Frame) -> Iterable[Any]:
        error: EvaluationError | None = None
        for item in over(frame):
            try:
                is_kept = decided(test(frame, item))
            except EvaluationError as failure:
                if failure.__class__ is CostError:
                    raise
                error = failure
                continue
            if is_kept and error is None:
                yield item
        if error is not None:
            raise error

    return step


def decided(value: Value) -> bool:
    """A condition's answer, which must be a bool."""
    if value.__class__ is bool:
        return value is True
    raise no_overload()


def selected(over: Items, place: Place, body: Step) -> Step:
    """``filter``: the items (of a map, the keys) that satisfy."""
    satisfying = _satisfying(over, place, body)

    def step(frame: Frame) -> list[Value]:
        made = list(satisfying(frame))
        frame[LEFT] -= len(made) * _KEPT
        return made

    return step


def mapped(over: Items, place: Place, body: Step, condition: Step | None) -> Step:
    """``map`` and ``transformList``."""
    if condition is None:
        transform = place.entered(body)
        return lambda frame: [transform(frame, item) for item in over(frame)]
    satisfying = _satisfying(over, place, condition)
    return lambda frame: [body(frame) for _ in satisfying(frame)]


def transformed(over: Items, place: Place, body: Step, condition: Step | None) -> Step:
    """``transformMap``: the body's value under the same key."""
    first = place.first

    def insert(frame: Frame, made: dict[Value, Value]) -> None:
        _insert(made, frame[first], body(frame))

    return _gathered(over, place, condition, insert)


def entries(over: Items, place: Place, body: Step, condition: Step | None) -> Step:
    """``transformMapEntry``: the entries of the body's map."""

    def insert(frame: Frame, made: dict[Value, Value]) -> None:
        value = body(frame)
        if not isinstance(value, Mapping):
            raise EvaluationError(f"no such overload: cel.@mapInsert(map, {type_of(value).name})")
        for key in value:
            _insert(made, key, value[key])

    return _gathered(over, place, condition, insert)


def _gathered(
    over: Items, place: Place, condition: Step | None, insert: Callable[[Frame, dict[Value, Value]], None]
) -> Step:
    satisfying = _satisfying(over, place, condition or (lambda _: True))

    def step(frame: Frame) -> dict[Value, Value]:
        made: dict[Value, Value] = {}
        for _ in satisfying(frame):
            insert(frame, made)
        return made

    return step


def _insert(made: dict[Value, Value], key: Value, value: Value) -> None:
    if key.__class__ is not str:
        check_key(made, key)
    if key in made:
        raise EvaluationError(f"insert failed: key {shown(key)} already exists")
    made[key] = value
