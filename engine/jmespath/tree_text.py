"""The tree of an expression as ``kyverno jp parse`` shows it (go-jmespath's ASTNode.PrettyPrint)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from engine.jmespath.parser import Node, go_name, parse
from engine.model import Value
from engine.values import golang

_NAMES: Final = {
    "empty": "ASTEmpty",
    "comparator": "ASTComparator",
    "current": "ASTCurrentNode",
    "expref": "ASTExpRef",
    "function_expression": "ASTFunctionExpression",
    "field": "ASTField",
    "filter_projection": "ASTFilterProjection",
    "flatten": "ASTFlatten",
    "identity": "ASTIdentity",
    "index": "ASTIndex",
    "index_expression": "ASTIndexExpression",
    "key_val_pair": "ASTKeyValPair",
    "literal": "ASTLiteral",
    "multi_select_dict": "ASTMultiSelectHash",
    "multi_select_list": "ASTMultiSelectList",
    "or_expression": "ASTOrExpression",
    "and_expression": "ASTAndExpression",
    "not_expression": "ASTNotExpression",
    "pipe": "ASTPipe",
    "projection": "ASTProjection",
    "subexpression": "ASTSubexpression",
    "slice": "ASTSlice",
    "value_projection": "ASTValueProjection",
}
_BINARY: Final = frozenset({"subexpression", "index_expression"})
"""What the jmespath library keeps as one node with many children, go-jmespath as nodes within nodes."""


def tree_text(expression: str) -> str:
    """One line a node, two blanks a level; the brace of ``children`` is never closed, as in the reference."""
    return "".join(f"{line}\n" for line in _lines(parse(expression), ""))


def _lines(node: Node, indent: str) -> Iterator[str]:
    kind, children = node["type"], node["children"]
    if kind in _BINARY and len(children) > 2:
        children = [{"type": kind, "children": children[:-1]}, children[-1]]
    yield f"{indent}{_NAMES[kind]} {{"
    value = _value(node)
    if value:
        yield f"{indent}  value: {value}"
    if children and kind != "slice":
        yield f"{indent}  children: {{"
        for child in children:
            yield from _lines(child, f"{indent}    ")
    yield f"{indent}}}"


def _value(node: Node) -> str:
    match node["type"]:
        case "comparator":
            return go_name(node["value"])
        case "slice":
            return f"[]*int{{{', '.join('nil' if part is None else str(part) for part in node['children'])}}}"
    value = node.get("value")
    return "" if value is None else _syntax(value)


def _syntax(value: Value) -> str:
    """The value as Go's ``%#v`` writes it."""
    match value:
        case None:
            return "interface {}(nil)"
        case str():
            return golang.quote(value)
        case bool():
            return "true" if value else "false"
        case dict():
            return _braced(
                "map[string]interface {}", sorted(value), lambda key: f"{golang.quote(key)}:{_syntax(value[key])}"
            )
        case list():
            return _braced("[]interface {}", value, _syntax)
    return golang.sprint(value)


def _braced(name: str, items: list[Value], text: Callable[[Value], str]) -> str:
    return f"{name}{{{', '.join(map(text, items))}}}"
