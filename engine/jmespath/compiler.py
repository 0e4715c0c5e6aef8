"""The tree of an expression, compiled once to steps."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Final

from engine.errors import QueryError
from engine.jmespath import calls, logic, paths
from engine.jmespath.evaluation import Evaluation, Step
from engine.jmespath.parser import CHAINS, Node
from engine.model import Value

_MAX_COPIES: Final = 64
"""How often an expression may repeat its input in its multi-selects before each result is weighed."""


def compile_tree(root: Node) -> Step:
    """The step of a tree."""
    nodes = list(_walk(root))
    guarded = prod(len(node["children"]) for node in nodes if node["type"].startswith("multi_select")) > _MAX_COPIES
    return _Compiler(guarded).step(root)


_COMPARABLE: Final = (str, float, bool, type(None))


def _walk(root: Node) -> list[Node]:
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += [child for child in node["children"] if isinstance(child, dict)]
    return found


class _Compiler:
    """Turns nodes to steps; ``guarded`` is what multi-selects of this expression must know."""

    def __init__(self, guarded: bool) -> None:
        self.guarded = guarded

    def step(self, node: Node) -> Step:
        kind = node["type"]
        if kind in CHAINS:
            return self._chain(kind, node)
        if kind in ("subexpression", "index_expression"):
            return self._path(_linear(node))
        return _BUILDERS[kind](self, node)

    def _chain(self, kind: str, node: Node) -> Step:
        links = []
        while node["type"] == kind:
            node, last = node["children"]
            links.append(self.step(last))
        links.append(self.step(node))
        links.reverse()
        match kind:
            case "or_expression":
                return logic.either(links)
            case "and_expression":
                return logic.every(links)
        return logic.pipe(links)

    def _path(self, nodes: list[Node]) -> Step:
        """Consecutive parts of a path, runs of fields in one step each."""
        steps: list[Step] = []
        keys: list[str] = []
        for node in nodes:
            if node["type"] == "field":
                keys.append(node["value"])
                continue
            if keys:
                steps.append(paths.fields(keys))
                keys = []
            steps.append(self.step(node))
        if keys:
            steps.append(paths.fields(keys))
        whole = steps[0] if steps else paths.identity
        for following in steps[1:]:
            whole = paths.sequence(whole, following)
        return whole

    def projection(self, node: Node) -> Step:
        left, right = node["children"]
        return paths.projection(self.step(left), self.step(right), _keys(right))

    def filter_projection(self, node: Node) -> Step:
        left, right, condition = node["children"]
        return paths.filtered(self.step(left), self.step(right), logic.truth(self.step(condition)))

    def value_projection(self, node: Node) -> Step:
        left, right = node["children"]
        return paths.values_projection(self.step(left), self.step(right))

    def comparator(self, node: Node) -> Step:
        left, right = node["children"]
        name = node["value"]
        if name not in ("eq", "ne"):
            return logic.order(name, self.step(left), self.step(right))
        for side, other in ((left, right), (right, left)):
            if side["type"] == "literal" and isinstance(side["value"], _COMPARABLE):
                return logic.equality_to(self.step(other), side["value"], name == "ne")
        return logic.equality(self.step(left), self.step(right), name == "ne")

    def multi_select_list(self, node: Node) -> Step:
        return logic.select_list([self.step(child) for child in node["children"]], self.guarded)

    def multi_select_dict(self, node: Node) -> Step:
        pairs = [(pair["value"], self.step(pair["children"][0])) for pair in node["children"]]
        return logic.select_dict(pairs, self.guarded)

    def function_expression(self, node: Node) -> Step:
        if node["value"] is None:
            return _refusing("invalid node value type")
        return calls.call(node["value"], [self._argument(child) for child in node["children"]])

    def _argument(self, node: Node) -> Step:
        if node["type"] == "expref":
            return calls.Reference(self.step(node["children"][0]))
        return self.step(node)


def _linear(node: Node) -> list[Node]:
    """The parts of a path from left to right; the tree nests to the left, so that the order is known at once."""
    parts: list[Node] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node["type"] in ("subexpression", "index_expression"):
            waiting += reversed(node["children"])
        elif node["type"] not in ("identity", "current"):
            parts.append(node)
    return parts


def _keys(node: Node) -> list[str] | None:
    """The keys of a path that is nothing but fields, else None."""
    parts = _linear(node)
    return [part["value"] for part in parts] if all(part["type"] == "field" for part in parts) else None


def _refusing(message: str) -> Step:
    def refuse(_value: Value, _evaluation: Evaluation) -> Value:
        raise QueryError(message)

    return refuse


_BUILDERS: Final[dict[str, Callable[[_Compiler, Node], Step]]] = {
    "field": lambda _compiler, node: paths.field(node["value"]),
    "identity": lambda _compiler, _node: paths.identity,
    "current": lambda _compiler, _node: paths.identity,
    "index": lambda _compiler, node: paths.index(node["value"]),
    "slice": lambda _compiler, node: paths.cut(*node["children"]),
    "literal": lambda _compiler, node: logic.literal(node["value"]),
    "empty": lambda _compiler, _node: _refusing("Unknown AST node: ASTEmpty"),
    "flatten": lambda compiler, node: paths.flatten(compiler.step(node["children"][0])),
    "not_expression": lambda compiler, node: logic.opposite(compiler.step(node["children"][0])),
    "projection": _Compiler.projection,
    "filter_projection": _Compiler.filter_projection,
    "value_projection": _Compiler.value_projection,
    "comparator": _Compiler.comparator,
    "multi_select_list": _Compiler.multi_select_list,
    "multi_select_dict": _Compiler.multi_select_dict,
    "function_expression": _Compiler.function_expression,
    "expref": lambda _compiler, _node: logic.literal({}),
}
