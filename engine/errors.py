"""The engine's own exceptions. None of them leaves ``engine``: each becomes a problem or a rule response."""

from __future__ import annotations


class EngineError(Exception):
    """Base of all; its text is what a person reads."""


class LimitError(EngineError):
    """A bound on size, depth or work was exceeded; the text names the bound."""


class QueryError(EngineError):
    """A JMESPath expression could not be parsed or evaluated."""


class QuerySyntaxError(QueryError):
    """A JMESPath expression that breaks the grammar at ``offset``, which counts bytes as Go does."""

    def __init__(self, message: str, expression: str, offset: int) -> None:
        super().__init__(f"SyntaxError: {message}")
        self.expression = expression
        self.offset = offset

    def highlighted(self) -> str:
        """The expression, and a mark below the place."""
        return f"{self.expression}\n{' ' * self.offset}^"


class NotFoundError(QueryError):
    """An unknown key in a JMESPath expression (go-jmespath's NotFoundError), which some callers treat as absence."""


class SubstitutionError(EngineError):
    """A variable or reference could not be resolved."""


class PolicyError(EngineError):
    """A policy is malformed; the text is the reference's where it has one."""
