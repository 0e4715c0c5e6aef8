"""What a policy in CEL answered, and how exceptions settle it (upstream: handlePolicy of each kind's engine)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from engine.cel.environment import Program
from engine.cel.errors import EvaluationError
from engine.cel.values import Value
from engine.cel_policies.expressions import Compiler, ExpressionError, Named, hold
from engine.cel_records import CelException, CelPolicy
from engine.errors import PolicyError
from engine.model import Action, Path, Result, RuleResponse, RuleType
from engine.resources import Resource

_PRIORITY: Final = "polex.kyverno.io/priority"
_CONDITIONS: Final[Path] = ("spec", "matchConditions")


class CelResponse(Struct, frozen=True):
    """What a policy answered to one resource; ``rules`` has one response, or none.

    ``is_noted`` tells that the reference lists the policy as asked although it had nothing to say; ``is_about_another``
    that the policy patched, or was to patch, a resource that exists.
    """

    policy: CelPolicy
    resource: Resource
    rules: tuple[RuleResponse, ...]
    action: Action
    is_noted: bool = True
    is_about_another: bool = False

    @property
    def is_background(self) -> bool:
        """Whether the policy works after admission."""
        return self.is_about_another or self.policy.family in ("GeneratingPolicy", "DeletingPolicy")


class ExceptionFault(PolicyError):
    """An expression of an exception that does not compile."""

    def __init__(self, exception: CelException, cause: ExpressionError) -> None:
        super().__init__(str(cause))
        self.exception = exception
        self.path = cause.path
        self.line = cause.line
        self.words = cause.words


class CompiledException(Struct, frozen=True):
    """An exception and its conditions."""

    exception: CelException
    conditions: tuple[Program, ...]

    @property
    def is_full(self) -> bool:
        """Whether it exempts altogether, rather than certain images or values."""
        spec = self.exception.spec
        return not spec.get("images") and not spec.get("allowedValues")


class Exempted(Struct, frozen=True):
    """What exceptions say to a request: who exempts it altogether, and what the others allow."""

    by: tuple[CelException, ...]
    images: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def allowed(self) -> Value:
        """What expressions read as ``exceptions``."""
        return {"allowedImages": list(self.images), "allowedValues": list(self.values)}


_NOBODY: Final = Exempted((), (), ())


def compile_exceptions(found: Iterable[CelException], compiler: Compiler) -> tuple[CompiledException, ...]:
    """Compile the conditions of the exceptions that name a policy; raises ExceptionFault."""
    compiled = []
    for exception in found:
        try:
            conditions = compiler.every_condition(exception.spec.get("matchConditions"), _CONDITIONS)
        except ExpressionError as error:
            raise ExceptionFault(exception, error) from error
        compiled.append(CompiledException(exception, conditions))
    return tuple(compiled)


def exempted(
    exceptions: Sequence[CompiledException], activation: Mapping[str, Value], *, ignores_errors: bool = False
) -> Exempted:
    """Ask the exceptions; raises EvaluationError where one errs before another has exempted altogether."""
    if not exceptions:
        return _NOBODY
    held: list[CelException] = []
    images: list[str] = []
    values: list[str] = []
    is_full = False
    for item in exceptions:
        try:
            holds = hold(item.conditions, activation, ignores_errors=ignores_errors)
        except EvaluationError:
            if is_full:
                continue
            raise
        if not holds:
            continue
        held.append(item.exception)
        if item.is_full:
            is_full = True
        elif not is_full:
            images += item.exception.spec.get("images") or ()
            values += item.exception.spec.get("allowedValues") or ()
    return Exempted(tuple(held) if is_full else (), tuple(images), tuple(values))


def excepted(found: Sequence[CelException], kind: RuleType) -> RuleResponse:
    """The response where exceptions exempt; the one of the highest priority says how it is reported."""
    chosen, highest = found[0], 0
    for exception in found:
        priority = _number(exception.labels.get(_PRIORITY, ""))
        if priority > highest:
            chosen, highest = exception, priority
    keys = tuple(exception.key for exception in found)
    passes = chosen.spec.get("reportResult") == "pass"
    how = "passed" if passes else "skipped"
    return RuleResponse(
        rule="exception",
        type=kind,
        result=Result.PASS if passes else Result.SKIP,
        message=f"rule is {how} due to policy exception: {', '.join(keys)}",
        exceptions=keys,
    )


def skipped(found: Sequence[CelException], kind: RuleType) -> RuleResponse:
    """The response where exceptions exempt from a policy that knows no other way to report it."""
    keys = tuple(exception.key for exception in found)
    text = f"rule is skipped due to policy exception: {', '.join(keys)}"
    return RuleResponse("exception", kind, Result.SKIP, text, exceptions=keys)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def annotated(annotations: Iterable[Named], activation: Mapping[str, Value], quote: str) -> dict[str, str]:
    """The audit annotations that are not empty; raises EvaluationError with the name of the one that errs."""
    found = {}
    for name, program in annotations:
        try:
            value = program.evaluate(activation)
        except EvaluationError as error:
            raise EvaluationError(f"failed to evaluate auditAnnotation {quote}{name}{quote}: {error}") from error
        if value is None:
            text = "type conversion error from 'null_type' to 'string'"
            raise EvaluationError(f"failed to convert auditAnnotation {quote}{name}{quote} expression: {text}")
        if value:
            found[name] = value
    return found
