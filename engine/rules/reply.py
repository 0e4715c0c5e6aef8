"""Rule responses of one rule (upstream: pkg/engine/api/ruleresponse.go), and what every rule body looks like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from engine.context import Context
from engine.model import Path, Result, RuleResponse, RuleType, Value


class Scope(Struct, frozen=True):
    """What a pattern looks at inside a foreach: an element, and where it stands in the resource if that is known."""

    value: Value
    path: Path


Body = Callable[[Context, Scope | None], RuleResponse | None]
"""A compiled rule body: the answer in a context; None where the rule has nothing to say."""

Several = Callable[[Context], Sequence[RuleResponse]]
"""A compiled rule body that answers once for each of its targets."""


class Reply(Struct, frozen=True):
    """Makes the responses of one rule."""

    rule: str
    type: RuleType

    def make(self, result: Result, message: str, path: Path = ()) -> RuleResponse:
        """A response of this rule."""
        return RuleResponse(rule=self.rule, type=self.type, result=result, message=message, path=path)

    def passed(self, message: str) -> RuleResponse:
        """The resource satisfies the rule."""
        return self.make(Result.PASS, message)

    def failed(self, message: str, path: Path = ()) -> RuleResponse:
        """The resource violates the rule."""
        return self.make(Result.FAIL, message, path)

    def skipped(self, message: str) -> RuleResponse:
        """The rule does not apply."""
        return self.make(Result.SKIP, message)

    def error(self, message: str, cause: object = None) -> RuleResponse:
        """The rule could not be evaluated."""
        return self.make(Result.ERROR, message if cause is None else f"{message}: {cause}")
