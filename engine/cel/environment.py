"""Where expressions are compiled: what they may name, and what they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from engine.cel.functions import Library
from engine.cel.types import Type
from engine.cel.values import Value


class Options(Struct, frozen=True):
    """What an environment allows (upstream: cel-go cel/options.go)."""

    homogeneous_literals: bool = False
    """The elements of a list or map literal must have one type (HomogeneousAggregateLiterals)."""
    cross_type_comparison: bool = False
    """``1 < 2.0`` checks (CrossTypeNumericComparisons)."""
    cost_limit: int | None = None
    """What one evaluation may spend unless told otherwise (CostLimit)."""


DEFAULTS = Options()


class Budget:
    """What evaluations may still spend, together (Kubernetes' RuntimeCELCostBudget)."""

    __slots__ = ("remaining",)

    def __init__(self, remaining: int) -> None:
        self.remaining = remaining


class Program:
    """A compiled expression. ``result_type`` is what the checker found, ``text`` what was compiled."""

    text: str
    result_type: Type

    def evaluate(self, variables: Mapping[str, Value], budget: Budget | None = None) -> Value:
        """The expression's value; raises EvaluationError and nothing else.

        Variables are looked up when they are first read, so a Mapping that computes on demand works; what it raises as
        EvaluationError is the variable's error, and a KeyError means that there is none.
        """
        raise NotImplementedError


class Environment:
    """Declarations: the standard library, others' libraries, variables."""

    def __init__(
        self,
        libraries: Sequence[Library] = (),
        variables: Mapping[str, Type] | None = None,
        container: str = "",
        options: Options = DEFAULTS,
    ) -> None:
        self.options = options

    def extend(self, libraries: Sequence[Library] = (), variables: Mapping[str, Type] | None = None) -> Environment:
        """This environment with more declared; what is already known is shared, not built again."""
        raise NotImplementedError

    def compile(self, text: str) -> Program:
        """Parse, check and plan; raises CompileError."""
        raise NotImplementedError
