"""Where expressions are compiled: what they may name, and what they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct, structs

from engine.cel.checker import check
from engine.cel.costs import DEFAULT_LIMIT
from engine.cel.declarations import Declarations, merged
from engine.cel.errors import CelError, CompileError, CostError, EvaluationError, Issue
from engine.cel.evaluation import Plan
from engine.cel.functions import Library
from engine.cel.libraries import optionals, standard
from engine.cel.libraries.standard_operators import CROSS_TYPE_OVERLOADS
from engine.cel.parser import parse
from engine.cel.steps import LEFT, Frame
from engine.cel.syntax import Expr
from engine.cel.types import Type
from engine.cel.validation import validate
from engine.cel.values import Value


class Options(Struct, frozen=True):
    """What an environment allows (upstream: cel-go cel/options.go)."""

    homogeneous_literals: bool = False
    """The elements of a list or map literal must have one type (HomogeneousAggregateLiterals)."""
    cross_type_comparison: bool = True
    """``1 < 2.0`` checks (CrossTypeNumericComparisons)."""
    optionals: bool = True
    """Optional values and their syntax (OptionalTypes)."""
    cost_limit: int = DEFAULT_LIMIT
    """What one evaluation may spend (CostLimit); Kubernetes allows ``costs.PER_CALL_LIMIT``."""


DEFAULTS: Final = Options()


class Budget:
    """What evaluations may still spend together (Kubernetes' RuntimeCELCostBudget)."""

    __slots__ = ("remaining",)

    def __init__(self, remaining: int) -> None:
        self.remaining = remaining


class Program:
    """A compiled expression: ``text`` as written, its tree ``root``, and the ``result_type`` that the checker found.

    ``reads`` are the variables, each with the fields read of it, that alone decide its value: ``("object", "spec")``.
    None where something else has a say: the world, time or chance.
    """

    __slots__ = ("_blank", "_cost", "_limit", "_step", "reads", "result_type", "root", "text")

    def __init__(self, text: str, root: Expr, result_type: Type, plan: Plan, limit: int, *, asks: bool = False) -> None:
        self.text = text
        self.reads = None if asks else plan.reads
        self.root = root
        self.result_type = result_type
        self._step = plan.step
        self._limit = limit
        self._cost = plan.cost
        self._blank = [None] * plan.slots

    def evaluate(self, variables: Mapping[str, Value], budget: Budget | None = None) -> Value:
        """The expression's value; raises EvaluationError and nothing else.

        Variables are looked up whenever they are read, so a Mapping that computes on demand works (and should
        remember): what it raises as EvaluationError is the variable's error; a KeyError means that there is none.
        """
        limit = self._limit if budget is None else min(self._limit, budget.remaining)
        frame: Frame = [variables, limit - self._cost, *self._blank]
        if frame[LEFT] < 0:
            raise CostError
        try:
            return self._step(frame)
        except CelError:
            raise
        except RecursionError:
            raise EvaluationError("expression recursion limit exceeded") from None
        except Exception as error:  # a library's mistake must not end the judgement of other policies
            raise EvaluationError(f"internal error: {type(error).__name__}") from error
        finally:
            if budget is not None:
                budget.remaining -= limit - frame[LEFT]


class Environment:
    """Declarations: the standard library, others' libraries, variables. Frozen; ``extend`` makes a new one."""

    def __init__(
        self,
        libraries: Sequence[Library] = (),
        variables: Mapping[str, Type] | None = None,
        container: str = "",
        options: Options = DEFAULTS,
    ) -> None:
        self.options = options
        first = [_comparing(standard.LIBRARY, options), *([optionals.LIBRARY] if options.optionals else [])]
        self.declarations: Declarations = merged([*first, *libraries], variables or {}, container)

    def extend(
        self,
        libraries: Sequence[Library] = (),
        variables: Mapping[str, Type] | None = None,
        options: Options | None = None,
    ) -> Environment:
        """This environment with more declared. (What numbers may be compared is settled by the first one.)"""
        made = Environment.__new__(Environment)
        made.options = options or self.options
        made.declarations = self.declarations.extended(libraries, variables or {})
        return made

    def parse(self, text: str) -> Expr:
        """The tree, macros expanded, nothing checked; raises CompileError."""
        return parse(text, self.declarations.macros, self.options.optionals)

    def compile(self, text: str) -> Program:
        """Parse, check and plan; raises CompileError."""
        try:
            root = self.parse(text)
            checked = check(text, root, self.declarations)
            if self.options.homogeneous_literals or self.declarations.validators:
                validate(text, root, checked, self.declarations, self.options.homogeneous_literals)
            plan = Plan(root, checked)
        except RecursionError:
            raise CompileError(text, [Issue("expression recursion limit exceeded", -1, -1)]) from None
        asks = not plan.called.isdisjoint(self.declarations.asking)
        return Program(text, root, checked.type_of(root), plan, self.options.cost_limit, asks=asks)


def _comparing(library: Library, options: Options) -> Library:
    if options.cross_type_comparison:
        return library
    functions = []
    for one in library.functions:
        kept = tuple(overload for overload in one.overloads if overload.id not in CROSS_TYPE_OVERLOADS)
        functions.append(structs.replace(one, overloads=kept))
    return structs.replace(library, functions=tuple(functions))
