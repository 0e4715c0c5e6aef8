"""ValidatingAdmissionPolicy and MutatingAdmissionPolicy with their bindings (upstream: pkg/admissionpolicy)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from engine import selectors
from engine.cel.environment import Budget, Environment
from engine.cel.errors import EvaluationError
from engine.cel.types import list_of
from engine.cel.values import Value
from engine.cel_policies import constraints, patches, validator
from engine.cel_policies.constraints import Constraints
from engine.cel_policies.declared import APPLY_CONFIGURATION, JSON_PATCH
from engine.cel_policies.kubernetes_expressions import BUDGET, Expression, KubernetesCompiler, unmet
from engine.cel_policies.request import CelRequest, background_user
from engine.cel_policies.validator import Decision, Validator, Verdict
from engine.cel_records import Binding, CelPolicy
from engine.errors import EngineError
from engine.model import Result, RuleResponse, RuleType
from engine.patch.structured.types import DEDUCED

_UNMET: Final = "match conditions aren't met"

Params = Callable[[CelPolicy, Binding, str], Sequence[Value]]
"""The parameters that a policy's binding names, for a request in a namespace; raises EngineError."""


class Bound(NamedTuple):
    """A binding and what it is held against."""

    binding: Binding
    matches: Constraints | None


class Answer(NamedTuple):
    """The response of a policy, by way of a binding where it has some."""

    response: RuleResponse
    binding: Binding | None


class ValidatingAdmissionPolicy(Struct, frozen=True):
    """A policy ready to be asked."""

    policy: CelPolicy
    matches: Constraints
    bound: tuple[Bound, ...]
    validator: Validator

    def ask(self, request: CelRequest, params: Params, *, by_policy: bool) -> Answer | None:
        """The answer to a request.

        ``by_policy`` answers as a cluster does: the policy's own constraints count beside those of bindings, and of
        several bindings and parameters the gravest answer. The reference's CLI takes no notice of the constraints where
        there is a binding, and the last answer.
        """
        found: Answer | None = None
        for binding, read in _asked(self.policy, self.matches, self.bound, request, params, by_policy):
            response = self._response(_decided(self.validator, request, read))
            if found is None or by_policy is False or _is_graver(response, found.response):
                found = _named(response, binding, "binding")
        return found

    def _response(self, decisions: Sequence[Decision] | None) -> RuleResponse:
        name = self.policy.name
        if decisions is None:
            return RuleResponse(name, RuleType.VALIDATION, Result.SKIP, _UNMET)
        for decision in decisions:
            if decision.verdict is not Verdict.ADMIT:
                result = Result.FAIL if decision.verdict is Verdict.DENY else Result.ERROR
                return RuleResponse(name, RuleType.VALIDATION, result, decision.message, decision.path)
        return RuleResponse(name, RuleType.VALIDATION, Result.PASS, "")


class Mutation(NamedTuple):
    """An expression and whether it makes a JSON patch."""

    expression: Expression
    is_json: bool


class MutatingAdmissionPolicy(Struct, frozen=True):
    """A policy ready to be asked, compiled without and with ``params``."""

    policy: CelPolicy
    matches: Constraints
    bound: tuple[Bound, ...]
    plain: Mutator
    with_params: Mutator

    def ask(self, request: CelRequest, params: Params, *, by_policy: bool) -> Answer | None:
        """The answer to a request, with the object as all bindings leave it."""
        found: Answer | None = None
        for binding, read in _asked(self.policy, self.matches, self.bound, request, params, by_policy):
            if isinstance(read, EngineError):
                continue
            mutator = self.plain if read["params"] is None else self.with_params
            readable = {**_readable(request), **read}
            if not request.namespace:
                readable["namespaceObject"] = None
            response = mutator.mutate(self.policy, readable, knows_variables=request.in_cluster)
            if response is None:
                continue
            found = _named(response, binding, "mapBinding")
            if response.patched is not None:
                request = request.with_object(response.patched)
        return found


class Mutator(Struct, frozen=True):
    """The mutations of a policy with its conditions."""

    compiler: KubernetesCompiler
    conditions: tuple[Expression, ...]
    mutations: tuple[Mutation, ...]

    def mutate(self, policy: CelPolicy, read: dict[str, Value], *, knows_variables: bool) -> RuleResponse | None:
        """The response; None where a mutation errs, which upstream only logs.

        In the reference's command line mutations find no variables: it calls patchers without the composition context
        that an API server makes for them (mutateResource in pkg/admissionpolicy/mutate.go).
        """
        budget = Budget(BUDGET)
        try:
            asked = {**read, "namespaceObject": None, "params": None}
            asked["variables"] = self.compiler.lazily(asked, budget)
            if unmet(self.conditions, asked, ignores_errors=policy.ignores_errors):
                return RuleResponse(policy.name, RuleType.MUTATION, Result.SKIP, _UNMET)
            for mutation in self.mutations:
                read["object"] = self._patched(mutation, read, knows_variables)
        except (EvaluationError, EngineError):
            return None
        text = "mutation is successfully applied"
        return RuleResponse(policy.name, RuleType.MUTATION, Result.PASS, text, patched=read["object"])

    def _patched(self, mutation: Mutation, read: dict[str, Value], knows_variables: bool) -> Value:
        budget = Budget(BUDGET)
        read["variables"] = self.compiler.lazily(read, budget) if knows_variables else {}
        made = mutation.expression.evaluate(read, budget)
        if mutation.is_json:
            return patches.patched(made, read["object"])
        return patches.merged(made, read["object"], lambda _version, _kind: DEDUCED)


AdmissionPolicy = ValidatingAdmissionPolicy | MutatingAdmissionPolicy


def _asked(
    policy: CelPolicy,
    matches: Constraints,
    bound: Sequence[Bound],
    request: CelRequest,
    params: Params,
    by_policy: bool,
) -> Iterator[tuple[Binding | None, dict[str, Value] | EngineError]]:
    """The bindings that match, and with what parameters; the policy alone where it has no binding."""
    attributes = request.kubernetes_attributes
    if (by_policy or not bound) and not matches(attributes):
        return
    if not bound:
        yield None, {"params": None}
    for one in bound:
        if one.matches is not None and not one.matches(attributes):
            continue
        if one.binding.spec.get("paramRef") is None:
            yield one.binding, {"params": None}
            continue
        try:
            values = params(policy, one.binding, request.namespace)
        except EngineError as error:
            yield one.binding, error
            continue
        for value in values:
            yield one.binding, {"params": value}


def _decided(
    validator: Validator, request: CelRequest, read: dict[str, Value] | EngineError
) -> Sequence[Decision] | None:
    if isinstance(read, EngineError):
        return (Decision(Verdict.ERROR, str(read)),)
    return validator.decide({**_readable(request), **read})


_GRAVITY: Final = (Result.SKIP, Result.PASS, Result.ERROR, Result.FAIL)


def _is_graver(one: RuleResponse, other: RuleResponse) -> bool:
    return _GRAVITY.index(one.result) > _GRAVITY.index(other.result)


def _readable(request: CelRequest) -> dict[str, Value]:
    return {
        "object": request.object,
        "oldObject": request.old_object,
        "request": request.admission(background_user(request.request.user)),
        "namespaceObject": request.bare_namespace,
    }


def _named(response: RuleResponse, binding: Binding | None, name: str) -> Answer:
    from msgspec.structs import replace

    if binding is None:
        return Answer(response, None)
    return Answer(replace(response, properties={**response.properties, name: binding.name}), binding)


def compile_validating(policy: CelPolicy, bindings: Iterable[Binding], base: Environment) -> ValidatingAdmissionPolicy:
    """Compile a policy; what does not compile errs when it is asked."""
    spec = policy.spec
    return ValidatingAdmissionPolicy(
        policy=policy,
        matches=constraints.compile(spec.get("matchConstraints")),
        bound=_bound(bindings),
        validator=validator.compile(
            spec,
            KubernetesCompiler(base),
            conditions=spec.get("matchConditions"),
            ignores_errors=policy.ignores_errors,
        ),
    )


def compile_mutating(
    policy: CelPolicy, bindings: Iterable[Binding], plain: Environment, with_params: Environment
) -> MutatingAdmissionPolicy:
    """Compile a policy; what does not compile errs when it is asked."""
    return MutatingAdmissionPolicy(
        policy=policy,
        matches=constraints.compile(policy.spec.get("matchConstraints")),
        bound=_bound(bindings),
        plain=_mutator(policy, plain),
        with_params=_mutator(policy, with_params),
    )


def _bound(bindings: Iterable[Binding]) -> tuple[Bound, ...]:
    found = []
    for binding in bindings:
        raw = binding.spec.get("matchResources")
        found.append(Bound(binding, None if raw is None else constraints.compile(raw)))
    return tuple(found)


def _mutator(policy: CelPolicy, base: Environment) -> Mutator:
    spec, compiler = policy.spec, KubernetesCompiler(base)
    compiler.variables(spec.get("variables"))
    mutations = []
    for entry in spec.get("mutations") or ():
        match entry:
            case {"patchType": "JSONPatch", "jsonPatch": {"expression": text}}:
                mutations.append(Mutation(compiler.expression(text, list_of(JSON_PATCH)), is_json=True))
            case {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": text}}:
                mutations.append(Mutation(compiler.expression(text, APPLY_CONFIGURATION), is_json=False))
    return Mutator(compiler, compiler.conditions(spec.get("matchConditions")), tuple(mutations))


def selected(binding: Binding, candidates: Iterable[Value]) -> Value:
    """The parameter that the reference's CLI takes: the first that the binding names, or a list of the selected ones.

    The list is an object with ``items``; None where nothing fits (upstream: processVAPWithoutClient, matchesSelector).
    """
    reference = binding.spec["paramRef"]
    selector = reference.get("selector")
    fits = [value for value in candidates if _fits(value, reference)]
    if selector is None or not fits:
        return fits[0] if fits else None
    return {"items": fits}


def _fits(value: Value, reference: dict[str, Value]) -> bool:
    metadata = value.get("metadata") or {}
    selector = reference.get("selector")
    if selector is not None:
        return not selectors.fault(selector) and selectors.compile(selector)(metadata.get("labels") or {})
    name, namespace = reference.get("name"), reference.get("namespace")
    if name:
        return bool(metadata.get("name") == name)
    return bool(namespace and metadata.get("namespace") == namespace)
