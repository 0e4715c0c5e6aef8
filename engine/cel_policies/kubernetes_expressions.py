"""Expressions as Kubernetes' admission plugins compile and evaluate them (upstream: apiserver's admission/plugin/cel).

Unlike Kyverno's own policies, one whose expression does not compile is no worse than one whose expression errs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from engine.cel.environment import Budget, Environment, Program
from engine.cel.errors import CompileError, CostError, EvaluationError, ProgramError
from engine.cel.functions import Library
from engine.cel.types import BOOL, BYTES, DOUBLE, DURATION, DYN, INT, NULL, STRING, TIMESTAMP, UINT, Kind, Type
from engine.cel.values import Value
from engine.cel_policies.declared import VariableTypes
from engine.cel_policies.expressions import LazyVariables

BUDGET: Final = 10_000_000
"""What the validations of a policy may spend together (RuntimeCELCostBudget)."""

CONDITIONS_BUDGET: Final = 2_500_000
"""What its match conditions may (RuntimeCELCostBudgetMatchConditions)."""

_SCALARS: Final = frozenset({BOOL, BYTES, DOUBLE, DURATION, INT, NULL, STRING, TIMESTAMP, UINT})
_SPENT: Final = "validation failed due to running out of cost budget, no further validation rules will be run"


class SpentError(EvaluationError):
    """The budget is spent; nothing more of the policy is asked."""

    def __init__(self) -> None:
        super().__init__(_SPENT)


class Expression(Struct, frozen=True):
    """An expression and what became of it; ``fault`` is why it did not compile."""

    text: str
    program: Program | None
    fault: str = ""
    line: int = 1

    def evaluate(self, read: Mapping[str, Value], budget: Budget) -> Value:
        """Its value; raises EvaluationError with Kubernetes' text, SpentError where the budget ends."""
        if self.program is None:
            raise EvaluationError(f"compilation error: {self.fault}")
        try:
            return self.program.evaluate(read, budget)
        except CostError as error:
            if budget.remaining <= 0:
                raise SpentError from error
            raise self._failed(error) from error
        except EvaluationError as error:
            raise self._failed(error) from error

    def _failed(self, error: EvaluationError) -> EvaluationError:
        return EvaluationError(f"expression '{self.text}' resulted in error: {error}")


class KubernetesCompiler:
    """Compiles the expressions of one policy; variables are typed as Kubernetes types them.

    Messages are compiled in an environment of their own, which knows no authorizer.
    """

    def __init__(self, base: Environment, for_messages: Environment | None = None) -> None:
        self._variables = VariableTypes("kubernetes.variables")
        self._environment = self._extended(base)
        self._for_messages = self._environment if for_messages is None else self._extended(for_messages)
        self.named: dict[str, Expression] = {}

    def _extended(self, base: Environment) -> Environment:
        variables = self._variables
        return base.extend([Library("variables", types=(variables,))], variables={"variables": variables.type})

    def message(self, text: str) -> Expression:
        """A ``messageExpression``."""
        return self._compiled(self._for_messages, text, (STRING,))

    def expression(self, text: str, *wanted: Type) -> Expression:
        """An expression that gives one of the wanted types, any where none is named."""
        return self._compiled(self._environment, text, wanted)

    def _compiled(self, environment: Environment, text: str, wanted: Sequence[Type]) -> Expression:
        try:
            program = environment.compile(text)
        except ProgramError as error:
            return Expression(text, None, f"program instantiation failed: {error}")
        except CompileError as error:
            return Expression(text, None, f"compilation failed: {error}", error.issues[0].line if error.issues else 1)
        if wanted and program.result_type not in wanted:
            names = str(wanted[0]) if len(wanted) == 1 else f"one of [{' '.join(map(str, wanted))}]"
            found = "null_type" if program.result_type == NULL else program.result_type
            return Expression(text, None, f"must evaluate to {names} but got {found}")
        return Expression(text, program)

    def variables(self, entries: Iterable[Mapping[str, str]] | None) -> None:
        """Compile variables; one that does not compile is of any type, and an error where it is read."""
        for entry in entries or ():
            found = self.expression(entry["expression"])
            self.named[entry["name"]] = found
            self._variables.fields[entry["name"]] = _declared(found.program.result_type) if found.program else DYN

    def conditions(self, entries: Iterable[Mapping[str, str]] | None) -> tuple[Expression, ...]:
        """``matchConditions``, or what classic policies call ``celPreconditions``."""
        return tuple(self.expression(entry["expression"], BOOL) for entry in entries or ())

    def lazily(self, read: Mapping[str, Value], budget: Budget) -> LazyVariables:
        """The variables over what an evaluation can read."""

        def compute(name: str) -> Value:
            found = self.named[name]
            if found.program is None:
                raise EvaluationError(f'composited variable "{name}" fails to compile: {found.fault}')
            try:
                return found.program.evaluate(read, budget)
            except EvaluationError as error:
                raise EvaluationError(f'composited variable "{name}" fails to evaluate: {error}') from error

        return LazyVariables(self.named, compute)


def _declared(type_: Type) -> Type:
    """The type as far as Kubernetes keeps it for a variable (upstream: convertCelTypeToDeclType)."""
    if type_ in _SCALARS:
        return type_
    if type_.kind in (Kind.LIST, Kind.MAP):
        return Type(type_.kind, type_.name, tuple(map(_declared, type_.parameters)))
    return DYN


def unmet(conditions: Sequence[Expression], read: Mapping[str, Value], *, ignores_errors: bool) -> bool:
    """Whether match conditions keep a policy from being asked; raises EvaluationError where errors count.

    Upstream: webhook/matchconditions/matcher.go.
    """
    budget = Budget(CONDITIONS_BUDGET)
    errors: list[str] = []
    answers: list[Value] = []
    for condition in conditions:
        try:
            answers.append(condition.evaluate(read, budget))
        except SpentError:
            if ignores_errors:
                return True
            raise
        except EvaluationError as error:
            errors.append(str(error))
    if any(answer is False for answer in answers):
        return True
    if errors and not ignores_errors:
        unique = list(dict.fromkeys(errors))
        raise EvaluationError(unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]")
    return bool(errors)
