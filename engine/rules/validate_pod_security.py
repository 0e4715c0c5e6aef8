"""``validate.podSecurity`` (upstream: pkg/engine/handlers/validation/validate_pss.go)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from engine import pod_security
from engine.context import Context
from engine.errors import EngineError
from engine.model import Operation, Result, RuleResponse, RuleType, Value
from engine.pod_security import Memo, PodSecurityAnswer, Standard
from engine.rules.reply import Body, Scope

_LATEST = Memo()


class RuleLike(Protocol):
    """What is needed of a rule: its name and how it was written."""

    @property
    def name(self) -> str: ...
    @property
    def raw(self) -> dict[str, Value]: ...


class ExceptionLike(Protocol):
    """What is needed of a PolicyException: ``namespace/name`` and how it was written."""

    @property
    def key(self) -> str: ...
    @property
    def raw(self) -> dict[str, Value]: ...


def compile(rule: RuleLike) -> Body:
    """The body of a rule; it says nothing of a DELETE."""
    standard = _standard(rule)

    def judge(context: Context, scope: Scope | None) -> RuleResponse | None:
        if _is_delete(context):
            return None
        return _response(rule.name, _ask(standard, context))

    return judge


def content(context: Context) -> bytes | None:
    """All that the standard, and the images in its report, look at in the resource; None where there may be more."""
    if _is_delete(context) or context.cluster.supplies_values or context.request.variables:
        return None
    resource = context.request.resource
    return _LATEST.content(resource.value, resource.kind)


def compile_excepted(rule: RuleLike) -> Callable[[Context, Sequence[ExceptionLike]], RuleResponse | None]:
    """The response where exceptions match: the first one without controls skips the rule, the others exclude theirs."""
    standard = _standard(rule)

    def judge(context: Context, exceptions: Sequence[ExceptionLike]) -> RuleResponse | None:
        if _is_delete(context):
            return None
        for exception in exceptions:
            if not _controls(exception):
                return _skipped(rule, f"rule is skipped due to policy exception {exception.key}", (exception.key,))
        answer = _ask(standard, context)
        if answer.allowed or answer.error is not None:
            return _response(rule.name, answer)
        excludes = [control for exception in exceptions for control in _controls(exception)]
        answer = _ask(pod_security.with_excludes(standard, excludes), context)
        if not answer.allowed:
            return _response(rule.name, answer)
        keys = tuple(exception.key for exception in exceptions)
        return _skipped(rule, f"rule is skipped due to policy exceptions {', '.join(keys)}", keys)

    return judge


def _standard(rule: RuleLike) -> Standard:
    return pod_security.compile(rule.raw["validate"]["podSecurity"], rule.name)


def _controls(exception: ExceptionLike) -> list[dict[str, Value]]:
    controls = (exception.raw.get("spec") or {}).get("podSecurity") or []
    return list(controls)


def _is_delete(context: Context) -> bool:
    return context.request.operation is Operation.DELETE


def _ask(standard: Standard, context: Context) -> PodSecurityAnswer:
    resource = context.request.resource
    return standard(resource.value, resource.kind, lambda: _images(context), _LATEST)


def _images(context: Context) -> Mapping[str, Mapping[str, str]]:
    """The image references that the context knows; none where one of them cannot be read, as upstream."""
    try:
        images = context.query("images")
    except EngineError:
        return {}
    return {kind: {name: info["reference"] for name, info in found.items()} for kind, found in (images or {}).items()}


def _response(rule: str, answer: PodSecurityAnswer) -> RuleResponse:
    result = Result.ERROR if answer.error is not None else Result.PASS if answer.allowed else Result.FAIL
    return RuleResponse(rule, RuleType.VALIDATION, result, answer.message, answer.path, answer.properties)


def _skipped(rule: RuleLike, text: str, keys: tuple[str, ...]) -> RuleResponse:
    return RuleResponse(rule.name, RuleType.VALIDATION, Result.SKIP, text, exceptions=keys)
