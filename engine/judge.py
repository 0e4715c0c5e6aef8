"""Policies compiled and indexed by kind, asked about one request after another.

Rules are compiled when a kind is first seen: a policy that no resource needs costs nothing, and kinds that hold a pod
template in the same place share what autogen makes for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Union

from msgspec import Struct
from msgspec.structs import replace

from engine import autogen, compiled, exceptions, match
from engine.cluster import Cluster
from engine.compiled import CompiledRule, within_limits
from engine.context import Context, of_request
from engine.images import IMAGES
from engine.match import Subject
from engine.model import Operation, Problem, Result, RuleResponse
from engine.policies import NOT_EVALUATED, AnyPolicy, Policy, PolicyException, Rule
from engine.request import Request
from engine.resources import Resource

if TYPE_CHECKING:
    from engine.background import BackgroundPlan
    from engine.cel_policies.judge import CelJudge
    from engine.image_rules import ImageRule
    from engine.match_conditions import Gate


class EngineResponse(Struct, frozen=True):
    """What the rules of one policy answered to one resource (upstream: pkg/engine/api/engineresponse.go).

    ``rules[i]`` is the answer of ``asked[i]``, which may be a rule that autogen made.
    """

    policy: Policy
    resource: Resource
    asked: tuple[Rule, ...]
    rules: tuple[RuleResponse, ...]


class _Plan(Struct, frozen=True):
    """The rules of one policy that can match a kind."""

    policy: Policy
    rules: tuple[CompiledRule | ImageRule, ...]


class _ImagePlan(Struct, frozen=True):
    """The verifyImages rules of one policy that can match a kind."""

    policy: Policy
    rules: tuple[ImageRule, ...]


_AnyPlan = Union["_Plan", "_ImagePlan", "BackgroundPlan"]


class Judge:
    """Asks policies about requests. Holds no state but its caches, so one judge serves any number of requests.

    ``cel`` judges by the policies whose rules are CEL, where there are some.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        cluster: Cluster,
        policy_exceptions: Sequence[PolicyException] = (),
        cel: CelJudge | None = None,
    ) -> None:
        self.policies = tuple(policies)
        self.cel = cel
        self.cluster = cluster
        self._exceptions = exceptions.compile(policy_exceptions)
        self._mutating: dict[str, tuple[_Plan, ...]] = {}
        self._validating: dict[str, tuple[_Plan, ...]] = {}
        self._mutators = self._with(_mutates)
        self._validators = self._with(_validates)
        self._kinds: dict[int, frozenset[str] | None] = {}
        self._verifies = any(rule.has_verify_images for policy in self.policies for rule in policy.rules)
        self._images: dict[str, tuple[_ImagePlan, ...]] = {}
        self._image_rules: dict[int, ImageRule] = {}
        self._generates = any(rule.has_generate for policy in self.policies for rule in policy.rules)
        self._generating: dict[str, tuple[BackgroundPlan, ...]] = {}
        self._expansions: dict[int, autogen.Expansion] = {}
        self._compiled: dict[int, CompiledRule | None] = {}
        self._gates = self._compiled_gates()

    def apply(self, request: Request) -> list[EngineResponse]:
        """Mutate, verify images, validate what came out, then generate (kyverno.md, section 10)."""
        responses, patched = self.mutate(request)
        if patched is None:
            return responses
        verified, patched = self.verify(patched)
        return responses + verified + self.validate(patched) + self.generate(patched)

    def mutate(self, request: Request) -> tuple[list[EngineResponse], Request | None]:
        """The responses of all mutate rules, and the request with the patched resource.

        A mutation that fails leaves upstream with an empty resource, which no further rule matches
        (pkg/engine/mutate/mutation.go, NewErrorResponse): the request is then None. Preconditions that fail leave the
        resource as it was (pkg/engine/engine.go, invokeRuleHandler).
        """
        responses: list[EngineResponse] = []
        current: Request | None = request
        for plan in self._plans(request, self._mutating):
            if current is None:
                break
            if self._is_asked(plan.policy, current):
                resource = current.resource
                answers, current = self._mutations(plan, current)
                if answers:
                    responses.append(_response(plan.policy, current.resource if current else resource, answers))
        return responses, current

    def _mutations(self, plan: _Plan, request: Request) -> tuple[list[tuple[Rule, RuleResponse]], Request | None]:
        answers: list[tuple[Rule, RuleResponse]] = []
        for rule in plan.rules:
            if not isinstance(rule, CompiledRule):
                continue  # checks of images are no mutations
            context = of_request(request, self.cluster, IMAGES)
            given = within_limits(rule.reply, rule.answers, request, context, None)
            answers += [(rule.rule, answer) for answer in given]
            for answer in given:
                if answer.emptied:
                    return answers, None
                if answer.patched is not None:
                    request = _patched(request, answer)
            if any(_settled(plan.policy, answer) for answer in given):
                break
        return answers, request

    def verify(self, request: Request) -> tuple[list[EngineResponse], Request]:
        """The responses of all verifyImages rules, and the request with what they add to the resource: digests, and
        the annotations that say what was verified. What nobody could be asked is flagged ``unjudged``.
        """
        responses: list[EngineResponse] = []
        for plan in self._verifying(request) if self._verifies else ():
            if not self._is_asked(plan.policy, request):
                continue
            answers: list[tuple[Rule, RuleResponse]] = []
            for rule in plan.rules:
                context = of_request(request, self.cluster, IMAGES)
                given = within_limits(rule.guards.reply, rule.verify, request, context, None)
                answers += [(rule.rule, answer) for answer in given]
                for answer in given:
                    if answer.patched is not None:
                        request = _patched(request, answer)
                if any(_settled(plan.policy, answer) for answer in given):
                    break
            if answers:
                request = _verified(plan.policy, request, answers)
                responses.append(_response(plan.policy, request.resource, answers))
        return responses, request

    def _verifying(self, request: Request) -> tuple[_ImagePlan, ...]:
        kind = _kind(request)
        plans = self._images.get(kind)
        if plans is None:
            found = [self._image_plan(number, policy, kind) for number, policy in enumerate(self.policies)]
            plans = self._images[kind] = tuple(plan for plan in found if plan.rules)
        return plans

    def _image_plan(self, number: int, policy: Policy, kind: str) -> _ImagePlan:
        if not any(rule.has_verify_images for rule in policy.rules):
            return _ImagePlan(policy, ())
        rules = [rule for rule in self._expansion(number, policy).rules(None) if rule.has_verify_images]
        asked = [rule for rule in rules if self._may_mean(rule, kind)]
        return _ImagePlan(policy, tuple(self._image_rule(policy, rule) for rule in asked))

    def _image_rule(self, policy: Policy, rule: Rule) -> ImageRule:
        from engine import image_rules  # only a few policies need it

        key = id(rule)
        if key not in self._image_rules:
            found = self._exceptions.of(policy.key, rule.name)
            self._image_rules[key] = image_rules.compile(policy, rule, found)
        return self._image_rules[key]

    def validate(self, request: Request) -> list[EngineResponse]:
        """The responses of all validate rules; policies of which no rule matched have none."""
        plans = self._plans(request, self._validating)
        if not plans:
            return []
        context = of_request(request, self.cluster, IMAGES)
        subject = request.subject()
        responses = []
        for plan in plans:
            if self._is_asked(plan.policy, request):
                answers = _answers(plan, request, context, subject)
                if answers:
                    responses.append(_response(plan.policy, request.resource, answers))
        return responses

    def generate(self, request: Request) -> list[EngineResponse]:
        """The responses of policies that generate; what they make is in them and changes nothing else."""
        plans = self._background(request) if self._generates else ()
        responses = []
        for plan in plans:
            if self._is_asked(plan.policy, request):
                answers = plan.ask(request, of_request(request, self.cluster, IMAGES))
                if answers:
                    responses.append(_response(plan.policy, request.resource, answers))
        return responses

    def _background(self, request: Request) -> tuple[BackgroundPlan, ...]:
        kind = _kind(request)
        plans = self._generating.get(kind)
        if plans is None:
            from engine import background  # only a few policies need it

            found = (background.plan(policy, kind, self._exceptions) for policy in self.policies)
            plans = self._generating[kind] = tuple(plan for plan in found if plan.rules)
        return plans

    def refused(self, request: Request, final: Request) -> list[EngineResponse]:
        """The policies whose match conditions err, or of which nobody knows whether they are met; a cluster's answer.

        Those that mutate are held against the request as it came, others against what mutation made of it. What nobody
        knows is flagged ``unjudged``.
        """
        if not self._gates:
            return []
        found: dict[int, EngineResponse] = {}
        for plan, seen in self._called(request, final):
            gate = self._gates.get(id(plan.policy))
            answer = gate.refuses(seen, self.cluster) if gate is not None else None
            if answer is not None:
                found.setdefault(id(plan.policy), EngineResponse(plan.policy, seen.resource, (), (answer,)))
        return list(found.values())

    def _called(self, request: Request, final: Request) -> Iterator[tuple[_AnyPlan, Request]]:
        """The policies whose webhooks are called, with what they are called with (upstream: mergeWebhook)."""
        first: tuple[_AnyPlan, ...] = ()
        if request.operation is not Operation.DELETE:
            verifying = self._verifying(request) if self._verifies else ()
            first = (*self._plans(request, self._mutating), *verifying)
        generating = self._background(final) if self._generates else ()
        later: tuple[_AnyPlan, ...] = (*self._plans(final, self._validating), *generating)
        for plan, seen in (*((plan, request) for plan in first), *((plan, final) for plan in later)):
            if any(match.is_called(ready.rule, seen.operation) for ready in plan.rules):
                yield plan, seen

    def _compiled_gates(self) -> dict[int, Gate]:
        """The match conditions of the policies that have some; policies are kept, so that their ids stay their own."""
        guarded = [policy for policy in self.policies if policy.match_conditions]
        if not guarded:
            return {}
        from engine import match_conditions  # a repository without CEL reads none of it

        return {id(policy): match_conditions.compile(policy) for policy in guarded}

    def _is_asked(self, policy: Policy, request: Request) -> bool:
        """Whether a policy is asked about a request at all (upstream: pkg/engine/internal/match.go)."""
        if not _in_namespace(policy, request):
            return False
        gate = self._gates.get(id(policy)) if self._gates else None
        return gate is None or gate.lets(request, self.cluster)

    def _plans(self, request: Request, index: dict[str, tuple[_Plan, ...]]) -> tuple[_Plan, ...]:
        kind = _kind(request)
        plans = index.get(kind)
        if plans is None:
            mutating = index is self._mutating
            asked = self._mutators if mutating else self._validators
            found = (self._plan(number, policy, kind, mutating) for number, policy in asked)
            plans = index[kind] = tuple(plan for plan in found if plan.rules)
        return plans

    def _plan(self, number: int, policy: Policy, kind: str, mutating: bool) -> _Plan:
        wanted = _mutates if mutating else _validates
        rules = []
        for rule in self._expansion(number, policy).rules(None if mutating else kind):
            if not wanted(rule) or not self._may_mean(rule, kind):
                continue
            is_checked = rule.checks_images and not (mutating or rule.has_validate)
            ready = self._image_rule(policy, rule) if is_checked else self._compiled_rule(policy, rule)
            if ready is not None:
                rules.append(ready)
        return _Plan(policy, tuple(rules))

    def _with(self, wanted: Callable[[Rule], bool]) -> list[tuple[int, Policy]]:
        """The policies that have such a rule, with their numbers."""
        return [(number, policy) for number, policy in enumerate(self.policies) if any(map(wanted, policy.rules))]

    def _may_mean(self, rule: Rule, kind: str) -> bool:
        """Whether the rule can match a kind; policies and expansions keep the rule, so that its id stays its own."""
        key = id(rule)
        if key not in self._kinds:
            self._kinds[key] = match.kinds(rule)
        kinds = self._kinds[key]
        return kinds is None or kind in kinds

    def _expansion(self, number: int, policy: Policy) -> autogen.Expansion:
        if number not in self._expansions:
            self._expansions[number] = autogen.Expansion(policy)
        return self._expansions[number]

    def _compiled_rule(self, policy: Policy, rule: Rule) -> CompiledRule | None:
        """The rule compiled once for all kinds; policies and expansions keep it, so that its id stays its own."""
        key = id(rule)
        if key not in self._compiled:
            body = compiled.compile_body(policy, rule)
            found = self._exceptions.of(policy.key, rule.name)
            self._compiled[key] = None if body is None else compiled.compile(policy, rule, body, found)
        return self._compiled[key]


def unanswered(policy: AnyPolicy, response: RuleResponse, resource: Resource) -> Problem:
    """The problem of a rule that nobody could be asked about, at the place in the resource."""
    reason = response.message.removeprefix("not evaluated: ")
    rule = f'rule "{response.rule}" of ' if response.rule else ""
    text = f'not evaluated: {rule}{policy.kind} "{policy.key}": {reason}'
    document = resource.document
    place = document.position((*resource.base, *response.path))
    return Problem(NOT_EVALUATED, text, document.file, place.line, place.column)


def _mutates(rule: Rule) -> bool:
    return rule.has_mutate


def _validates(rule: Rule) -> bool:
    return rule.has_validate or rule.checks_images


def _kind(request: Request) -> str:
    return request.parent[2] if request.parent else request.resource.kind


def _answers(plan: _Plan, request: Request, context: Context, subject: Subject) -> list[tuple[Rule, RuleResponse]]:
    answers = []
    for rule in plan.rules:
        for answer in within_limits(rule.reply, rule.answers, request, context, subject):
            answers.append((rule.rule, answer))
            if _settled(plan.policy, answer):
                return answers
    return answers


def _settled(policy: Policy, answer: RuleResponse) -> bool:
    """Whether ``applyRules: One`` ends the policy here."""
    return policy.apply_one and answer.result in (Result.PASS, Result.FAIL)


def _response(policy: Policy, resource: Resource, answers: list[tuple[Rule, RuleResponse]]) -> EngineResponse:
    if len(answers) == 1:  # nine of ten
        rule, answer = answers[0]
        return EngineResponse(policy, resource, (rule,), (answer,))
    asked, rules = zip(*answers, strict=True)
    return EngineResponse(policy, resource, asked, rules)


def _in_namespace(policy: Policy, request: Request) -> bool:
    """A namespaced Policy sees only resources of its own namespace (pkg/engine/internal/match.go)."""
    if policy.kind != "Policy":
        return True
    namespace = policy.namespace or "default"
    return all(resource.namespace == namespace for resource in (request.new, request.old) if resource is not None)


def _verified(policy: Policy, request: Request, answers: list[tuple[Rule, RuleResponse]]) -> Request:
    from engine import image_rules

    unknown = {(policy.key, rule.name) for rule, answer in answers if answer.unjudged}
    request = replace(request, unverified=request.unverified | unknown) if unknown else request
    resource = request.new
    if resource is None:
        return request
    value = image_rules.annotated(resource.value, policy, answers)
    if value is resource.value:
        return request
    return replace(request, new=Resource(value, resource.document, resource.base))


def _patched(request: Request, answer: RuleResponse) -> Request:
    if request.new is None:
        return request
    patched = Resource(answer.patched, request.new.document, request.new.base)
    return replace(request, new=patched)
