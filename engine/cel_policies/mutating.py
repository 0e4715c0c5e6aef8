"""MutatingPolicy (upstream: pkg/cel/policies/mpol/{compiler,engine})."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from engine.cel.environment import Environment, Program
from engine.cel.errors import CompileError, EvaluationError
from engine.cel.syntax import Expr, Ident, children
from engine.cel.types import ANY, STRING, map_of
from engine.cel.values import Value
from engine.cel_policies import constraints, outcome, patches
from engine.cel_policies.constraints import Constraints
from engine.cel_policies.declared import VariableTypes
from engine.cel_policies.expressions import Compiler, ExpressionError, Named, hold, lazily
from engine.cel_policies.outcome import CompiledException
from engine.cel_policies.patches import Patcher
from engine.cel_policies.request import CelRequest
from engine.cel_records import CelException, CelPolicy
from engine.errors import EngineError
from engine.model import Path, Result, RuleResponse, RuleType
from engine.patch.structured.types import Schemas

_SPEC: Final[Path] = ("spec",)


class Targets(Struct, frozen=True):
    """Which existing resources a policy patches: those that an expression gives, else those of constraints.

    ``conditions`` are asked of each of them.
    """

    expression: Program | None
    matches: Constraints
    conditions: tuple[Program, ...]


class MutatingPolicy(Struct, frozen=True):
    """A policy ready to be asked."""

    policy: CelPolicy
    matches: Constraints
    conditions: tuple[Program, ...]
    targets: Targets
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
        return self._mutated(request.readable_for_mutation(), self.conditions)

    def ask_existing(self, target: CelRequest, trigger: CelRequest) -> RuleResponse:
        """The response to a target that is meant, with the patched one (upstream: EvaluateTarget).

        The request is that of the resource which sets the policy off.
        """
        request = trigger.readable_for_mutation()["request"]
        read = {"object": target.object, "oldObject": None, "request": request, "namespaceObject": None}
        return self._mutated(read, self.targets.conditions)

    def set_off_by(self, request: CelRequest) -> bool:
        """Whether a cluster looks for targets on a request (upstream: MatchesMutateExisting)."""
        read = request.readable_for_mutation()
        read["variables"] = lazily(self.variables, read)
        try:
            return self.policy.admission and self.matches(request.attributes) and hold(self.conditions, read)
        except (EvaluationError, EngineError):
            return False

    def targeted(self, trigger: Value) -> Value:
        """What the expression for targets gives, of the resource that sets the policy off; raises EvaluationError."""
        read: dict[str, Value] = {"object": trigger}
        read["variables"] = lazily(self.variables, read)
        return None if self.targets.expression is None else self.targets.expression.evaluate(read)

    def _mutated(self, read: dict[str, Value], conditions: Iterable[Program]) -> RuleResponse:
        try:
            return self._patched(read, conditions)
        except (EvaluationError, EngineError) as error:
            return failed(error)

    def _patched(self, read: dict[str, Value], conditions: Iterable[Program]) -> RuleResponse:
        exempt = outcome.exempted(self.exceptions, read)
        if exempt.by:
            return outcome.excepted(exempt.by, RuleType.MUTATION)
        read["exceptions"] = exempt.allowed
        read["variables"] = lazily(self.variables, read)
        if not hold(conditions, read):
            return _response(Result.SKIP, "skip")
        for patch in self.patchers:
            read["object"] = patch(read, read["object"])
        properties = outcome.annotated(self.annotations, read, '"')
        return _response(Result.PASS, "success", properties, patched=read["object"])


def failed(error: EvaluationError | EngineError) -> RuleResponse:
    """The response where an expression errs."""
    return _response(Result.ERROR, f"failed to evaluate policy: {error}", rule="evaluation")


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
    _check_conditions(spec, base)
    compiler = Compiler(base, VariableTypes("kyverno.variables"))
    variables = compiler.variables(spec.get("variables"), (*_SPEC, "variables"))
    conditions = compiler.conditions(spec.get("matchConditions"), (*_SPEC, "matchConditions"))
    targets = _targets(spec, compiler)
    excepted = outcome.compile_exceptions(exceptions, compiler)
    annotations = compiler.annotations(spec.get("auditAnnotations"), (*_SPEC, "auditAnnotations"))
    replaces = bool((spec.get("evaluation") or {}).get("useServerSideApply"))
    return MutatingPolicy(
        policy=policy,
        matches=constraints.compile(spec.get("matchConstraints")),
        conditions=conditions,
        targets=targets,
        variables=variables,
        patchers=patches.compile(spec.get("mutations"), compiler, schemas, replaces_whole=replaces),
        annotations=annotations,
        exceptions=excepted,
    )


def _targets(spec: dict[str, Value], compiler: Compiler) -> Targets:
    """Constraints without rules are those of the policy itself; no operation counts."""
    raw = spec.get("targetMatchConstraints") or {}
    text = raw.get("expression")
    path = (*_SPEC, "targetMatchConstraints", "expression")
    return Targets(
        expression=compiler.program(text, path, map_of(STRING, ANY)) if text else None,
        matches=constraints.compile(
            raw if raw.get("resourceRules") else spec.get("matchConstraints"), any_operation=True
        ),
        conditions=compiler.conditions(spec.get("targetMatchConditions"), (*_SPEC, "targetMatchConditions")),
    )


_EARLY: Final = (
    "Forbidden: the MutatingAdmissionPolicy that autogen makes asks match conditions before variables are known"
)


def _check_conditions(spec: dict[str, Value], base: Environment) -> None:
    """Refuse conditions that Kubernetes would ask too early (upstream: validateMAPCompatibleMatchConditions)."""
    made = (spec.get("autogen") or {}).get("mutatingAdmissionPolicy") or {}
    if made.get("enabled") is not True:
        return
    for index, condition in enumerate(spec.get("matchConditions") or ()):
        try:
            tree = base.parse(condition["expression"])
        except CompileError:
            continue  # compiling tells
        if _names_variables(tree):
            raise ExpressionError((*_SPEC, "matchConditions", index, "expression"), _EARLY)


def _names_variables(tree: Expr) -> bool:
    return (isinstance(tree, Ident) and tree.name == "variables") or any(map(_names_variables, children(tree)))
