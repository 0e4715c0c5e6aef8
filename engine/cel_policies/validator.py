"""Validations as Kubernetes decides them (upstream: apiserver's plugin/policy/validating/validator.go)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

from msgspec import Struct

from engine.cel.environment import Budget, Program
from engine.cel.errors import EvaluationError
from engine.cel.types import BOOL
from engine.cel.values import Value
from engine.cel_policies import origins
from engine.cel_policies.kubernetes_expressions import BUDGET, Expression, KubernetesCompiler, SpentError, unmet
from engine.cel_policies.origins import Texts
from engine.model import Path

_LONGEST_MESSAGE: Final = 5 * 1024


class Verdict(Enum):
    """What one validation says."""

    ADMIT = "admit"
    DENY = "deny"
    ERROR = "error"


class Decision(NamedTuple):
    """A verdict with its words; ``path`` is the place in the resource that the expression looks at first."""

    verdict: Verdict
    message: str = ""
    path: Path = ()


class Validation(Struct, frozen=True):
    """One of ``validations``."""

    expression: Expression
    message: str
    message_expression: Expression | None
    path: Path


class Validator(Struct, frozen=True):
    """The validations of a policy, with its conditions and variables."""

    compiler: KubernetesCompiler
    conditions: tuple[Expression, ...]
    validations: tuple[Validation, ...]
    ignores_errors: bool = False

    def decide(self, read: Mapping[str, Value]) -> Sequence[Decision] | None:
        """The decisions, one for each validation or one that settles all; None where conditions are not met.

        ``read`` is what validations can read; conditions are asked without the namespace.
        """
        try:
            if self.conditions and self._is_unmet(read):
                return None
            budget = Budget(BUDGET)
            full = self._readable(read, budget)
            evaluated = [_evaluated(one.expression, full, budget) for one in self.validations]
        except EvaluationError as error:
            return (Decision(Verdict.ERROR, str(error)),)
        return self._worded(evaluated, read, budget)

    def _is_unmet(self, read: Mapping[str, Value]) -> bool:
        asked = self._readable({**read, "namespaceObject": None}, Budget(BUDGET))
        return unmet(self.conditions, asked, ignores_errors=self.ignores_errors)

    def programs(self) -> Iterator[Program]:
        """All that may be evaluated."""
        messages = [one.message_expression for one in self.validations if one.message_expression is not None]
        checks = [one.expression for one in self.validations]
        for one in (*self.conditions, *self.compiler.named.values(), *checks, *messages):
            if one.program is not None:
                yield one.program

    def _readable(self, read: Mapping[str, Value], budget: Budget) -> dict[str, Value]:
        full = dict(read)
        full["variables"] = self.compiler.lazily(full, budget)
        return full

    def _worded(self, evaluated: Sequence[Value], read: Mapping[str, Value], budget: Budget) -> list[Decision]:
        """The decisions in words. All messages are made, as one of them may spend what is left for all."""
        try:
            messages = self._messages(read, budget)
        except SpentError as error:
            spent = f"failed messageExpression: {error}"
            return [Decision(Verdict.ERROR, str(_error(value) or spent)) for value in evaluated]
        return [
            _decision(one, value, message)
            for one, value, message in zip(self.validations, evaluated, messages, strict=True)
        ]

    def _messages(self, read: Mapping[str, Value], budget: Budget) -> list[str]:
        if not any(one.message_expression for one in self.validations):
            return [""] * len(self.validations)
        full = self._readable(read, budget)
        return [_message(one.message_expression, full, budget) for one in self.validations]


def _error(value: Value) -> EvaluationError | None:
    return value if isinstance(value, EvaluationError) else None


def _evaluated(expression: Expression, read: Mapping[str, Value], budget: Budget) -> Value:
    """The value, or the error; a budget that ends is raised."""
    try:
        return expression.evaluate(read, budget)
    except SpentError:
        raise
    except EvaluationError as error:
        return error


def _message(expression: Expression | None, read: Mapping[str, Value], budget: Budget) -> str:
    """What the expression says, on one line and not too long; else nothing."""
    if expression is None:
        return ""
    value = _evaluated(expression, read, budget)
    text = value.strip() if isinstance(value, str) else ""
    return "" if "\n" in text or len(text.encode()) > _LONGEST_MESSAGE else text


def _decision(validation: Validation, value: Value, message: str) -> Decision:
    if isinstance(value, EvaluationError):
        return Decision(Verdict.ERROR, str(value), validation.path)
    if value is True:
        return Decision(Verdict.ADMIT)
    text = message or validation.message.strip() or f"failed expression: {validation.expression.text.strip()}"
    return Decision(Verdict.DENY, text, validation.path)


def compile(
    spec: Mapping[str, Value],
    compiler: KubernetesCompiler,
    *,
    conditions: Iterable[Mapping[str, str]] | None,
    ignores_errors: bool = False,
    validations: str = "validations",
    message: str = "",
) -> Validator:
    """The validator of a policy, or of a rule's ``cel``, whose ``message`` stands in for those that are missing."""
    compiler.variables(spec.get("variables"))
    texts = {entry["name"]: entry["expression"] for entry in spec.get("variables") or ()}
    found = tuple(_compiled(entry, compiler, texts, message) for entry in spec.get(validations) or ())
    return Validator(compiler, compiler.conditions(conditions), found, ignores_errors)


def _compiled(entry: Mapping[str, str], compiler: KubernetesCompiler, texts: Texts, message: str) -> Validation:
    text = entry.get("messageExpression")
    return Validation(
        expression=compiler.expression(entry["expression"], BOOL),
        message=entry.get("message") or message,
        message_expression=compiler.message(text) if text else None,
        path=origins.of_expression(entry["expression"], texts),
    )
