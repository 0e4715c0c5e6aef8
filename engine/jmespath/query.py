"""Compiled expressions."""

from __future__ import annotations

from functools import lru_cache

from engine.errors import LimitError, NotFoundError
from engine.jmespath.compiler import compile_tree
from engine.jmespath.evaluation import Evaluation, Missing, Runtime
from engine.jmespath.parser import parse
from engine.model import Value


class Query:
    """An expression that can be asked of any value."""

    __slots__ = ("_step", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._step = compile_tree(parse(text))

    def __call__(self, value: Value, runtime: Runtime) -> Value:
        """The answer where nothing else is asked with it: as ``within`` an evaluation of its own."""
        return self.within(value, Evaluation(runtime))

    def within(self, value: Value, evaluation: Evaluation) -> Value:
        """The answer, which may share parts with ``value`` and with the expression's literals: change neither.

        Raises NotFoundError for a key that is not there, QueryError for what a function refuses (both with the
        reference's text), LimitError for an expression that builds too much, or visits more than is left to visit.
        """
        try:
            answer = self._step(value, evaluation)
        except RecursionError:
            raise LimitError("the values of the expression nest too deeply") from None
        if isinstance(answer, Missing):
            raise NotFoundError(f'Unknown key "{answer.key}" in path')
        return answer

    def __repr__(self) -> str:
        return f"Query({self.text!r})"


@lru_cache(maxsize=4096)
def compile(expression: str) -> Query:
    """The query of an expression; the last 4096 are kept.

    Raises QueryError with go-jmespath's text (``SyntaxError: ...``), or naming the limit that the expression exceeds.
    """
    return Query(expression)
