"""What one evaluation carries, the limits it keeps to, and the values that only exist while it runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NoReturn, TypeAlias

from msgspec import Struct

from engine.errors import LimitError
from engine.model import Value

MAX_STEPS: Final = 2_000_000
"""Elements that the expressions of one rule may visit, over all their projections and functions."""
MAX_TEXT: Final = 16 * 1024 * 1024
"""Characters in a text that a function builds."""
MAX_NODES: Final = 1_000_000
"""Values inside a value that an expression builds, counting shared parts once per use and 64 characters as one."""


class Runtime(Struct, frozen=True):
    """What functions take from outside: ``clock`` gives an aware datetime, ``random`` a ``random.Random``."""

    clock: Callable[[], datetime]
    random: Callable[[], Any]


class Evaluation:
    """What all expressions of a rule share: their runtime, and how much of their work is done.

    ``spent`` is how many elements they have visited, ``listed`` how many the loops of the rule have listed.
    """

    __slots__ = ("listed", "runtime", "spent")

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.begin()

    def begin(self) -> None:
        """Give what is evaluated from now on all steps again."""
        self.spent = 0
        self.listed = 0

    @property
    def excess(self) -> LimitError | None:
        """The error where too much was spent; it is kept in mind, as some who see it go on without a word."""
        if self.spent <= MAX_STEPS:
            return None
        return LimitError(f"the expressions of a rule visit more than {MAX_STEPS} elements")

    def spend(self, steps: int) -> None:
        """Count elements that are about to be visited; raises LimitError when there are too many."""
        self.spent += steps
        if self.spent > MAX_STEPS and self.excess is not None:
            raise self.excess


class Missing:
    """The answer of a path whose map key is not there: go-jmespath's NotFoundError as a value.

    Whoever swallows it pays no exception; Query turns what is left over into one.
    """

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key


Step: TypeAlias = Callable[[Value, Evaluation], Value]
"""A compiled piece of an expression: the current value in, the answer or a Missing out."""


class ExpRef:
    """An expression as an argument (``&name``)."""

    __slots__ = ("step",)

    def __init__(self, step: Step) -> None:
        self.step = step

    def __repr__(self) -> str:
        return "{expression}"


def is_false(value: Value) -> bool:
    """Go-jmespath's isFalse: null, false and what is empty; never a number."""
    return value is None or value is False or (isinstance(value, (str, list, dict)) and not value)


def deep_equal(left: Value, right: Value, evaluation: Evaluation) -> bool:
    """Go's reflect.DeepEqual on JSON values: ``1`` (int64) is not ``1.0`` (float64), and neither is ``True``."""
    if left is right:
        return True
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        if len(left) != len(right):
            return False
        evaluation.spend(len(left))
        return all(key in right and deep_equal(item, right[key], evaluation) for key, item in left.items())
    if isinstance(left, list):
        if len(left) != len(right):
            return False
        evaluation.spend(len(left))
        return all(deep_equal(one, other, evaluation) for one, other in zip(left, right, strict=True))
    return bool(left == right)


def check_text(length: int) -> None:
    """Refuse a text of that many characters before it is built."""
    if length > MAX_TEXT:
        too_long()


def too_long() -> NoReturn:
    raise LimitError(f"the expression builds a text of more than {MAX_TEXT} characters")


def check_nodes(value: Value, evaluation: Evaluation) -> None:
    """Refuse a value that is larger than MAX_NODES when every shared part counts once per use.

    Lists of the same list, nested, grow exponentially when something walks them.
    """
    nodes = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            nodes += len(item) >> 6
        elif isinstance(item, dict):
            nodes += len(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            nodes += len(item)
            waiting.extend(item)
        if nodes > MAX_NODES:
            raise LimitError(f"the expression builds a value of more than {MAX_NODES} parts")
    evaluation.spend(nodes)
