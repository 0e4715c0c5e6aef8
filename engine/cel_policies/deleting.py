"""DeletingPolicy: whether a resource would be deleted (upstream: pkg/cel/policies/dpol/{compiler,engine})."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from engine.cel.environment import Environment, Program
from engine.cel.errors import EvaluationError
from engine.cel.values import Value
from engine.cel_policies import constraints, outcome
from engine.cel_policies.constraints import Attributes, Constraints
from engine.cel_policies.declared import VariableTypes
from engine.cel_policies.expressions import Compiler, Named, hold, lazily
from engine.cel_policies.outcome import CompiledException
from engine.cel_policies.request import CelRequest
from engine.cel_records import CelException, CelPolicy
from engine.errors import EngineError
from engine.model import Path, Result, RuleResponse, RuleType
from engine.resources import Resource

_SPEC: Final[Path] = ("spec",)


class DeletingPolicy(Struct, frozen=True):
    """A policy ready to be asked."""

    policy: CelPolicy
    matches: Constraints
    variables: tuple[Named, ...]
    conditions: tuple[Program, ...]
    exceptions: tuple[CompiledException, ...]

    def unknown(self, resource: Resource) -> RuleResponse:
        """The response for a resource of whose kind the reference's command line has never heard."""
        version = f'in version "{resource.api_version}"'
        return self._response(Result.ERROR, f'no matches for kind "{resource.kind}" {version}')

    def ask(self, request: CelRequest) -> RuleResponse | None:
        """Whether the resource of a request would be deleted; None where the constraints do not select it."""
        try:
            if not self.matches(self._attributes(request)):
                return None
        except EngineError as error:
            return self._response(Result.ERROR, str(error))
        return self._judged({"namespaceObject": _namespace(request), "object": request.object}, "resource")

    def ask_json(self, payload: Value, what: str) -> RuleResponse:
        """Whether a JSON document would be, which the answer calls ``what``."""
        return self._judged({"namespaceObject": None, "object": payload}, what)

    def _attributes(self, request: CelRequest) -> Attributes:
        from msgspec.structs import replace

        found = replace(request.attributes, old_labels=None)
        if request.kind[0] == "" and request.kind[2] == "Namespace":
            return replace(found, namespace=request.name)
        return found

    def _judged(self, read: dict[str, Value], what: str) -> RuleResponse:
        read["variables"] = lazily(self.variables, read)
        try:
            exempt = [item for item in self.exceptions if hold(item.conditions, read)]
            is_meant = not exempt and hold(self.conditions, read)
        except EvaluationError as error:
            return self._response(Result.ERROR, str(error))
        if is_meant:
            return self._response(Result.PASS, f"{what} matched")
        return self._response(Result.FAIL, f"{what} did not match")

    def _response(self, result: Result, message: str) -> RuleResponse:
        return RuleResponse(self.policy.name, RuleType.DELETION, result, message)


def _namespace(request: CelRequest) -> Value:
    """The namespace; a Namespace is in itself."""
    if request.kind[0] or request.kind[2] != "Namespace":
        return request.namespace_object
    metadata: dict[str, Value] = {"name": request.name}
    if request.resource.labels:
        metadata["labels"] = request.resource.labels
    return {"metadata": metadata, "spec": {}, "status": {}}


def compile(policy: CelPolicy, exceptions: Iterable[CelException], base: Environment) -> DeletingPolicy:
    """Compile a policy; raises ExpressionError and ExceptionFault."""
    spec = policy.spec
    compiler = Compiler(base, VariableTypes("kyverno.variables"))
    variables = compiler.variables(spec.get("variables"), (*_SPEC, "variables"))
    conditions = compiler.conditions(spec.get("conditions"), (*_SPEC, "conditions"))
    raw = spec.get("matchConstraints")
    return DeletingPolicy(
        policy=policy,
        matches=constraints.never if raw is None else constraints.compile(raw, any_operation=True),
        variables=variables,
        conditions=conditions,
        exceptions=outcome.compile_exceptions(exceptions, compiler),
    )
