"""ValidatingPolicy (upstream: pkg/cel/policies/vpol/{compiler,engine})."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from engine.cel.environment import Environment, Program
from engine.cel.errors import EvaluationError
from engine.cel.types import BOOL, STRING
from engine.cel.values import Value
from engine.cel_policies import constraints, origins, outcome
from engine.cel_policies.constraints import Constraints
from engine.cel_policies.declared import VariableTypes
from engine.cel_policies.expressions import Compiler, Named, hold, lazily
from engine.cel_policies.outcome import CompiledException
from engine.cel_policies.request import CelRequest
from engine.cel_policies.sharing import Shared, looks_at
from engine.cel_records import CelException, CelPolicy
from engine.errors import EngineError
from engine.model import Path, Result, RuleResponse, RuleType

_INDEX: Final = "cel.validationIndex"
_SPEC: Final[Path] = ("spec",)


class Validation(Struct, frozen=True):
    """One of ``validations``; ``path`` is the place in the resource that its expression looks at first."""

    program: Program
    message: str
    message_program: Program | None
    path: Path


class ValidatingPolicy(Struct, frozen=True):
    """A policy ready to be asked; ``matches`` is None for one that judges any JSON document."""

    policy: CelPolicy
    matches: Constraints | None
    conditions: tuple[Program, ...]
    variables: tuple[Named, ...]
    validations: tuple[Validation, ...]
    annotations: tuple[Named, ...]
    exceptions: tuple[CompiledException, ...]
    shared: Shared

    def ask(self, request: CelRequest) -> RuleResponse | None:
        """The response to a request; None where its constraints are not met."""
        if self.matches is None:
            return self._judged(json_activation(request.object))
        try:
            if not self.matches(request.attributes):
                return None
        except EngineError as error:
            return _response(Result.ERROR, f"failed to execute matching: {error}", rule="match")
        return self.shared.answer(request, self._judged)

    def programs(self) -> Iterator[Program]:
        """All that the policy evaluates, but for exceptions."""
        yield from self.conditions
        yield from (one.program for one in (*self.variables, *self.annotations))
        for one in self.validations:
            yield one.program
            if one.message_program is not None:
                yield one.message_program

    def ask_json(self, payload: Value) -> RuleResponse:
        """The response to a JSON document."""
        return self._judged(json_activation(payload))

    def _judged(self, read: dict[str, Value]) -> RuleResponse:
        try:
            exempt = outcome.exempted(self.exceptions, read, ignores_errors=self.policy.ignores_errors)
            if exempt.by:
                return outcome.excepted(exempt.by, RuleType.VALIDATION)
            read["exceptions"] = exempt.allowed
            if self.conditions and not hold(self.conditions, read, ignores_errors=self.policy.ignores_errors):
                return _response(Result.SKIP, "skip")
            read["variables"] = lazily(self.variables, read)
            return self._validated(read)
        except EvaluationError as error:
            return _response(Result.ERROR, f"failed to load context: {error}", rule="evaluation")

    def _validated(self, read: Mapping[str, Value]) -> RuleResponse:
        for index, validation in enumerate(self.validations):
            properties = {_INDEX: str(index)}
            try:
                if validation.program.evaluate(read) is True:
                    continue
                message = message_of(validation, read) or f"CEL expression validation failed at index {index}"
                properties = {_INDEX: str(index), **outcome.annotated(self.annotations, read, "'")}
            except EvaluationError as error:
                return _response(Result.ERROR, f"error: {error}", properties, validation.path)
            return _response(Result.FAIL, message, properties, validation.path)
        return _response(Result.PASS, "success", outcome.annotated(self.annotations, read, "'"))


def message_of(validation: Validation, read: Mapping[str, Value]) -> str:
    """What a validation that fails says, "" where it says nothing."""
    if validation.message_program is None:
        return validation.message
    try:
        return str(validation.message_program.evaluate(read))
    except EvaluationError as error:
        return f"failed to evaluate message expression: {error}"


def _response(
    result: Result, message: str, properties: Mapping[str, str] | None = None, path: Path = (), rule: str = ""
) -> RuleResponse:
    return RuleResponse(
        rule=rule, type=RuleType.VALIDATION, result=result, message=message, path=path, properties=properties or {}
    )


def json_activation(payload: Value) -> dict[str, Value]:
    """What expressions read that judge a JSON document."""
    return {"object": payload, "oldObject": None, "request": None, "namespaceObject": None}


def compile(policy: CelPolicy, exceptions: Iterable[CelException], base: Environment) -> ValidatingPolicy:
    """Compile a policy, or one that autogen made of it; raises ExpressionError and ExceptionFault."""
    spec = policy.spec
    compiler = Compiler(base, VariableTypes("kyverno.variables"))
    conditions = compiler.conditions(spec.get("matchConditions"), (*_SPEC, "matchConditions"))
    variables = compiler.variables(spec.get("variables"), (*_SPEC, "variables"))
    made = ValidatingPolicy(
        policy=policy,
        matches=None if policy.is_json else _constraints(spec),
        conditions=conditions,
        variables=variables,
        validations=validations(spec, compiler),
        annotations=() if policy.is_json else compiler.annotations(spec.get("auditAnnotations"), _AUDIT),
        exceptions=outcome.compile_exceptions(exceptions, compiler),
        shared=Shared(None),
    )
    return made if made.exceptions else replace(made, shared=Shared(looks_at(made.programs())))


_AUDIT: Final[Path] = ("spec", "auditAnnotations")


def _constraints(spec: dict[str, Value]) -> Constraints:
    raw = spec.get("matchConstraints")
    return constraints.never if raw is None else constraints.compile(raw)


def validations(spec: dict[str, Value], compiler: Compiler) -> tuple[Validation, ...]:
    """``validations`` with their messages."""
    texts = {entry["name"]: entry["expression"] for entry in spec.get("variables") or ()}
    found = []
    for index, entry in enumerate(spec.get("validations") or ()):
        path = (*_SPEC, "validations", index)
        program = compiler.program(entry["expression"], (*path, "expression"), BOOL)
        text = entry.get("messageExpression")
        message = compiler.program(text, (*path, "messageExpression"), STRING) if text else None
        place = origins.of_expression(entry["expression"], texts)
        found.append(Validation(program, entry.get("message") or "", message, place))
    return tuple(found)
