"""``validate.foreach`` (upstream: validateForEach and validateElements in handlers/validation/validate_resource.go)."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from engine import context_entries
from engine.conditions import blocks
from engine.context import Context
from engine.errors import EngineError, LimitError
from engine.model import Path, Result, RuleResponse, RuleType, Value
from engine.rules import origin
from engine.rules.reply import Body, Reply, Scope
from engine.values import golang

MAX_ELEMENTS = 100_000
"""Elements that the loops of one rule look at; beyond it the rule is an error, so that no list stops a judgement."""


class Loop(Struct, frozen=True):
    """One compiled foreach: its list, and what is asked of each element."""

    expression: str
    scoped: bool | None
    entries: context_entries.Declared
    preconditions: blocks.Block | None
    check: Body | None
    nesting: int


def compile(
    rule: str,
    raw_loops: Value,
    policy_namespace: str,
    nesting: int,
    inner: Callable[[dict[str, Value], int], Body | None],
) -> Body:
    """A rule body that asks ``inner`` of every element; the first that does not pass ends the rule."""
    reply = Reply(rule, RuleType.VALIDATION)
    loops = [_loop(raw, policy_namespace, nesting, inner) for raw in raw_loops]

    def judge(context: Context, scope: Scope | None) -> RuleResponse | None:
        applied, failure = 0, None
        for loop in loops:
            try:
                elements = listed(loop.expression, context)
            except LimitError as error:
                return reply.error("failed to evaluate list", error)
            except EngineError as error:
                if "Unknown key" not in str(error):
                    failure = error
                continue
            response, count = _elements(reply, loop, elements, context, scope)
            if response is not None:
                return response
            applied += count
        if applied:
            return reply.passed("rule passed")
        return None if failure is None else reply.error("failed to evaluate list", failure)

    return judge


def _loop(
    raw: dict[str, Value], policy_namespace: str, nesting: int, inner: Callable[[dict[str, Value], int], Body | None]
) -> Loop:
    preconditions = raw.get("preconditions")
    return Loop(
        expression=str(raw.get("list") or ""),
        scoped=raw.get("elementScope"),
        entries=context_entries.compile(raw.get("context"), policy_namespace),
        preconditions=None if preconditions is None else blocks.compile(preconditions),
        check=inner(raw, nesting + 1),
        nesting=nesting,
    )


def listed(expression: str, context: Context) -> list[Value]:
    """The elements of a foreach list: what is no list is its only element (pkg/engine/utils/foreach.go)."""
    found = context.query(expression)
    elements = found if isinstance(found, list) else [found]
    if len(elements) > MAX_ELEMENTS:
        raise LimitError(f"the list {expression} has {len(elements)} elements, more than the limit of {MAX_ELEMENTS}")
    if context.count(len(elements)) > MAX_ELEMENTS:
        raise LimitError(f"the list {expression} is looked at again and again: more than {MAX_ELEMENTS} elements")
    return elements


def element_values(element: Value, index: int, nesting: int) -> dict[str, Value]:
    """The values by which an element is known in its context."""
    return {
        "element": element,
        f"element{nesting}": element,
        "elementIndex": index,
        f"elementIndex{nesting}": index,
    }


def _elements(
    reply: Reply, loop: Loop, elements: list[Value], context: Context, scope: Scope | None
) -> tuple[RuleResponse | None, int]:
    """The response that ends the rule, if any, and how many elements passed."""
    base = origin.of_expression(loop.expression, scope.path if scope else None)
    applied = 0
    for index, element in enumerate(elements):
        if element is None:
            continue
        is_map = isinstance(element, dict)
        if loop.scoped and not is_map:
            text = (
                "cannot use elementScope=true foreach rules for elements that are not maps, "
                f"expected type=map got type={golang.type_name(element)}"
            )
            return reply.error("failed to process foreach", text), applied
        place: Path = () if base is None else (*base, index) if len(elements) > 1 or is_map else base
        narrowed = Scope(element, place) if (is_map if loop.scoped is None else loop.scoped) else scope
        response = _element(reply, loop, context.child(values=element_values(element, index, loop.nesting)), narrowed)
        if response is None or response.result is Result.SKIP:
            continue
        if response.result is not Result.PASS:
            if response.result is Result.ERROR and "failed to evaluate preconditions" in response.message:
                continue
            path = _place(context.request.resource.value, element, place, response.path)
            if scope is None:
                path = origin.existing(context.request.resource.value, path)
            return replace(response, message=f"validation failure: {response.message}", path=path), applied
        applied += 1
    return None, applied


def _place(resource: Value, element: Value, guessed: Path, told: Path) -> Path:
    """Where a failure stands: what the check told of it, unless the element's own place says more."""
    path = guessed if guessed[: len(told)] == told else told
    return origin.of_element(resource, element, guessed, path)


def _element(reply: Reply, loop: Loop, context: Context, scope: Scope | None) -> RuleResponse | None:
    context.add(loop.entries.available(context))
    if loop.preconditions is not None:
        try:
            met, reason = loop.preconditions(context)
        except LimitError as error:
            return reply.error("failed to process foreach", error)
        except EngineError as error:
            return reply.error("failed to evaluate preconditions", error)
        if not met:
            return reply.skipped("; ".join(part for part in ("preconditions not met", reason) if part))
    return loop.check(context, scope) if loop.check else None
