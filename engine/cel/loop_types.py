"""The types of loops: checked as what they mean, told in terms of upstream's folds (checker/checker.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.cel.syntax import Comprehension, Expr, Loop
from engine.cel.types import BOOL, DYN, INT, Kind, Type, list_of, map_of

if TYPE_CHECKING:
    from engine.cel.checker import Checker

_FOLDS: Final = {
    Loop.ALL: (0, 0),
    Loop.EXISTS: (0, 0),
    Loop.EXISTS_ONE: (0, 3),
    Loop.FILTER: (1, 2),
    Loop.MAP: (1, 1),
    Loop.TRANSFORM_LIST: (1, 1),
    Loop.TRANSFORM_MAP: (2, 4),
    Loop.TRANSFORM_MAP_ENTRY: (2, 4),
}
"""Type parameters that upstream's folds introduce before and after the body; their numbers show in messages."""


def of_loop(checker: Checker, node: Comprehension) -> Type:
    """The type of a loop's result."""
    variables = _loop_variables(checker, node, checker.resolved(checker.check(node.target)))
    gathered, folded = _FOLDS[node.loop]
    accumulator = [checker.substitution.fresh() for _ in range(gathered)]
    before = [node.condition] if node.condition else []
    body = checker.resolved(checker.within(variables, *before, node.body))
    checker.substitution.pass_over(folded + len(before))
    match node.loop:
        case Loop.ALL | Loop.EXISTS:
            checker.expect_bool(node.body, body)
            return BOOL
        case Loop.EXISTS_ONE:
            _decides(checker, node, node.body, INT)
            return BOOL
        case Loop.FILTER:
            result = list_of(variables[node.variable])
            _decides(checker, node, node.body, result)
            return result
        case Loop.MAP | Loop.TRANSFORM_LIST:
            result = list_of(body)
        case Loop.TRANSFORM_MAP:
            result = map_of(variables[node.variable], body)
        case Loop.TRANSFORM_MAP_ENTRY:
            result = _entries(checker, node, map_of(*accumulator), body)
    if node.condition:
        _decides(checker, node, node.condition, result)
    return result


def _entries(checker: Checker, node: Comprehension, result: Type, body: Type) -> Type:
    if not checker.substitution.assign(body, result):
        checker.no_overload(node.position, "cel.@mapInsert", (result, body))
    return checker.resolved(result)


def _decides(checker: Checker, node: Comprehension, condition: Expr, result: Type) -> None:
    """The condition of the ternary that upstream makes of a filter."""
    found = checker.checked.types[condition.id]
    if not checker.substitution.assign(found, BOOL):
        checker.no_overload(node.position, "_?_:_", (found, result, result))


def _loop_variables(checker: Checker, node: Comprehension, over: Type) -> dict[str, Type]:
    match over.kind:
        case Kind.LIST:
            first, second = (INT, over.parameters[0]) if node.second else (over.parameters[0], DYN)
        case Kind.MAP:
            first, second = over.parameters
        case Kind.DYN | Kind.ERROR | Kind.PARAMETER:
            checker.substitution.assign(DYN, over)
            first = second = DYN
        case _:
            message = f"expression of type '{over}' cannot be range of a comprehension"
            first = second = checker.fail(node.target.position, f"{message} (must be list, map, or dynamic)")
    return {node.variable: first, node.second: second} if node.second else {node.variable: first}
