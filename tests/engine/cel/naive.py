"""An evaluator of CEL that is as plain as can be: it walks the tree and knows neither types nor plans nor costs.

What the real one does is held against it. It shares the parser and the values with it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.cel.syntax import Bind, Call, Comprehension, Expr, Ident, ListLiteral, Literal, Loop, MapLiteral, Select
from engine.cel.values import NONE, Optional


class Failure(Exception):
    """Any error of the expression."""


def evaluate(node: Expr, scope: dict[str, Any]) -> Any:
    """The value of a tree; raises Failure."""
    match node:
        case Literal():
            return node.value
        case Ident():
            if node.name not in scope:
                raise Failure(node.name)
            found = scope[node.name]
            return found() if callable(found) else found
        case ListLiteral():
            return [evaluate(element, scope) for element in node.elements]
        case MapLiteral():
            return {evaluate(one.key, scope): evaluate(one.value, scope) for one in node.entries}  # type: ignore[arg-type]
        case Bind():
            return evaluate(node.body, {**scope, node.variable: lambda: evaluate(node.value, scope)})
        case Select():
            return _select(node, evaluate(node.operand, scope))
        case Comprehension():
            return _loop(node, scope)
        case Call():
            return _call(node, scope)
    raise AssertionError(node)


def _select(node: Select, of: Any) -> Any:
    is_wrapped = isinstance(of, Optional)
    inner = of.value if is_wrapped else of
    if isinstance(inner, list):
        raise Failure("no index")
    is_there = isinstance(inner, dict) and node.field in inner
    if node.is_test:
        return is_there
    if node.is_optional or is_wrapped:
        return Optional(inner[node.field]) if is_there else NONE
    if not is_there:
        raise Failure(node.field)
    return inner[node.field]


def _loop(node: Comprehension, scope: dict[str, Any]) -> Any:
    of = evaluate(node.target, scope)
    if not isinstance(of, (list, dict)):
        raise Failure("nothing to walk over")
    pairs = list(enumerate(of)) if isinstance(of, list) else list(of.items())
    scopes: list[dict[str, Any]] = []
    for first, second in pairs:
        single = second if isinstance(of, list) else first
        own = {node.variable: first, node.second: second} if node.second else {node.variable: single}
        scopes.append({**scope, **own})
    if node.loop in (Loop.ALL, Loop.EXISTS):
        terms = [lambda own=own: evaluate(node.body, own) for own in scopes]
        return _some(terms, decisive=node.loop is Loop.EXISTS)
    if node.loop is Loop.EXISTS_ONE:
        return sum(_truth(evaluate(node.body, own)) for own in scopes) == 1
    if node.loop is Loop.FILTER:
        return [own[node.variable] for own in scopes if _truth(evaluate(node.body, own))]
    kept = [own for own in scopes if node.condition is None or _truth(evaluate(node.condition, own))]
    return [evaluate(node.body, own) for own in kept]


def _some(terms: list[Callable[[], Any]], decisive: bool) -> bool:
    failed = False
    for term in terms:
        try:
            if _truth(term()) is decisive:
                return decisive
        except Failure:
            failed = True
    if failed:
        raise Failure("undecided")
    return not decisive


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Failure("no bool")
    return value


def _call(node: Call, scope: dict[str, Any]) -> Any:
    name = node.function
    later = [lambda argument=argument: evaluate(argument, scope) for argument in node.arguments]
    if name in ("_&&_", "_||_"):
        return _some(later, decisive=name == "_||_")
    if name == "_?_:_":
        return later[1]() if _truth(later[0]()) else later[2]()
    if name == "orValue":
        of = evaluate(node.target, scope)  # type: ignore[arg-type]
        if not isinstance(of, Optional):
            raise Failure("no optional")
        return of.value if of.present else later[0]()
    arguments = [argument() for argument in later]
    if node.target is not None:
        arguments.insert(0, evaluate(node.target, scope))
    return _FUNCTIONS[name](*arguments)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(left: Any, right: Any) -> bool:
    """``==``."""
    if _is_number(left) and _is_number(right):
        return bool(left == right)
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(equal(*pair) for pair in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return bool(left == right)


def _ordered(decide: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def run(left: Any, right: Any) -> bool:
        are_numbers = _is_number(left) and _is_number(right)
        if not are_numbers and not (type(left) is type(right) and isinstance(left, (str, bool))):
            raise Failure("no order")
        return decide(left, right)

    return run


def _whole(compute: Callable[[int, int], int]) -> Callable[[int, int], int]:
    def run(left: int, right: int) -> int:
        try:
            result = compute(left, right)
        except ZeroDivisionError:
            raise Failure("zero") from None
        if not -(2**63) <= result < 2**63:
            raise Failure("overflow")
        return result

    return run


def _quotient(left: int, right: int) -> int:
    return left // right if (left < 0) == (right < 0) or left % right == 0 else left // right + 1


def _rest(left: int, right: int) -> int:
    if right == -1 and left == -(2**63):
        raise Failure("overflow")
    return left - right * _quotient(left, right)


def _add(left: Any, right: Any) -> Any:
    return _whole(lambda a, b: a + b)(left, right) if isinstance(left, int) else left + right


def _index(of: Any, key: Any) -> Any:
    if isinstance(of, list) and (key < 0 or key >= len(of)):
        raise Failure("out of bounds")
    if isinstance(of, dict) and key not in of:
        raise Failure("no key")
    return of[key]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "_==_": equal,
    "_!=_": lambda left, right: not equal(left, right),
    "_<_": _ordered(lambda left, right: left < right),
    "_<=_": _ordered(lambda left, right: left <= right),
    "_>_": _ordered(lambda left, right: left > right),
    "_>=_": _ordered(lambda left, right: left >= right),
    "_+_": _add,
    "_-_": _whole(lambda left, right: left - right),
    "_*_": _whole(lambda left, right: left * right),
    "_/_": _whole(_quotient),
    "_%_": _whole(_rest),
    "-_": lambda value: _whole(lambda left, right: left - right)(0, value),
    "!_": lambda value: not _truth(value),
    "@in": lambda one, of: any(equal(one, element) for element in of),
    "_[_]": _index,
    "size": len,
    "string": str,
    "dyn": lambda value: value,
    "startsWith": lambda text, start: text.startswith(start),
}
