"""MutatingPolicy (upstream: pkg/cel/policies/mpol/{compiler,engine})."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from engine.cel.environment import Environment, Program
from engine.cel.errors import EvaluationError
from engine.cel.values import Value
from engine.cel_policies import constraints, outcome, patches
from engine.cel_policies.constraints import Constraints
from engine.cel_policies.declared import VariableTypes
from engine.cel_policies.expressions import Compiler, Named, hold, lazily
from engine.cel_policies.outcome import CompiledException
from engine.cel_policies.patches import Patcher
from engine.cel_policies.request import CelRequest
from engine.cel_records import CelException, CelPolicy
from engine.errors import EngineError
from engine.model import Path, Result, RuleResponse, RuleType
from engine.patch.structured.types import Schemas

_SPEC: Final[Path] = ("spec",)


class MutatingPolicy(Struct, frozen=True):
    """A policy ready to be asked."""

    policy: CelPolicy
    matches: Constraints
    conditions: tuple[Program, ...]
    variables: tuple[Named, ...]
    patchers: tuple[Patcher, ...]
    annotations: tuple[Named, ...]
    exceptions: tuple[CompiledException, ...]

    def ask(self, request: CelRequest) -> RuleResponse | None:
        """The response to a request, with the patched object; None where its constraints are not met."""
        try:
            if not self.matches(request.attributes):
                return None
        except EngineError as error:
            return RuleResponse("match", RuleType.VALIDATION, Result.ERROR, f"failed to execute matching: {error}")
        try:
            return self._mutated(request.readable_for_mutation())
        except (EvaluationError, EngineError) as error:
            return _response(Result.ERROR, f"failed to evaluate policy: {error}", rule="evaluation")

    def _mutated(self, read: dict[str, Value]) -> RuleResponse:
        exempt = outcome.exempted(self.exceptions, read)
        if exempt.by:
            return outcome.excepted(exempt.by, RuleType.MUTATION)
        read["exceptions"] = exempt.allowed
        read["variables"] = lazily(self.variables, read)
        if not hold(self.conditions, read):
            return _response(Result.SKIP, "skip")
        for patch in self.patchers:
            read["object"] = patch(read, read["object"])
        properties = outcome.annotated(self.annotations, read, '"')
        return _response(Result.PASS, "success", properties, patched=read["object"])


def _response(
    result: Result, message: str, properties: Mapping[str, str] | None = None, rule: str = "", patched: Value = None
) -> RuleResponse:
    return RuleResponse(
        rule=rule,
        type=RuleType.MUTATION,
        result=result,
        message=message,
        properties=properties or {},
        patched=patched,
    )


def compile(
    policy: CelPolicy, exceptions: Iterable[CelException], base: Environment, schemas: Schemas
) -> MutatingPolicy:
    """Compile a policy, or one that autogen made of it; raises ExpressionError and ExceptionFault."""
    spec = policy.spec
    compiler = Compiler(base, VariableTypes("kyverno.variables"))
    variables = compiler.variables(spec.get("variables"), (*_SPEC, "variables"))
    conditions = compiler.conditions(spec.get("matchConditions"), (*_SPEC, "matchConditions"))
    compiler.conditions(spec.get("targetMatchConditions"), (*_SPEC, "targetMatchConditions"))
    excepted = outcome.compile_exceptions(exceptions, compiler)
    annotations = compiler.annotations(spec.get("auditAnnotations"), (*_SPEC, "auditAnnotations"))
    replaces = bool((spec.get("evaluation") or {}).get("useServerSideApply"))
    return MutatingPolicy(
        policy=policy,
        matches=constraints.compile(spec.get("matchConstraints")),
        conditions=conditions,
        variables=variables,
        patchers=patches.compile(spec.get("mutations"), compiler, schemas, replaces_whole=replaces),
        annotations=annotations,
        exceptions=excepted,
    )
