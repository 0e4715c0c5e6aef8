"""Which PolicyExceptions hold for a rule (upstream: api/kyverno/v2/policy_exception_types.go, pkg/exceptions)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from engine import match
from engine.conditions import blocks
from engine.conditions.blocks import Block
from engine.context import Context
from engine.errors import EngineError
from engine.match import Subject
from engine.model import Value
from engine.policies import PolicyException
from engine.values import wildcard


class CompiledException(Struct, frozen=True):
    """An exception whose match block and conditions are predicates; ``conditions`` are as written."""

    exception: PolicyException
    matches: Callable[[Subject], bool]
    conditions: Value
    met: Block | None

    def holds(self, context: Context) -> bool:
        """Whether the exception is meant for the request of a context, its conditions included."""
        if not self.matches(context.request.subject()):
            return False
        try:
            return self.met is None or self.met(context)[0]
        except EngineError:
            return False  # upstream goes on as if the exception were not there


class Lookup:
    """The exceptions by the policies that they name."""

    __slots__ = ("_by_policy",)

    def __init__(self, exceptions: Sequence[PolicyException]) -> None:
        self._by_policy: dict[str, list[tuple[CompiledException, Callable[[str], bool]]]] = {}
        for exception in exceptions:
            self._add(exception)

    def _add(self, exception: PolicyException) -> None:
        spec = exception.raw["spec"]
        conditions = spec.get("conditions")
        met = None if conditions is None else blocks.compile(conditions)
        compiled = CompiledException(exception, match.compile_exception(spec["match"]), conditions, met)
        for entry in spec["exceptions"]:
            self._by_policy.setdefault(entry["policyName"], []).append((compiled, _names(entry["ruleNames"])))

    def of(self, policy_key: str, rule_name: str) -> tuple[CompiledException, ...]:
        """The exceptions that name the rule, in their order; ``policy_key`` is ``namespace/name`` for a Policy."""
        found = self._by_policy.get(policy_key, ())
        chosen = {id(compiled): compiled for compiled, names in found if names(rule_name)}
        return tuple(chosen.values())


def compile(exceptions: Sequence[PolicyException]) -> Lookup:
    """Compile exceptions for look-up by policy and rule."""
    return Lookup(exceptions)


def _names(patterns: list[str]) -> Callable[[str], bool]:
    matchers = [wildcard.compile(pattern) for pattern in patterns]
    return lambda name: any(matches(name) for matches in matchers)
