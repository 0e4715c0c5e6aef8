"""Expressions of a policy, compiled at once and refused with their place (upstream: pkg/cel/compiler/compiler.go)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from engine.cel.environment import Environment, Program
from engine.cel.errors import CompileError, EvaluationError
from engine.cel.functions import Library
from engine.cel.types import BOOL, NULL, STRING, Type
from engine.cel.values import Value
from engine.cel_policies.declared import VariableTypes
from engine.errors import PolicyError
from engine.model import Path
from engine.schema import written
from engine.values.golang import quote

T = TypeVar("T")


class ExpressionError(PolicyError):
    """An expression that does not compile, or is of the wrong type; ``path`` leads to it from the policy's root.

    ``line`` is the line of the expression in which the first fault is, from 1. ``words`` are what the reference says
    of it where it names the field (apimachinery's field.Error): ``spec.a: Invalid value: "x": ERROR: ...``.
    """

    def __init__(self, path: Path, message: str, line: int = 1, words: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.line = line
        self.words = words or f"{written(path)}: Invalid value: {message}"


class ExpressionErrors(ExpressionError):
    """All that is wrong in a list of expressions; it stands where the first of ``each`` does."""

    def __init__(self, each: Sequence[ExpressionError]) -> None:
        first = each[0]
        self.each = tuple(each)
        super().__init__(first.path, str(first), first.line, aggregate(dict.fromkeys(error.words for error in each)))


def aggregate(words: Collection[str]) -> str:
    """Several errors in one text, as apimachinery's Aggregate puts them."""
    return next(iter(words)) if len(words) == 1 else f"[{', '.join(words)}]"


def gathered(attempts: Iterable[Callable[[], T]]) -> tuple[T, ...]:
    """What all attempts give; raises ExpressionErrors where some fail, once all were made."""
    found: list[T] = []
    errors: list[ExpressionError] = []
    for attempt in attempts:
        try:
            found.append(attempt())
        except ExpressionError as error:
            errors.append(error)
    if errors:
        raise ExpressionErrors(errors)
    return tuple(found)


class Named(NamedTuple):
    """An expression and what it is called."""

    name: str
    program: Program


def _words(path: Path, text: str, message: str) -> str:
    return f"{written(path)}: Invalid value: {quote(text)}: {message}"


class Compiler:
    """Compiles the expressions of one policy, whose variables become known as they are compiled.

    ``declares_variables`` is False where expressions may not name them.
    """

    def __init__(self, base: Environment, variables: VariableTypes, *, declares_variables: bool = True) -> None:
        self._variables = variables
        declared = {"variables": variables.type} if declares_variables else None
        self._environment = base.extend([Library("variables", types=(variables,))], variables=declared)

    def program(self, text: str, path: Path, *wanted: Type) -> Program:
        """An expression that gives one of the wanted types, any where none is named."""
        try:
            program = self._environment.compile(text)
        except CompileError as error:
            line = error.issues[0].line if error.issues else 1
            raise ExpressionError(path, str(error), line, _words(path, text, str(error))) from error
        if wanted and program.result_type not in wanted:
            names = " or ".join(type_.name for type_ in wanted)
            how = "of type" if len(wanted) == 1 else "either of type"
            message = f"output is expected to be {how} {names}"
            raise ExpressionError(path, message, words=_words(path, text, message))
        return program

    def conditions(self, entries: Iterable[Mapping[str, str]] | None, path: Path) -> tuple[Program, ...]:
        """``matchConditions`` and what looks like them."""
        return tuple(
            self.program(entry["expression"], (*path, index, "expression"), BOOL)
            for index, entry in enumerate(entries or ())
        )

    def every_condition(self, entries: Iterable[Mapping[str, str]] | None, path: Path) -> tuple[Program, ...]:
        """The same; raises ExpressionErrors, which tells of all that do not compile."""
        return gathered(
            partial(self.program, entry["expression"], (*path, index, "expression"), BOOL)
            for index, entry in enumerate(entries or ())
        )

    def variables(self, entries: Iterable[Mapping[str, str]] | None, path: Path) -> tuple[Named, ...]:
        """Variables, each of which sees those before it."""
        return tuple(self._variable(entry, (*path, index)) for index, entry in enumerate(entries or ()))

    def every_variable(self, entries: Iterable[Mapping[str, str]] | None, path: Path) -> tuple[Named, ...]:
        """The same; raises ExpressionErrors, which tells of all that do not compile."""
        return gathered(partial(self._variable, entry, (*path, index)) for index, entry in enumerate(entries or ()))

    def _variable(self, entry: Mapping[str, str], path: Path) -> Named:
        program = self.program(entry["expression"], (*path, "expression"))
        self._variables.fields[entry["name"]] = program.result_type
        return Named(entry["name"], program)

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

    def __init__(self, names: Collection[str], compute: Callable[[str], Value]) -> None:
        self._names = names
        self._compute = compute
        self._values: dict[str, Value] = {}
        self._errors: dict[str, EvaluationError] = {}

    def __getitem__(self, name: str) -> Value:
        try:
            return self._values[name]
        except KeyError:
            return self._computed(name)

    def _computed(self, name: str) -> Value:
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
