"""``validate.pattern`` and ``validate.anyPattern`` (upstream: handlers/validation/validate_resource.go)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Never, TypeVar

from engine import pattern, variables
from engine.context import Context
from engine.errors import EngineError, PolicyError
from engine.model import Operation, Path, RuleResponse, RuleType, Value
from engine.pattern import PatternFailure
from engine.rules.reply import Body, Reply, Scope

_T = TypeVar("_T")


def compile(rule: str, message: str, document: Value) -> Body:
    """A rule body for one pattern."""
    reply = Reply(rule, RuleType.VALIDATION)
    compiled = _compiled(document, pattern.compile)
    texts = variables.compile(message)
    passed = reply.passed(f"validation rule '{rule}' passed.")

    def judge(context: Context, scope: Scope | None) -> RuleResponse | None:
        try:
            matches = compiled(context)
        except EngineError as error:
            return reply.error("variable substitution failed", error)
        target = _target(context, scope)
        if target is None:
            return None
        failure = matches(target.value)
        if failure is None:
            return passed
        return _verdict(reply, texts, failure, context, target.path)

    return judge


def compile_any(rule: str, message: str, documents: Value) -> Body:
    """A rule body that passes when any of several patterns does."""
    reply = Reply(rule, RuleType.VALIDATION)
    if not isinstance(documents, list):
        return lambda _context, _scope: reply.error("failed to deserialize anyPattern, expected type array")
    patterns = _compiled(documents, lambda alternatives: [pattern.compile(each) for each in alternatives])
    texts = variables.compile(message)
    passed = [reply.passed(f"validation rule '{rule}' anyPattern[{index}] passed.") for index in range(len(documents))]

    def judge(context: Context, scope: Scope | None) -> RuleResponse | None:
        try:
            alternatives = patterns(context)
        except EngineError as error:
            return reply.error("variable substitution failed", error)
        target = _target(context, scope)
        if target is None:
            return None
        failures = []
        for index, matches in enumerate(alternatives):
            failure = matches(target.value)
            if failure is None:
                return passed[index]
            failures.append(failure)
        return _any_verdict(reply, texts, failures, context, target.path)

    return judge


def _compiled(document: Value, compile_document: Callable[[Value], _T]) -> Callable[[Context], _T]:
    """Compiled patterns: at once where no variable stands in them, else after substitution in each context."""
    template = variables.compile(document)
    if not template.constant:
        return lambda context: compile_document(template.evaluate(context))
    try:
        compiled = compile_document(template.value)
    except PolicyError as error:
        return _refused(error)
    return lambda _context: compiled


def _refused(error: PolicyError) -> Callable[[Context], Never]:
    def refuse(_context: Context) -> Never:
        raise error

    return refuse


def _target(context: Context, scope: Scope | None) -> Scope | None:
    """The element of a foreach, else the new resource; None on DELETE, where patterns say nothing (trap 18)."""
    if scope is not None:
        return scope
    request = context.request
    if request.operation is Operation.DELETE or request.new is None:
        return None
    return Scope(request.new.value, ())


def _verdict(
    reply: Reply, texts: variables.Template, failure: PatternFailure, context: Context, base: Path
) -> RuleResponse:
    if failure.skip:
        return reply.skipped(failure.message)
    if not failure.path:
        tail = f"rule {reply.rule} execution error: {failure.message}"
        return reply.error(_message(reply.rule, texts, context, tail, failure.message))
    tail = f"rule {reply.rule} failed at path {failure.path}"
    return reply.failed(_message(reply.rule, texts, context, tail, failure.message), base + failure.keys)


def _any_verdict(
    reply: Reply, texts: variables.Template, failures: Sequence[PatternFailure], context: Context, base: Path
) -> RuleResponse:
    skipped: list[str] = []
    failed: list[str] = []
    path: Path = base
    for index, failure in enumerate(failures):
        name = f"rule {reply.rule}[{index}]"
        if failure.skip:
            skipped.append(f"{name} skipped: {failure.message}")
            continue
        if not failed:
            path = base + failure.keys
        failed.append(f"{name} failed at path {failure.path}" if failure.path else f"{name} failed: {failure.message}")
    if failed:
        causes = " ".join(failed)
        return reply.failed(_message(reply.rule, texts, context, causes, causes), path)
    if skipped:
        return reply.skipped(" ".join(skipped))
    return reply.passed(str(texts.value or ""))


def _message(rule: str, texts: variables.Template, context: Context, tail: str, cause: str) -> str:
    """The rule's message and what failed; a message with a bad variable becomes a generic one (trap 21)."""
    if texts.constant and not texts.value:
        return f"validation error: {tail}"
    try:
        text = str(texts(context))
    except EngineError:
        return f"validation error: variables substitution error in rule {rule} execution error: {cause}"
    stop = "" if text.endswith(".") else "."
    return f"validation error: {text}{stop} {tail}"
