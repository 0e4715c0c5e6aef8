"""What the cluster would say to a change: admitted, blocked, or admitted with a row in the report.

An admission request is CREATE (no old), UPDATE (both) or DELETE (no new). A rule that fails, or errs, and whose action
is Enforce denies the request (upstream: pkg/utils/engine/response.go, BlockRequest), and so does a mutation that errs;
everything else is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from engine.judge import EngineResponse, Judge, unanswered
from engine.match import UserInfo
from engine.model import Action, Operation, Problem, Result, RuleResponse, RuleType
from engine.policies import AnyPolicy, Rule
from engine.request import Request
from engine.resources import Resource

if TYPE_CHECKING:
    from engine.cel_policies.judge import CelJudge
    from engine.cel_policies.outcome import CelResponse

_STRICT = ("ValidatingPolicy", "ImageValidatingPolicy")
"""Families whose errors deny whatever the ``failurePolicy`` says."""
_DENYING = (RuleType.VALIDATION, RuleType.IMAGE_VERIFY)


class Answer(Struct, frozen=True):
    """One rule response and what it means for the request.

    ``stood_before`` tells that the old object failed the rule with the same words: nothing that this change brought.
    ``is_background`` tells of a rule that generates, or mutates other resources: it works after admission, so what it
    says is reported and is no word on the change.
    """

    policy: AnyPolicy
    response: RuleResponse
    action: Action
    blocked: bool
    stood_before: bool = False
    is_background: bool = False

    @property
    def existing(self) -> RuleResponse | None:
        """The violation that was let through because the old object had it already."""
        return self.response.existing


class Admission(Struct, frozen=True):
    """The answer to one request. ``resource`` is what was judged; ``patched`` what mutation made of it.

    ``unjudged`` are the rules that nobody could be asked about.
    """

    operation: Operation
    resource: Resource
    patched: Resource
    answers: tuple[Answer, ...]
    unjudged: tuple[Problem, ...] = ()

    @property
    def blocked(self) -> tuple[Answer, ...]:
        """The answers that deny the request; empty when it is admitted."""
        return tuple(answer for answer in self.answers if answer.blocked)


def admit(judge: Judge, old: Resource | None, new: Resource | None, user: UserInfo | None = None) -> Admission:
    """Judge a change as the API server's webhook would; ``old`` or ``new`` is None where there is none."""
    request = request_of(judge, old, new, user)
    mutated, after = judge.mutate(request)
    patched = after or request  # an error in a mutate rule must not switch off what validates
    in_cel: list[CelResponse] = []
    if judge.cel is not None:
        in_cel, patched = _cel(judge.cel, patched)
    verified, final = judge.verify(patched)
    responses = (*mutated, *verified, *judge.validate(final), *judge.generate(final))
    labels = request.namespace_labels
    answers = [
        _answer(found, rule, response, labels)
        for found in responses
        for rule, response in zip(found.asked, found.rules, strict=True)
        if not (_ends(response) or response.unjudged)
    ]
    answers += [_cel_answer(one, response) for one in in_cel for response in one.rules if not response.unjudged]
    if request.operation is Operation.UPDATE and any(_reported(answer) for answer in answers):
        answers = _compared(judge, request, answers)
    refused = judge.refused(request, final)
    answers += [_refusal(found) for found in refused if not found.rules[0].unjudged]
    unjudged = _unjudged((*responses, *in_cel, *refused))
    return Admission(request.operation, request.resource, patched.resource, tuple(answers), unjudged)


def _unjudged(responses: Iterable[EngineResponse | CelResponse]) -> tuple[Problem, ...]:
    return tuple(
        unanswered(found.policy, response, found.resource)
        for found in responses
        for response in found.rules
        if response.unjudged
    )


def _cel(judge: CelJudge, request: Request) -> tuple[list[CelResponse], Request]:
    """The responses of policies in CEL, and the request as they leave it."""
    mutated, patched = judge.mutate(request)
    inventory = judge.cluster.inventory
    targets = inventory.resources if inventory is not None else ()
    existing = judge.mutate_existing(request, patched.resource, targets)
    found = (*mutated, *judge.validate(patched), *judge.verify(patched), *judge.generate(patched), *existing)
    return [one for one in found if one.policy.admission], patched


def _cel_answer(found: CelResponse, response: RuleResponse) -> Answer:
    """What a response means: here ``failurePolicy`` has no word where an expression of a validation errs.

    Upstream: admissionResponse in pkg/webhooks/resource/{vpol,ivpol,mpol}/handler.go; apiserver's
    validating/dispatcher.go.
    """
    policy = found.policy
    denies = response.result is Result.FAIL
    if response.result is Result.ERROR:
        denies = policy.family in _STRICT or not policy.ignores_errors
    blocked = denies and found.action is Action.ENFORCE and not found.is_background
    return Answer(policy, response, found.action, blocked, is_background=found.is_background)


def _refusal(found: EngineResponse) -> Answer:
    """The API server's own answer, which no action of a rule has a word in."""
    return Answer(found.policy, found.rules[0], Action.ENFORCE, blocked=True)


def _ends(response: RuleResponse) -> bool:
    """Whether a generate rule says that it applied to the old object only, for which a cluster writes no row."""
    return response.type is RuleType.GENERATION and response.result is Result.FAIL


def _reported(answer: Answer) -> bool:
    return answer.response.result is Result.FAIL and not answer.blocked


def _compared(judge: Judge, request: Request, answers: Sequence[Answer]) -> list[Answer]:
    """The answers, each failure that the old object had too marked as such."""
    created = request_of(judge, None, request.old, request.user)
    _, before = judge.mutate(created)
    stood = _failing(judge.validate(judge.verify(before or created)[1]))
    if judge.cel is not None:
        _, mutated = judge.cel.mutate(before or created)
        stood |= _failing((*judge.cel.validate(mutated), *judge.cel.verify(mutated)))
    return [replace(answer, stood_before=_reported(answer) and _words(answer) in stood) for answer in answers]


def _failing(responses: Iterable[EngineResponse | CelResponse]) -> set[tuple[str, str, str]]:
    return {
        (found.policy.key, response.rule, response.message)
        for found in responses
        for response in found.rules
        if response.result is Result.FAIL
    }


def _words(answer: Answer) -> tuple[str, str, str]:
    return answer.policy.key, answer.response.rule, answer.response.message


def request_of(judge: Judge, old: Resource | None, new: Resource | None, user: UserInfo | None = None) -> Request:
    """The admission request for a change."""
    operation = Operation.DELETE if new is None else Operation.CREATE if old is None else Operation.UPDATE
    request = Request(operation, new=new, old=old, user=user)
    namespace = request.resource.namespace
    labels = judge.cluster.namespace_labels(namespace)
    return replace(request, namespace=namespace, namespace_labels=labels)


def scan(judge: Judge, resource: Resource) -> Admission:
    """Judge a resource as the background scan does: as it stands, with nothing to deny."""
    request = request_of(judge, None, resource)
    verified, final = judge.verify(request)
    responses = [found for found in (*verified, *judge.validate(final)) if found.policy.background]
    answers = [
        Answer(found.policy, response, _action(found, rule, request.namespace_labels), blocked=False)
        for found in responses
        for rule, response in zip(found.asked, found.rules, strict=True)
        if not response.unjudged
    ]
    in_cel = [found for found in _cel_scan(judge.cel, request) if found.policy.background]
    answers += [
        Answer(found.policy, response, found.action, blocked=False)
        for found in in_cel
        for response in found.rules
        if not response.unjudged
    ]
    return Admission(request.operation, resource, resource, tuple(answers), _unjudged((*responses, *in_cel)))


def _cel_scan(judge: CelJudge | None, request: Request) -> Sequence[CelResponse]:
    return () if judge is None else (*judge.validate(request), *judge.verify(request))


def _answer(found: EngineResponse, rule: Rule, response: RuleResponse, labels: Mapping[str, str]) -> Answer:
    action = _action(found, rule, labels)
    is_background = rule.has_generate or rule.mutates_existing
    denies = response.result is Result.FAIL
    if response.result is Result.ERROR:
        denies = not found.policy.ignores_errors
    if response.type is RuleType.MUTATION:  # whatever the action (pkg/webhooks/resource/mutation/mutation.go)
        blocked = denies and not is_background
    else:
        blocked = denies and response.type in _DENYING and (action is Action.ENFORCE or _denies_all(found, response))
    return Answer(found.policy, response, action, blocked, is_background=is_background)


def _denies_all(found: EngineResponse, response: RuleResponse) -> bool:
    """Whether an error denies whatever the action: a policy with match conditions has a webhook of its own, whose
    rules are not sorted by action (upstream: retrieveAndCategorizePolicies in pkg/webhooks/resource/handlers.go).
    """
    return response.result is Result.ERROR and bool(found.policy.match_conditions)


def _action(found: EngineResponse, rule: Rule, labels: Mapping[str, str]) -> Action:
    return found.policy.action(rule, found.resource.namespace, labels)


def event(resource: Resource, answer: Answer) -> str:
    """The text of the PolicyViolation event (upstream: pkg/event/events.go)."""
    name = f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name
    response = answer.existing or answer.response
    rule = f"[{response.rule}] " if response.rule else ""
    blocked = " (blocked)" if answer.blocked else ""
    message = f"; {response.message}" if response.message else ""
    return f"{resource.kind} {name}: {rule}{response.result}{blocked}{message}"


def events(admissions: Sequence[Admission]) -> list[str]:
    """The events of all denied requests."""
    return [event(admission.resource, answer) for admission in admissions for answer in admission.blocked]
