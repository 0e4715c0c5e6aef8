"""Rules that work after admission, as the reference's CLI asks them (upstream: pkg/engine/background.go, generate.go).

Only policies that generate are asked; their rules with ``targets`` are then asked a second time and say that they
apply, which the reference counts too.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from engine import compiled, context_entries, match
from engine.compiled import Answer
from engine.conditions import blocks
from engine.context import Context
from engine.errors import EngineError
from engine.exceptions import CompiledException, Lookup
from engine.match import Predicate
from engine.model import Result, RuleResponse, RuleType
from engine.policies import Policy, Rule
from engine.request import Request
from engine.rules import generate
from engine.rules.generate import Generator, Stock
from engine.rules.reply import Reply


class BackgroundRule(Struct, frozen=True):
    """A rule ready to be asked; ``generator`` is None for one that mutates existing resources."""

    policy: Policy
    rule: Rule
    matches: Predicate
    entries: context_entries.Declared
    preconditions: blocks.Block
    exceptions: tuple[CompiledException, ...]
    reply: Reply
    generator: Generator | None

    def answers(self, request: Request, context: Context, _subject: None) -> Sequence[RuleResponse]:
        """Whether the rule applies; ``context`` is the rule's own. Failing means that it did, to the old object."""
        answer = self._answer(request, context)
        return () if answer is None else (answer,)

    def _answer(self, request: Request, context: Context) -> RuleResponse | None:
        held = [item.exception.key for item in self.exceptions if item.holds(context)]
        if held:
            text = f"rule is skipped due to policy exception {', '.join(held)}"
            return replace(self.reply.skipped(text), exceptions=tuple(held))
        if request.new is None or not self.matches(request.subject()):
            return self._ended(request)
        try:
            if self.preconditions(context)[0]:
                return self.reply.passed("")
            if request.old is not None:
                context.supply_object(request.old.value)
                met, reason = self.preconditions(context)
                if met:
                    return self.reply.failed(reason)
        except EngineError as error:
            return self.reply.error("failed to evaluate conditions", error)
        return self.reply.skipped("")

    def made(self, response: RuleResponse, context: Context, stock: Stock) -> Sequence[RuleResponse]:
        """The response with what the rule generates where it applies; raises EngineError where that cannot be made."""
        if self.generator is None or response.result is not Result.PASS:
            return (response,)
        return (replace(response, generated=tuple(self.generator(context, stock))),)

    def _ended(self, request: Request) -> RuleResponse | None:
        if self.generator is None or request.old is None or not self.matches(request.subject(request.old)):
            return None
        return self.reply.failed("")


def compile(policy: Policy, rule: Rule, exceptions: tuple[CompiledException, ...]) -> BackgroundRule:
    """Compile a generate rule, or a mutate rule with targets, and what surrounds it."""
    generates = rule.has_generate
    return BackgroundRule(
        policy=policy,
        rule=rule,
        matches=match.compile(rule, policy.namespace),
        entries=context_entries.compile(rule.raw.get("context"), policy.namespace),
        preconditions=blocks.compile(rule.raw.get("preconditions")),
        exceptions=exceptions,
        reply=Reply(rule.name, RuleType.GENERATION if generates else RuleType.MUTATION),
        generator=generate.compile(rule.raw, policy.name, policy.namespace) if generates else None,
    )


class BackgroundPlan(Struct, frozen=True):
    """The background rules of one policy that can match a kind."""

    policy: Policy
    rules: tuple[BackgroundRule, ...]

    def ask(self, request: Request, base: Context) -> list[Answer]:
        """The answers of the rules, those that pass with what they generate."""
        asked: list[_Asked] = []
        for rule in self.rules:
            context = compiled.below(base, rule.policy, rule.rule, rule.entries)
            for response in compiled.within_limits(rule.reply, rule.answers, request, context, None):
                asked.append((rule, response, context))
            if self.policy.apply_one and asked and asked[-1][1].result is not Result.SKIP:
                break
        try:
            return _generated(asked, request, base)
        except EngineError:
            # upstream logs it, and generates nothing
            return [(rule.rule, _with_properties(rule, response)) for rule, response, _ in asked]


_Asked = tuple[BackgroundRule, RuleResponse, Context]


def plan(policy: Policy, kind: str, exceptions: Lookup) -> BackgroundPlan:
    """The plan of a policy for a kind; one without rules if the policy does not generate."""
    rules = []
    for rule in policy.rules if any(rule.has_generate for rule in policy.rules) else ():
        kinds = match.kinds(rule)
        if (rule.has_generate or rule.mutates_existing) and (kinds is None or kind in kinds):
            rules.append(compile(policy, rule, exceptions.of(policy.key, rule.name)))
    return BackgroundPlan(policy, tuple(rules))


def _generated(asked: Sequence[_Asked], request: Request, base: Context) -> list[Answer]:
    sources = base.cluster.clone_sources
    known = [sources(rule.policy.key, rule.rule.name) for rule, _, _ in asked] if sources else []
    stock = Stock(request.resource, tuple({id(source): source for source in known}.values()))
    done = []
    for rule, response, context in asked:
        for answer in compiled.within_limits(rule.reply, rule.made, response, context, stock):
            done.append((rule.rule, _with_properties(rule, answer)))
    return done


def _with_properties(rule: BackgroundRule, response: RuleResponse) -> RuleResponse:
    properties = rule.rule.raw.get("reportProperties")
    return replace(response, properties={**properties}) if properties else response
