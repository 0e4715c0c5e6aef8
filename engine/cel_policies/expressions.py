"""Expressions of a policy, compiled at once and refused with their place (upstream: pkg/cel/compiler/compiler.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from engine.cel.environment import Environment, Program
from engine.cel.errors import CompileError, EvaluationError
from engine.cel.functions import Library
from engine.cel.types import BOOL, NULL, STRING, Type
from engine.cel.values import Value
from engine.cel_policies.declared import VariableTypes
from engine.errors import PolicyError
from engine.model import Path


class ExpressionError(PolicyError):
    """An expression that does not compile, or is of the wrong type; ``path`` leads to it from the policy's root.

    ``line`` is the line of the expression in which the first fault is, from 1.
    """

    def __init__(self, path: Path, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.path = path
        self.line = line


class Named(NamedTuple):
    """An expression and what it is called."""

    name: str
    program: Program


class Compiler:
    """Compiles the expressions of one policy, whose variables become known as they are compiled."""

    def __init__(self, base: Environment, variables: VariableTypes) -> None:
        self._variables = variables
        self._environment = base.extend(
            [Library("variables", types=(variables,))], variables={"variables": variables.type}
        )

    def program(self, text: str, path: Path, *wanted: Type) -> Program:
        """An expression that gives one of the wanted types, any where none is named."""
        try:
            program = self._environment.compile(text)
        except CompileError as error:
            raise ExpressionError(path, str(error), error.issues[0].line if error.issues else 1) from error
        if wanted and program.result_type not in wanted:
            names = " or ".join(type_.name for type_ in wanted)
            how = "of type" if len(wanted) == 1 else "either of type"
            raise ExpressionError(path, f"output is expected to be {how} {names}")
        return program

    def conditions(self, entries: Iterable[Mapping[str, str]] | None, path: Path) -> tuple[Program, ...]:
        """``matchConditions`` and what looks like them."""
        return tuple(
            self.program(entry["expression"], (*path, index, "expression"), BOOL)
            for index, entry in enumerate(entries or ())
        )

    def variables(self, entries: Iterable[Mapping[str, str]] | None, path: Path) -> tuple[Named, ...]:
        """Variables, each of which sees those before it."""
        found = []
        for index, entry in enumerate(entries or ()):
            program = self.program(entry["expression"], (*path, index, "expression"))
            self._variables.fields[entry["name"]] = program.result_type
            found.append(Named(entry["name"], program))
        return tuple(found)

    def annotations(self, entries: Iterable[Mapping[str, str]] | None, path: Path) -> tuple[Named, ...]:
        """``auditAnnotations``."""
        return tuple(
            Named(
                entry["key"],
                self.program(entry["valueExpression"], (*path, index, "valueExpression"), STRING, NULL),
            )
            for index, entry in enumerate(entries or ())
        )


class LazyVariables(Mapping[str, Value]):
    """Variables that are computed when they are first read; an error stays what the variable is."""

    __slots__ = ("_compute", "_errors", "_names", "_values")

    def __init__(self, names: Iterable[str], compute: Callable[[str], Value]) -> None:
        self._names = tuple(names)
        self._compute = compute
        self._values: dict[str, Value] = {}
        self._errors: dict[str, EvaluationError] = {}

    def __getitem__(self, name: str) -> Value:
        if name in self._values:
            return self._values[name]
        if name in self._errors:
            raise self._errors[name]
        if name not in self._names:
            raise KeyError(name)
        try:
            value = self._values[name] = self._compute(name)
        except EvaluationError as error:
            self._errors[name] = error
            raise
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def lazily(variables: Iterable[Named], activation: Mapping[str, Value]) -> LazyVariables:
    """The variables of a policy over what an evaluation can read."""
    programs = dict(variables)
    return LazyVariables(programs, lambda name: programs[name].evaluate(activation))


def hold(conditions: Iterable[Program], activation: Mapping[str, Value], *, ignores_errors: bool = False) -> bool:
    """Whether all conditions hold; one that does not goes before those that err (upstream: Policy.match).

    Raises EvaluationError where some err and the errors count; else what errs does not hold.
    """
    errors: list[EvaluationError] = []
    for condition in conditions:
        try:
            if condition.evaluate(activation) is not True:
                return False
        except EvaluationError as error:
            errors.append(error)
    if not errors:
        return True
    if ignores_errors:
        return False
    raise errors[0] if len(errors) == 1 else EvaluationError("; ".join(map(str, errors)))
