"""One rule compiled, with all that its policy says of it (upstream: invokeRuleHandler in pkg/engine/engine.go)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import methodcaller
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from engine import context_entries, match, variables
from engine.conditions import blocks
from engine.context import Context, of_request
from engine.context_entries import VariableEntry
from engine.errors import EngineError, LimitError
from engine.exceptions import CompiledException
from engine.images import IMAGES, SUPPLIED_IMAGES
from engine.match import Subject
from engine.model import Action, Result, RuleResponse, RuleType, Value
from engine.policies import Policy, PolicyException, Rule
from engine.request import Request
from engine.rules import sharing, validate
from engine.rules.reply import Body, Reply, Several
from engine.values.numbers import floats

Answer = tuple[Rule, RuleResponse]
"""A rule, which may be one that autogen made, and what it answered."""

Excepted = Callable[[Context, Sequence[PolicyException]], RuleResponse | None]
"""What a rule says where exceptions hold, if it looks at them itself."""

About = TypeVar("About")
More = TypeVar("More")

_EXISTING = "skipping the rule evaluation as pre-existing violations are allowed"


class CompiledRule(Struct, frozen=True):
    """A rule ready to be asked. ``allows_existing``: an UPDATE may keep an Enforce violation that stood before."""

    policy: Policy
    rule: Rule
    matches: Callable[[Subject], bool]
    entries: context_entries.Declared
    preconditions: blocks.Block | None
    properties: variables.Template | None
    exceptions: tuple[CompiledException, ...]
    reply: Reply
    body: Body
    allows_existing: bool
    plain: bool
    several: Several | None = None
    excepted: Excepted | None = None

    def answers(self, request: Request, base: Context, subject: Subject | None) -> Sequence[RuleResponse]:
        """The responses to a request, in the context that all rules share: one for each target where the rule has
        some, else one, or none where it does not match. ``subject`` is the request's.
        """
        if not self.matches(subject or request.subject()):
            return ()
        if self.several is not None:
            return self._of_targets(self.several, base)
        if self.plain and not base.cluster.supplies_values:
            response = self.body(base, None)
        else:
            context = self.context_of(base)
            response = self.guarded(context) or self.body(context, None)
            response = self._with_properties(response, context)
        if response is None:
            return ()
        if response.result is Result.FAIL and self.allows_existing:
            response = self._unless_existing(request, base, response)
        return (response,)

    def _of_targets(self, several: Several, base: Context) -> Sequence[RuleResponse]:
        context = self.context_of(base)
        guarded = self.guarded(context)
        responses = several(context) if guarded is None else (guarded,)
        return [self._with_properties(response, context) or response for response in responses]

    def context_of(self, base: Context) -> Context:
        """The rule's own context."""
        return below(base, self.policy, self.rule, self.entries)

    def guarded(self, context: Context) -> RuleResponse | None:
        """The response where preconditions or an exception settle the matter."""
        if self.preconditions is not None:
            try:
                met, reason = self.preconditions(context)
            except EngineError as error:
                return self._as_written(self.reply.error("failed to evaluate preconditions", error))
            if not met:
                text = "; ".join(part for part in ("preconditions not met", reason) if part)
                return self._as_written(self.reply.skipped(text))
        held = [item for item in self.exceptions if item.holds(context)]
        if not held:
            return None
        if self.excepted is not None:
            return self.excepted(context, [item.exception for item in held])
        keys = tuple(item.exception.key for item in held)
        text = "rule is skipped due to policy exceptions" + ", ".join(keys)
        return replace(self.reply.skipped(text), exceptions=keys)

    def _as_written(self, response: RuleResponse) -> RuleResponse:
        """An answer given before upstream has looked at the properties (engine.go, invokeRuleHandler)."""
        properties = self.rule.raw.get("reportProperties")
        return replace(response, properties={**properties}) if properties else response

    def _with_properties(self, response: RuleResponse | None, context: Context) -> RuleResponse | None:
        if response is None or self.properties is None:
            return response
        return replace(response, properties={**self.properties_in(context), **response.properties})

    def properties_in(self, context: Context) -> Mapping[str, str]:
        """The properties that the rule adds to reports."""
        if self.properties is None:
            return {}
        try:
            found = self.properties(context)
        except EngineError:
            found = None
        if found is None or any(not isinstance(text, str | None) for text in found.values()):
            kept: Mapping[str, str] = self.rule.raw["reportProperties"]  # upstream keeps all of them as written
            return kept
        return {name: text or "" for name, text in found.items()}

    def _unless_existing(self, request: Request, base: Context, response: RuleResponse) -> RuleResponse:
        """The violation; a skip where the old object of an UPDATE had one too (allowExistingViolations)."""
        if request.old is None or request.new is None:
            return response
        prior = request.prior()
        if not self.matches(prior.subject()):
            return response
        context = self.context_of(of_request(prior, base.cluster, IMAGES, base.evaluation))
        before = self.guarded(context) or self.body(context, None)
        if before is None or before.result is not Result.FAIL:
            return response
        return replace(self.reply.skipped(_EXISTING), existing=response, path=response.path)


def within_limits(
    reply: Reply,
    ask: Callable[[About, Context, More], Sequence[RuleResponse]],
    about: About,
    context: Context,
    more: More,
) -> Sequence[RuleResponse]:
    """What a rule answers when it is asked ``about`` something.

    All that it evaluates has one budget; what is too much work in any part of it is the error of this rule alone.
    """
    evaluation = context.evaluation
    if evaluation.spent or evaluation.listed:
        evaluation.begin()
    try:
        answers = ask(about, context, more)
    except EngineError as error:
        excess = evaluation.excess or error
        if not isinstance(excess, LimitError):
            raise
        return (reply.error("failed to evaluate rule", excess),)
    if evaluation.spent and evaluation.excess:  # somebody went on without what could not be read
        return (reply.error("failed to evaluate rule", evaluation.excess),)
    return answers


def below(base: Context, policy: Policy, rule: Rule, declared: context_entries.Declared) -> Context:
    """A rule's own context, with what it declares and the values that the user supplies for it."""
    context = base.child()
    entries = declared.available(base)
    if base.cluster.supplies_values:
        given = base.cluster.values(policy.name, rule.name, base.request.resource.name)
        for name, value in given.items():
            context.supply(name, value)
        if any(name.startswith("request.object.") for name in given):
            context.detach(SUPPLIED_IMAGES)  # upstream writes such a value into the resource itself
        if not base.cluster.is_offline:
            # what a user says of a ConfigMap goes before the search for it
            names = {name.partition(".")[0] for name in given}
            entries = [entry for entry in entries if entry.name not in names or isinstance(entry, VariableEntry)]
    context.add(entries)
    return context


def compile(policy: Policy, rule: Rule, body: Body, exceptions: tuple[CompiledException, ...]) -> CompiledRule:
    """Compile what surrounds a rule's body."""
    raw = rule.raw
    entries = context_entries.compile(raw.get("context"), policy.namespace)
    preconditions = raw.get("preconditions")
    properties = raw.get("reportProperties")
    kind = RuleType.MUTATION if rule.has_mutate else RuleType.VALIDATION
    if rule.has_validate and not entries and (part := sharing.looks_at(raw["validate"])) is not None:
        body = sharing.share(body, methodcaller("content", part))
    return CompiledRule(
        policy=policy,
        rule=rule,
        matches=match.compile(rule, policy.namespace),
        entries=entries,
        preconditions=None if preconditions is None else blocks.compile(preconditions),
        properties=variables.compile(floats(properties)) if properties else None,
        exceptions=exceptions,
        reply=Reply(rule.name, kind),
        body=body,
        allows_existing=rule.has_validate and _enforces(policy, rule) and _allows_existing(raw),
        plain=not (entries or preconditions is not None or properties or exceptions),
        several=_several(policy, rule) if rule.mutates_existing else None,
        excepted=_excepted(rule) if exceptions and rule.validate_kind == "podSecurity" else None,
    )


def _excepted(rule: Rule) -> Excepted:
    from engine.rules import validate_pod_security  # only a few policies need it

    return validate_pod_security.compile_excepted(rule)


def _several(policy: Policy, rule: Rule) -> Several:
    from engine.rules import mutate_existing  # only a few policies need it

    return mutate_existing.compile(rule.name, rule.raw, policy.namespace)


def compile_body(policy: Policy, rule: Rule) -> Body | None:
    """The body of a rule; None where this engine, or the reference, does nothing with it.

    What only some policies need is imported by the first that does: many runs have none.
    """
    if rule.has_mutate:
        from engine.rules import mutate

        return mutate.compile(rule.name, rule.raw, policy.namespace)
    match rule.validate_kind:
        case "pattern" | "anyPattern" | "deny" | "foreach":
            return validate.compile(rule.name, rule.raw["validate"], policy.namespace)
        case "podSecurity":
            from engine.rules import validate_pod_security

            return sharing.share(validate_pod_security.compile(rule), validate_pod_security.content)
        case "cel":
            from engine.rules import validate_cel

            return validate_cel.compile(rule)
        case "manifests":
            from engine.rules import validate_manifests

            return validate_manifests.compile(rule)
    return None


def _enforces(policy: Policy, rule: Rule) -> bool:
    return policy.action(rule, None, {}) is Action.ENFORCE


def _allows_existing(raw: dict[str, Value]) -> bool:
    validate = raw["validate"]
    is_asked_alike = validate.get("cel") or validate.get("manifests")
    return validate.get("allowExistingViolations") is not False and not is_asked_alike
