"""GeneratingPolicy (upstream: pkg/cel/policies/gpol/{compiler,engine})."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from engine.cel.environment import Environment, Program
from engine.cel.errors import EvaluationError
from engine.cel.types import BOOL
from engine.cel.values import Value
from engine.cel_policies import constraints, outcome, templates
from engine.cel_policies.constraints import Constraints
from engine.cel_policies.declared import VariableTypes
from engine.cel_policies.expressions import Compiler, ExpressionError, Named, hold, lazily
from engine.cel_policies.outcome import CompiledException
from engine.cel_policies.request import CelRequest
from engine.cel_records import CelException, CelPolicy
from engine.errors import EngineError
from engine.model import Path, Result, RuleResponse, RuleType

_SPEC: Final[Path] = ("spec",)

Generator = Callable[[Mapping[str, Value]], Sequence[Value]]
"""What an evaluation can read, to the resources that it makes; raises EvaluationError."""

Harvest = Callable[[Callable[[], object]], Sequence[Value]]
"""Runs an evaluation and gives the resources that ``generator.Apply`` was given meanwhile."""


class GeneratingPolicy(Struct, frozen=True):
    """A policy ready to be asked."""

    policy: CelPolicy
    matches: Constraints
    conditions: tuple[Program, ...]
    variables: tuple[Named, ...]
    generators: tuple[Generator, ...]
    annotations: tuple[Named, ...]
    exceptions: tuple[CompiledException, ...]

    def ask(self, request: CelRequest) -> RuleResponse | None:
        """The response to a request, with what is made; None where the policy is not meant for it."""
        attributes = request.attributes
        if request.request.new is None:
            attributes = replace(attributes, namespace="")  # upstream asks the new object for it
        try:
            if not self.matches(attributes):
                return None
        except EngineError as error:
            return self._response(Result.ERROR, f"failed to execute matching: {error}")
        try:
            return self._generated(request.readable())
        except EvaluationError as error:
            return self._response(Result.ERROR, f"failed to evaluate policy: {error}")

    def _generated(self, read: dict[str, Value]) -> RuleResponse | None:
        exempt = outcome.exempted(self.exceptions, read)
        if exempt.by:
            return outcome.excepted(exempt.by, RuleType.GENERATION)
        read["exceptions"] = exempt.allowed
        if not hold(self.conditions, read):
            return None
        read["variables"] = lazily(self.variables, read)
        made = tuple(resource for generate in self.generators for resource in generate(read))
        properties = outcome.annotated(self.annotations, read, '"')
        return self._response(Result.PASS, "policy evaluated successfully", properties, made)

    def _response(
        self,
        result: Result,
        message: str,
        properties: Mapping[str, str] | None = None,
        generated: tuple[Value, ...] = (),
    ) -> RuleResponse:
        return RuleResponse(
            rule=self.policy.name,
            type=RuleType.GENERATION,
            result=result,
            message=message,
            properties=properties or {},
            generated=generated,
        )


def compile(
    policy: CelPolicy, exceptions: Iterable[CelException], base: Environment, harvest: Harvest
) -> GeneratingPolicy:
    """Compile a policy; raises ExpressionError and ExceptionFault."""
    spec = policy.spec
    compiler = Compiler(base, VariableTypes("kyverno.variables"))
    conditions = compiler.conditions(spec.get("matchConditions"), (*_SPEC, "matchConditions"))
    variables = compiler.variables(spec.get("variables"), (*_SPEC, "variables"))
    generators = tuple(
        _generator(entry, compiler, (*_SPEC, "generate", index), policy.namespace, harvest)
        for index, entry in enumerate(spec.get("generate") or ())
    )
    raw = spec.get("matchConstraints")
    return GeneratingPolicy(
        policy=policy,
        matches=constraints.never if raw is None else constraints.compile(raw),
        conditions=conditions,
        variables=variables,
        generators=generators,
        annotations=compiler.annotations(spec.get("auditAnnotations"), (*_SPEC, "auditAnnotations")),
        exceptions=outcome.compile_exceptions(exceptions, compiler),
    )


def _generator(
    entry: Mapping[str, Value], compiler: Compiler, path: Path, namespace: str, harvest: Harvest
) -> Generator:
    text, template = entry.get("expression"), entry.get("template")
    if bool(text) == (template is not None):
        missing = "one of expression or template must be set"
        raise ExpressionError(path, "only one of expression or template may be set" if text else missing)
    if template is not None:
        interpolates = template.get("interpolate") == "cel"
        nodes = templates.compile(template["value"], interpolates, compiler, (*path, "template", "value"))
        return lambda read: _grouped([node(read) for node in nodes], namespace)
    program = compiler.program(str(text), (*path, "expression"), BOOL)
    return lambda read: harvest(lambda: program.evaluate(read))


def _grouped(resources: Sequence[Value], policy_namespace: str) -> list[Value]:
    """The resources by namespace, in the order of the first of each; a namespaced policy stays in its own."""
    groups: dict[str, list[Value]] = {}
    for resource in resources:
        metadata = resource.get("metadata") or {}
        namespace = metadata.get("namespace") or policy_namespace
        if policy_namespace and namespace != policy_namespace:
            where = f'a policy in namespace "{policy_namespace}" cannot generate resources into namespace "{namespace}"'
            raise EvaluationError(f"cross-namespace generation denied: {where}")
        groups.setdefault(namespace, []).append(resource)
    return [item for namespace, items in groups.items() for item in placed(namespace, items)]


def placed(namespace: str, resources: Iterable[Mapping[str, Value]]) -> list[Value]:
    """The resources with that namespace, none where it is ""; lists are unpacked (libs/fake_context.go)."""
    found: list[Value] = []
    for resource in resources:
        items = resource.get("items")
        if isinstance(items, list):
            found += [_placed(namespace, item) for item in items]
        else:
            found.append(_placed(namespace, resource))
    return found


def _placed(namespace: str, resource: Mapping[str, Value]) -> Value:
    metadata = {key: value for key, value in (resource.get("metadata") or {}).items() if key != "namespace"}
    if namespace:
        metadata["namespace"] = namespace
    return {**resource, "metadata": metadata} if metadata or "metadata" in resource else dict(resource)
