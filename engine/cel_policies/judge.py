"""Policies in CEL, compiled and asked about one request after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from msgspec.structs import replace

from engine.cel.environment import Environment
from engine.cel.errors import EvaluationError
from engine.cel.values import Value
from engine.cel_policies import (
    admission_policies,
    autogen,
    constraints,
    deleting,
    environments,
    generating,
    mutating,
    parameters,
    validating,
)
from engine.cel_policies.admission_policies import Answer, Params, selected
from engine.cel_policies.constraints import Attributes
from engine.cel_policies.expressions import ExpressionError
from engine.cel_policies.outcome import CelResponse, ExceptionFault
from engine.cel_policies.request import CelRequest
from engine.cel_policies.world import World
from engine.cel_records import Binding, CelException, CelPolicy, CelPolicySet
from engine.cluster import Cluster
from engine.errors import EngineError, PolicyError
from engine.inventory import Place
from engine.kinds import is_known
from engine.model import Action, Operation, Problem, Result, RuleResponse, RuleType
from engine.patch.structured.types import Schemas, built_in
from engine.request import Request
from engine.resources import Resource

if TYPE_CHECKING:
    from engine.cel_policies.image_judge import ImageJudge


_IMAGES: Final = "ImageValidatingPolicy"
_NOTED: Final = frozenset({"ValidatingPolicy", "MutatingPolicy"})


class _Asked(Protocol):
    def ask(self, request: CelRequest) -> RuleResponse | None: ...


class _Variant:
    """A policy, or what autogen made of it: compiled when its constraints are first met."""

    def __init__(self, judge: CelJudge, policy: CelPolicy, compiled: _Asked | None = None) -> None:
        self.policy = policy
        self.is_plain = constraints.is_plain(policy.spec.get("matchConstraints"))
        self.is_noted = policy.family in _NOTED and not self.is_plain
        self.action = _action(policy)
        self._judge = judge
        self.compiled = compiled
        self.leaves_trace = policy.is_json or not self.is_plain
        deletes = policy.family == "DeletingPolicy"
        self.is_meant = constraints.compile(policy.spec.get("matchConstraints"), any_operation=deletes)

    def ask(self, request: CelRequest) -> RuleResponse | None:
        """The response to a request; None where the policy is not meant for it."""
        if self.compiled is None:
            if not self._may_match(request):
                return None
            try:
                self.compiled = self._judge.compiled(self.policy)
            except PolicyError as error:
                return RuleResponse("evaluation", RuleType.VALIDATION, Result.ERROR, f"failed to compile: {error}")
        return self.compiled.ask(request)

    def _may_match(self, request: CelRequest) -> bool:
        try:
            return self.is_meant(request.attributes)
        except EngineError:
            return True  # a malformed selector, of which the policy itself tells


class CelJudge:
    """Asks policies in CEL about requests. Those that do not compile are in ``problems``, and are not asked.

    ``params`` are the parameters that are known, where they are given rather than looked up in the cluster.
    """

    def __init__(
        self,
        found: CelPolicySet,
        cluster: Cluster,
        *,
        schemas: Schemas = built_in,
        params: Sequence[Value] | None = None,
    ) -> None:
        self.found = found
        self.cluster = cluster
        self.world = World(cluster)
        self.problems: list[tuple[CelPolicy, Problem]] = []
        self._schemas = schemas
        self._params: Params = _looked_up(cluster) if params is None else _given(params)
        self._by_policy = params is None
        self._variants: dict[str, list[_Variant]] = {}
        self._index: dict[tuple[str, Place, str, str, bool], list[_Variant]] = {}
        self._environments: dict[tuple[str, str], Environment] = {}
        self._admission: dict[str, list[admission_policies.AdmissionPolicy]] = {}
        self._images = self._image_judge()
        for policy in found.policies:
            if policy.family != _IMAGES:
                self._add(policy)

    def _image_judge(self) -> ImageJudge | None:
        """What asks image validating policies; those that do not compile err in the reference's CLI, and only there."""
        policies = [one for one in self.found.policies if one.family == _IMAGES]
        if not policies:
            return None
        from engine.cel_policies.image_judge import ImageJudge

        judge = ImageJudge(policies, self.found.exceptions, self.world, self.cluster)
        if self.cluster.as_cluster:
            self.problems += [(policy, problem(policy, error)) for policy, error in judge.problems]
        return judge

    def _add(self, policy: CelPolicy) -> None:
        if policy.family.endswith("AdmissionPolicy"):
            bindings = [one for one in self.found.bindings if one.policy == (policy.kind, policy.name)]
            self._admission.setdefault(policy.family, []).append(_admission(policy, bindings))
            return
        try:
            compiled = self.compiled(policy)
            made = list(self._made_of(policy))
        except (ExpressionError, ExceptionFault) as error:
            self.problems.append((policy, problem(policy, error)))
            return
        self._variants.setdefault(policy.family, []).extend([_Variant(self, policy, compiled), *made])

    def _made_of(self, policy: CelPolicy) -> Iterator[_Variant]:
        """What autogen makes of a policy; compiled at once only where that may fail. Raises ExpressionError."""
        for one in autogen.expand(policy)[1:]:
            at_once = one.is_json or autogen.may_break(policy)
            yield _Variant(self, one, self.compiled(one) if at_once else None)

    def compiled(self, policy: CelPolicy) -> _Asked:
        """A policy, or what autogen made of it, compiled; raises ExpressionError and ExceptionFault."""
        exceptions = [one for one in self.found.exceptions if one.names(policy) or self._takes_all(policy)]
        base = self._environment(policy.family, policy.namespace)
        match policy.family:
            case "ValidatingPolicy":
                return validating.compile(policy, exceptions, base)
            case "MutatingPolicy":
                return mutating.compile(policy, exceptions, base, self._schemas)
            case "GeneratingPolicy":
                return generating.compile(policy, exceptions, base, self.world.harvest)
        return deleting.compile(policy, exceptions, base)

    @property
    def answering(self) -> list[CelPolicy]:
        """Every policy that an answer may name: those that autogen made are others than those they were made of."""
        of_images = [] if self._images is None else self._images.answering
        return [*self.found.policies, *of_images, *(one.policy for many in self._variants.values() for one in many)]

    def _takes_all(self, policy: CelPolicy) -> bool:
        """Whether exceptions count whatever they name, as the reference's command line has it for this kind."""
        return policy.family == "GeneratingPolicy" and not self.cluster.as_cluster

    def _environment(self, family: str, namespace: str) -> Environment:
        found = self._environments.get((family, namespace))
        if found is None:
            found = self._environments[family, namespace] = environments.of(family, namespace, self.world)
        return found

    def mutate(self, request: Request) -> tuple[list[CelResponse], Request]:
        """The responses of all policies that mutate, and the request with the patched resource."""
        responses: list[CelResponse] = []
        current = self._for_kubernetes(request)
        for policy in self._admission.get("MutatingAdmissionPolicy", ()):
            answer = policy.ask(self._around(policy, current), self._params, by_policy=self._by_policy)
            if answer is not None:
                responses.append(_bound(policy.policy, current, answer))
                current = _patched(current, answer.response)
        current = CelRequest(self._with_patched(request, current.request.new), self.cluster)
        for variant in self._meant("MutatingPolicy", current):
            response = variant.ask(current)
            responses.append(_response(variant, current, response))
            if response is not None:
                current = _patched(current, response)
        return responses, current.request

    def _with_patched(self, request: Request, patched: Resource | None) -> Request:
        """The request with what Kubernetes' policies made of the resource; offline that is the old one, too."""
        if patched is None:
            return request
        old = request.old if self.cluster.as_cluster or request.old is None else patched
        return replace(request, new=None if request.new is None else patched, old=old)

    def mutate_existing(self, request: Request, patched: Resource, targets: Sequence[Resource]) -> list[CelResponse]:
        """The responses of policies that patch other resources than the admitted one, a target after the other.

        ``patched`` is what policies made of that one. The reference's command line asks about every resource, a cluster
        about those that a policy is meant for; an expression for targets that errs ends the one, and raises
        EvaluationError, and is a response of the other.
        """
        from engine.cel_policies import existing  # only a few policies need it

        trigger = CelRequest(request, self.cluster)
        if request.new is not None and patched is not request.new:
            trigger = trigger.with_object(patched.value)
        policies = [one for one in self._that_mutate_existing(trigger) if self._sets_off(one, trigger)]
        if not policies or not targets:
            return []
        found: list[tuple[mutating.MutatingPolicy, RuleResponse]] = []
        meant: list[existing.Meant] = []
        self.world.targets = targets
        try:
            for policy in policies:
                try:
                    meant.append(existing.meant(policy, trigger))
                except EvaluationError as error:
                    if not self.cluster.as_cluster:
                        raise
                    found.append((policy, mutating.failed(error)))
            for target in targets:
                found += existing.asked(meant, target, trigger, self.cluster)
        finally:
            self.world.targets = ()
        return [
            CelResponse(asked.policy, request.resource, (response,), Action.AUDIT, is_about_another=True)
            for asked, response in found
        ]

    def _that_mutate_existing(self, trigger: CelRequest) -> Iterator[mutating.MutatingPolicy]:
        for variant in self._meant("MutatingPolicy", trigger):
            if variant.policy.mutates_existing:
                compiled = variant.compiled or self.compiled(variant.policy)
                if isinstance(compiled, mutating.MutatingPolicy):
                    yield compiled

    def _sets_off(self, policy: mutating.MutatingPolicy, trigger: CelRequest) -> bool:
        return not self.cluster.as_cluster or policy.set_off_by(trigger)

    def validate(self, request: Request) -> list[CelResponse]:
        """The responses of all policies that validate."""
        asked = self._for_kubernetes(request)
        responses = []
        for policy in self._admission.get("ValidatingAdmissionPolicy", ()):
            answer = policy.ask(self._around(policy, asked), self._params, by_policy=self._by_policy)
            responses.append(_bound(policy.policy, asked, answer))
        asked = CelRequest(request, self.cluster)
        for variant in self._meant("ValidatingPolicy", asked):
            responses.append(_response(variant, asked, variant.ask(asked)))
        return responses

    def verify(self, request: Request) -> list[CelResponse]:
        """The responses of all policies that validate images."""
        if self._images is None:
            return []
        asked = CelRequest(request, self.cluster)
        answers = self._images.ask(asked, lambda policy: self._is_asked(policy, request))
        return [CelResponse(one, request.resource, (found,), one.default_action) for one, found in answers]

    def verify_json(self, payload: Value) -> list[tuple[CelPolicy, RuleResponse]]:
        """The responses to a JSON document of the policies that validate images in any; raises PayloadError."""
        return [] if self._images is None else self._images.ask_json(payload)

    def validate_json(self, payload: Value) -> list[tuple[CelPolicy, RuleResponse]]:
        """The responses to a JSON document of the policies that judge any."""
        variants = self._variants.get("ValidatingPolicy", ())
        asked = [one.compiled for one in variants if one.policy.is_json]
        return [(one.policy, one.ask_json(payload)) for one in asked if isinstance(one, validating.ValidatingPolicy)]

    def delete_json(self, payload: Value, what: str) -> list[tuple[CelPolicy, RuleResponse]]:
        """Whether policies would delete a JSON document, which the responses call ``what``."""
        asked = [one.compiled for one in self._variants.get("DeletingPolicy", ())]
        return [(one.policy, one.ask_json(payload, what)) for one in asked if isinstance(one, deleting.DeletingPolicy)]

    def _for_kubernetes(self, request: Request) -> CelRequest:
        """The request as Kubernetes' own policies see it: the reference's CLI asks them about creation only."""
        if not self.cluster.as_cluster:
            request = replace(request, operation=Operation.CREATE, new=request.resource, old=None)
        return CelRequest(request, self.cluster)

    def _around(self, policy: admission_policies.AdmissionPolicy, request: CelRequest) -> CelRequest:
        """The request; a cluster that a test describes is asked for the namespace for the sake of bindings only."""
        if policy.bound or not self.cluster.is_described:
            return request
        given = (self.cluster.namespace_objects.get(request.namespace) or {}).get("metadata") or {}
        return CelRequest(replace(request.request, namespace_labels=given.get("labels") or {}), self.cluster)

    def generate(self, request: Request) -> list[CelResponse]:
        """The responses of all policies that generate."""
        return self._ask("GeneratingPolicy", request)

    def delete(self, request: Request) -> list[CelResponse]:
        """The responses of all policies that delete."""
        if not self._is_unheard_of(request.resource):
            return self._ask("DeletingPolicy", request)
        asked = [(one, one.compiled) for one in self._variants.get("DeletingPolicy", ())]
        return [
            CelResponse(one.policy, request.resource, (compiled.unknown(request.resource),), one.action)
            for one, compiled in asked
            if isinstance(compiled, deleting.DeletingPolicy)
        ]

    def _is_unheard_of(self, resource: Resource) -> bool:
        """Whether the reference's command line cannot tell where the resource would be kept."""
        if self.cluster.as_cluster or self.cluster.is_described or not (resource.api_version and resource.kind):
            return False
        if is_known(resource.group, resource.version, resource.kind):
            return False
        declared = self._schemas is not built_in and self._schemas(resource.api_version, resource.kind) is not None
        return not declared

    def _ask(self, family: str, request: Request) -> list[CelResponse]:
        if family not in self._variants:
            return []
        asked = CelRequest(request, self.cluster)
        return [_response(one, asked, one.ask(asked)) for one in self._meant(family, asked)]

    def _meant(self, family: str, request: CelRequest) -> Iterator[_Variant]:
        """The policies of a family that are asked."""
        found = self._indexed(family, request.attributes)
        return (one for one in found if self._is_asked(one.policy, request.request))

    def _is_asked(self, policy: CelPolicy, request: Request) -> bool:
        """In a cluster only those of the resource's namespace, and of admission."""
        if not self.cluster.as_cluster:
            return True
        return not policy.is_json and not (policy.is_namespaced and policy.namespace != request.resource.namespace)

    def _indexed(self, family: str, found: Attributes) -> list[_Variant]:
        """The policies of a family without those that leave no trace of a request for this kind of resource."""
        every = self._variants.get(family, [])
        if not every or family == "MutatingPolicy":  # what one of those makes may be of another kind
            return every
        key = (family, found.place, found.operation, found.subresource, bool(found.namespace))
        if key not in self._index:
            self._index[key] = [one for one in every if one.leaves_trace or one.is_meant(found)]
        return self._index[key]


def _admission(policy: CelPolicy, bindings: Iterable[Binding]) -> admission_policies.AdmissionPolicy:
    has_params = policy.spec.get("paramKind") is not None
    if policy.family.startswith("Validating"):
        return admission_policies.compile_validating(policy, bindings, environments.kubernetes(params=has_params))
    plain, full = (environments.kubernetes(params=params, patches=True) for params in (False, True))
    return admission_policies.compile_mutating(policy, bindings, plain, full)


def _response(variant: _Variant, request: CelRequest, response: RuleResponse | None) -> CelResponse:
    rules = () if response is None else (response,)
    return CelResponse(variant.policy, request.resource, rules, variant.action, bool(rules) or variant.is_noted)


def _action(policy: CelPolicy) -> Action:
    if policy.family == "MutatingPolicy":
        return Action.AUDIT if policy.ignores_errors else Action.ENFORCE
    return policy.default_action


def _bound(policy: CelPolicy, request: CelRequest, answer: Answer | None) -> CelResponse:
    rules = () if answer is None else (answer.response,)
    binding = answer.binding if answer is not None else None
    return CelResponse(policy, request.resource, rules, Action.AUDIT if binding is None else binding.action)


def _patched(request: CelRequest, response: RuleResponse) -> CelRequest:
    return request if response.patched is None else request.with_object(response.patched)


def _given(params: Sequence[Value]) -> Params:
    return lambda _policy, binding, _namespace: [selected(binding, params)]


def _looked_up(cluster: Cluster) -> Params:
    return lambda policy, binding, namespace: parameters.collect(
        cluster, policy.spec.get("paramKind") or {}, binding.spec["paramRef"], namespace
    )


def problem(policy: CelPolicy, error: ExpressionError | ExceptionFault) -> Problem:
    """The problem of a policy whose expression does not compile, at the line of the expression."""
    where: CelPolicy | CelException = error.exception if isinstance(error, ExceptionFault) else policy
    path = (*where.base, *error.path)
    place = where.document.position(path)
    line = place.line
    if error.line > 1:
        line = min(line + error.line, where.document.last_line(path))
    text = f"{policy.kind} {policy.key} is refused: {error}"
    return Problem("expression", text, where.document.file, line, place.column, "Correct the expression.")
