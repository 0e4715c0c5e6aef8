"""The quick way: ordinary block YAML, line by line, without libyaml.

Anything out of the ordinary (anchors, tags, tabs, scalars over several lines, flow collections but the flattest,
duplicate keys, every error) makes ``parse`` return ``NOT_ORDINARY``: then libyaml decides. What it does understand
it must understand exactly as libyaml does; a property test holds the two together.
"""

from __future__ import annotations

from typing import Final

from engine.model import Value
from engine.yaml.scalars import NumberType
from engine.yaml.tokens import BLANK, BLOCK, FLOATS, FLOW, INTEGERS, OPEN, SCALAR


class NotOrdinary:
    """The type of ``NOT_ORDINARY``."""


NOT_ORDINARY: Final = NotOrdinary()


def parse(text: str, numbers: NumberType, depth: int) -> Value:  # noqa: C901, PLR0912, PLR0915 - one loop, no calls: the hot path
    """The value of one document's text (printable characters and ``\\n`` only), or ``NOT_ORDINARY``."""
    tokens = FLOATS if numbers is float else INTEGERS
    lines = text.removesuffix("\n").split("\n")
    root: list[Value] = [None]
    node: Value = root  # the collection that the line before stood in
    indent, in_map = -1, False  # its column and kind
    hole: str | int = 0  # where in it a value is still open,
    is_open = True  # and whether one is
    outer: list[tuple[int, Value, bool]] = []
    at = 0
    count = len(lines)
    while at < count:
        dash, column, key, shape, value = tokens[lines[at]]
        at += 1
        if shape >= BLANK:
            if shape == BLANK:
                continue
            return NOT_ORDINARY
        if dash >= 0:
            if in_map or dash != indent:
                if is_open and (dash > indent or (dash == indent and in_map)):
                    child: Value = []
                    node[hole] = child
                    outer.append((indent, node, in_map))
                    node, indent, in_map = child, dash, False
                    if len(outer) > depth:
                        return NOT_ORDINARY
                else:
                    while outer and (indent > dash or (indent == dash and in_map)):
                        indent, node, in_map = outer.pop()
                    if indent != dash or in_map or not outer:
                        return NOT_ORDINARY
            if column < 0:
                if shape == BLOCK:
                    value, at = _block(lines, at, dash, value)
                    if value is None:
                        return NOT_ORDINARY
                elif shape == FLOW:
                    value = value.copy()
                node.append(value)
                is_open = shape == OPEN
                hole = -1
                continue
            child = {}
            node.append(child)
            outer.append((indent, node, in_map))
            node, indent, in_map = child, column, True
        elif column > indent:
            if not is_open:
                return NOT_ORDINARY
            child = {}
            node[hole] = child
            outer.append((indent, node, in_map))
            node, indent, in_map = child, column, True
        elif column < indent or not in_map:
            while outer and (indent > column or (indent == column and not in_map)):
                indent, node, in_map = outer.pop()
            if indent != column or not in_map:
                return NOT_ORDINARY
        if key in node or len(outer) > depth:
            return NOT_ORDINARY
        if shape == SCALAR:
            node[key] = value
            is_open = False
        elif shape == OPEN:
            node[key] = None
            hole = key
            is_open = True
        else:
            if shape == BLOCK:
                value, at = _block(lines, at, column, value)
                if value is None:
                    return NOT_ORDINARY
            else:
                value = value.copy()
            node[key] = value
            is_open = False
    return root[0] if outer else NOT_ORDINARY


def _block(lines: list[str], at: int, parent: int, header: tuple[bool, str]) -> tuple[str | None, int]:
    """A literal or folded scalar whose first line is ``lines[at]``: its text and the line after it; None: unusual."""
    first = at
    while first < len(lines) and not lines[first].strip(" "):
        first += 1
    if first == len(lines):
        return None, at
    indent = len(lines[first]) - len(lines[first].lstrip(" "))
    if indent <= parent or any(len(line) > indent for line in lines[at:first]):
        return None, at
    padding, end = " " * indent, first + 1
    while end < len(lines) and (lines[end].startswith(padding) or not lines[end].strip(" ")):
        end += 1
    content = [line[indent:] for line in lines[at:end]]
    text = _literal(content, header[1]) if header[0] else _folded(content, header[1])
    return text, end


def _literal(content: list[str], chomping: str) -> str:
    text = "\n".join(content)
    kept = text.rstrip("\n")
    match chomping:
        case "-":
            return kept
        case "+":
            return text + "\n"
        case _:
            return kept + "\n"


def _folded(content: list[str], chomping: str) -> str | None:
    if any(line[:1] == " " for line in content):
        return None  # lines indented further are not folded
    text = _literal(content, "+")
    kept = text.rstrip("\n")
    folded: list[str] = []
    breaks = 0
    for line in kept.split("\n"):
        if line:
            folded.append("\n" * breaks if breaks or not folded else " ")
            folded.append(line)
            breaks = 0
        else:
            breaks += 1
    ending = {"-": "", "+": text[len(kept) :]}.get(chomping, "\n")
    return "".join(folded) + ending
