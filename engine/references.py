"""``$(path)`` references inside a policy document (upstream: pkg/engine/variables/vars.go, substituteReferences).

References depend on the document alone, so they are resolved once, when a policy is compiled.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from engine.errors import SubstitutionError
from engine.model import Value
from engine.pattern import anchors
from engine.pointer import escape
from engine.regex import later

_REFERENCE = later(r"^\$\(.[^ ]*\)|[^\\]\$\(.[^ ]*\)")
_ESCAPED = later(r"\\\$\(.[^ )]*\)")
_OPERATORS = (">=", "<=", ">", "<", "!")


def resolve(document: Value) -> Value:
    """The document with every reference replaced; the same object where it has none.

    Raises SubstitutionError where a reference leads nowhere or to something that cannot stand inside a string.
    """
    if not mentions(document, "$("):
        return document
    return _rewrite(document, "", lambda text, path: _replace(document, text, path))


def mentions(document: Value, part: str) -> bool:
    """Whether a key or a string holds ``part``, which has no quotes, blanks or letters that ``repr`` would write.

    One C call for a document is twenty times quicker than to visit its strings, and most policies hold nothing sought.
    """
    return part in repr(document)


def _rewrite(node: Value, path: str, change: Callable[[str, str], Value]) -> Value:
    match node:
        case str():
            return change(node, path)
        case dict():
            return {change(key, path): _rewrite(value, f"{path}/{escape(key)}", change) for key, value in node.items()}
        case list():
            return [_rewrite(value, f"{path}/{index}", change) for index, value in enumerate(node)]
    return node


def _replace(document: Value, text: str, path: str) -> str:
    for found in _REFERENCE.findall(text):
        reference = found if found.startswith("$(") else found[1:]
        lead = "" if found.startswith("$(") else found[0]
        value = _look_up(document, reference, path)
        if value is None:
            raise SubstitutionError(f"got nil resolved variable {reference} at path {path}: <nil>")
        if not isinstance(value, str):
            raise SubstitutionError(f"NotResolvedReferenceErr,reference {reference} not resolved at path {path}")
        text = text.replace(found, lead + value, 1)
    for found in _ESCAPED.findall(text):
        text = text.replace(found, found[1:])
    return text


def _look_up(document: Value, reference: str, path: str) -> Value:
    target = reference.strip("$()")
    operator = next((known for known in _OPERATORS if target.startswith(known)), "")
    target = target[len(operator) :]
    if not target:
        raise SubstitutionError(
            f"failed to resolve {reference} at path {path}: expected path, found empty reference",
        )
    absolute = target if target.startswith("/") else posixpath.normpath(posixpath.join(path, target))
    value = _leaf(document, absolute)
    if not operator:
        return value
    match value:
        case str():
            return operator + value
        case bool() | None | dict() | list():
            shown = "<nil>" if value is None else value
            cause = f"incorrect expression: operator {operator} does not match with value {shown}"
            raise SubstitutionError(f"failed to resolve {reference} at path {path}: {cause}")
        case float():
            return f"{operator}{value:f}"
    return f"{operator}{value}"


def _leaf(document: Value, absolute: str) -> Value:
    """The leaf whose path, anchors stripped, is the one sought; the last one where several share it."""
    found: Value = None

    def visit(node: Value, path: str) -> None:
        nonlocal found
        match node:
            case dict():
                for key, value in node.items():
                    visit(value, f"{path}/{escape(key)}")
            case list():
                for index, value in enumerate(node):
                    visit(value, f"{path}/{index}")
            case _ if _without_anchors(path) == absolute:
                found = node

    visit(document, "")
    return found


def _without_anchors(path: str) -> str:
    parts = [anchors.parse(part).key for part in path.split("/") if part]
    return "/" + "/".join(parts)
