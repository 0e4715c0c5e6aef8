"""Positions: whatever the style in which a value is written, each path leads to the line that holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.documents import Document, load
from engine.model import Path

Leaf = tuple[str, str]
"""What follows the mark that names a scalar, and how it is quoted."""

_TAILS = st.sampled_from(["", "é", " #x", ": y", "'", '"', "\\", "\U0001f600", " long" * 30])
_LINES = st.sampled_from(["\nmore", "\n\nmore\n", "\n  deeper\nmore\n\n", " \nmore", "\n# no comment\n"])
_LEAF = st.tuples(_TAILS | _LINES, st.sampled_from(["", "'", '"', "|", ">"]))
_KEY = st.tuples(_TAILS, st.sampled_from(["", "'", '"']))
TREE: st.SearchStrategy[Any] = st.recursive(
    _LEAF,
    lambda inner: st.tuples(
        st.lists(inner, max_size=3) | st.lists(st.tuples(_KEY, inner), max_size=3).map(tuple), st.booleans()
    ),
    max_leaves=10,
)
_HEADER = re.compile(r"(?:&\w+\s+)?[|>][-+\d]*$")


def _node(tree: Any, number: Iterator[int]) -> yaml.Node:
    """Each scalar begins with a mark of its own, so that its line can be told."""
    if isinstance(tree[0], str):
        return _scalar("v", tree, number)
    children, flow = tree
    if isinstance(children, list):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_node(child, number) for child in children], flow_style=flow)
    pairs = [(_scalar("k", key, number), _node(child, number)) for key, child in children]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=flow)


def _scalar(mark: str, leaf: Leaf, number: Iterator[int]) -> yaml.ScalarNode:
    tail, style = leaf
    return yaml.ScalarNode("tag:yaml.org,2002:str", f"{mark}{next(number)}.{tail}", style=style or None)


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
        return
    for step, child in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _leaves(child, (*path, step))


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_value(child) for child in node.value]
    return {key.value: _value(child) for key, child in node.value} if isinstance(node, yaml.MappingNode) else node.value


def _holds(document: Document, lines: list[str], path: Path, value: str) -> None:
    mark = value[: value.index(".") + 1]
    place = document.position(path)
    rest = lines[place.line - 1][place.column - 1 :]
    if _HEADER.match(rest):
        rest = lines[place.line]
    assert re.match(rf"(?:&\w+\s+)?['\"\s]*{re.escape(mark)}", rest), (path, place)
    assert place.line <= document.last_line(path) <= len(lines)
    if isinstance(path[-1], str):
        key = document.key_position(path)
        found = lines[key.line - 1][key.column - 1 :].lstrip("'\"")
        assert found.startswith(path[-1].partition(".")[0]), (path, key)


@settings(max_examples=150)
@given(
    st.lists(TREE, min_size=1, max_size=3),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff", "a: b\n---\n"]),
    st.booleans(),
)
def test_every_path_leads_to_the_line_of_its_value(trees: list[Any], end: str, before: str, again: bool) -> None:
    number = count(1)
    nodes = [_node(tree, number) for tree in trees]
    shown = [*nodes, nodes[0]] if again else nodes  # what comes twice is written as an anchor and its alias
    root = yaml.MappingNode(
        "tag:yaml.org,2002:map",
        [(_scalar("k", ("", ""), number), node) for node in shown],
        flow_style=False,
    )
    text = before + yaml.serialize(root, allow_unicode=True, line_break=end)
    loaded = load(text.encode(), "f.yaml")
    assert not loaded.problems
    document = loaded.documents[-1]
    assert document.value == _value(root)
    lines = re.split("\r?\n", text.removeprefix("\ufeff"))
    for path, value in _leaves(document.value):
        if again and path[0] == list(document.value)[-1]:
            place = document.position(path)
            assert lines[place.line - 1][place.column - 1 :].startswith("*"), (path, place)
        else:
            _holds(document, lines, path, value)
