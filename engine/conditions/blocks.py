"""Condition blocks, compiled once (upstream: pkg/engine/variables/evaluate.go).

A block is ``{any: [...], all: [...]}`` or, the older form, a list of conditions which must all hold.
"""

from __future__ import annotations

from collections.abc import Callable

from engine import variables
from engine.conditions.operators import operator, specialise
from engine.context import Context
from engine.errors import LimitError, SubstitutionError
from engine.model import Value

Verdict = tuple[bool, str]
"""Whether the block holds, and the joined messages of the conditions that decided."""

Block = Callable[[Context], Verdict]
"""A compiled block; raises EngineError with the reference's text."""

Condition = Callable[[Context], bool]


def compile(raw: Value) -> Block:
    """Compile a block; an absent one always holds."""
    match raw:
        case None:
            return lambda _context: (True, "")
        case list():
            return _legacy([_condition(item) for item in raw])
        case dict():
            any_of, all_of = raw.get("any"), raw.get("all")
            return _any_all(
                None if any_of is None else [_condition(item) for item in any_of],
                [_condition(item) for item in all_of or ()],
            )

    def invalid(_context: Context) -> Verdict:
        raise SubstitutionError("invalid condition")

    return invalid


def compile_all_any(raw: dict[str, Value]) -> Condition:
    """The block of a cleanup policy: ``all`` first, and an empty ``any`` is no obstacle (pkg/utils/conditions)."""
    all_of, any_of = ([_condition(item)[0] for item in raw.get(name) or ()] for name in ("all", "any"))

    def evaluate(context: Context) -> bool:
        if not all(condition(context) for condition in all_of):
            return False
        return not any_of or any(condition(context) for condition in any_of)

    return evaluate


def _joined(messages: list[str], separator: str) -> str:
    return separator.join(message for message in messages if message)


def _any_all(any_of: list[tuple[Condition, str]] | None, all_of: list[tuple[Condition, str]]) -> Block:
    def evaluate(context: Context) -> Verdict:
        held: list[str] = []
        failed: list[str] = []
        result = any_of is None  # an empty list is present and can hold no condition: false
        for condition, message in any_of or ():
            if condition(context):
                held.append(message)
                result = True
                break
            failed.append(message)
        for condition, message in all_of:
            if not condition(context):
                failed.append(message)
                result = False
                break
            held.append(message)
        return (True, _joined(held, "; ")) if result else (False, _joined(failed, "; "))

    return evaluate


def _legacy(conditions: list[tuple[Condition, str]]) -> Block:
    def evaluate(context: Context) -> Verdict:
        held: list[str] = []
        for condition, message in conditions:
            if not condition(context):
                return False, message
            held.append(message)
        return True, _joined(held, ";")

    return evaluate


def _condition(raw: dict[str, Value]) -> tuple[Condition, str]:
    message = str(raw.get("message") or "")
    name = str(raw.get("operator") or "")
    key, value = variables.compile(_untyped(raw.get("key"))), variables.compile(_untyped(raw.get("value")))
    compare = operator(name)
    if compare is None:
        return _unknown_operator(key, value), message
    fixed = specialise(name, value.value) if value.constant else None
    if fixed is not None and not key.constant:
        return lambda context: fixed(_substituted("key", key, context)), message
    return lambda context: compare(_substituted("key", key, context), _substituted("value", value, context)), message


def _untyped(value: Value) -> Value:
    """A number becomes a float64; inside lists and maps it stays what it was (jsonutils.DocumentToUntyped)."""
    return float(value) if type(value) is int else value


def _unknown_operator(key: variables.Template, value: variables.Template) -> Condition:
    def evaluate(context: Context) -> bool:
        _substituted("key", key, context)
        _substituted("value", value, context)
        raise SubstitutionError("failed to create handler for condition operator: %!w(<nil>)")

    return evaluate


def _substituted(side: str, template: variables.Template, context: Context) -> Value:
    if template.constant:
        return template.value
    try:
        return template.evaluate(context)
    except LimitError:
        raise
    except SubstitutionError as error:
        raise SubstitutionError(f"failed to substitute variables in condition {side}: {error}") from error
