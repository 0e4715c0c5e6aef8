"""Answers shared by resources that say the same where a rule looks.

Repositories hold the same workload many times, for several clusters, stages and teams, and pods that differ in their
labels only. Most rules look at one part of a resource, often the pod's spec, so that what a rule said of one can be
said of all others that have an equal part. Where a rule looks is read off its text, and strictly: every mention of the
request must be of a plain chain of fields of the object, or of the operation, and nothing may be mentioned that time,
chance, the world or the resource's identity answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from engine.context import Context
from engine.model import Path, RuleResponse, Value
from engine.regex import later
from engine.rules.reply import Body, Scope

_MOST_KNOWN = 1024

_OTHER = later(
    r"\brequest\b(?!\.operation\b|\.object\.(?!metadata\b)[A-Za-z])"  # what else there is of a request
    r"|\b(?:images|target|serviceAccount\w*|random|time_\w+)\b"  # other roots, and what differs from time to time
    r"|\{\{-?\s*@\s*\}\}|\\",  # the place of the variable itself; escapes, which can hide a word
    re.ASCII,
)
_CHAIN = later(r"\brequest\.object((?:\.[A-Za-z][A-Za-z0-9]*+(?![\w(]))+)", re.ASCII)
_FIELD = later(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)


def share(body: Body, content: Callable[[Context], bytes | None]) -> Body:
    """The body, asked once of contexts of the same ``content``, and of each that has none."""
    known: dict[bytes, RuleResponse | None] = {}

    def judge(context: Context, scope: Scope | None) -> RuleResponse | None:
        key = content(context)
        if key is None:
            return body(context, scope)
        if key not in known:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[key] = body(context, scope)
        return known[key]

    return judge


def looks_at(validate: dict[str, Value]) -> Path | None:
    """The part of a resource that alone decides what a ``validate`` block says; None where there is no such part.

    The rule must have no context of its own; () is the whole of a resource but for what identifies it. Checks of pods
    and of CEL look where their text does not say: those share by themselves.
    """
    if any(validate.get(kind) for kind in ("podSecurity", "cel", "manifests")):
        return None
    parts = [*_of_patterns(validate), *_of_expressions(validate)]
    return None if not parts or None in parts else _common(part for part in parts if part is not None)


def _common(parts: Iterable[Path]) -> Path:
    first, *others = parts
    for index, field in enumerate(first):
        if any(other[index : index + 1] != (field,) for other in others):
            return first[:index]
    return first


def _of_patterns(block: dict[str, Value]) -> Iterator[Path | None]:
    """Where patterns begin to ask; those in loops too, which may be held against the resource."""
    for pattern in (block.get("pattern"), *(block.get("anyPattern") or ())):
        if type(pattern) is dict:
            yield _of_pattern(pattern)
    for loop in block.get("foreach") or ():
        if "context" in loop:
            yield None
        yield from ((() if part is not None else None) for part in _of_patterns(loop))


def _of_pattern(pattern: dict[str, Value]) -> Path | None:
    if any("metadata" in key or "{" in key or "$" in key for key in pattern):
        return None
    part: Path = ()
    while type(pattern) is dict and len(pattern) == 1:
        ((key, pattern),) = pattern.items()
        if _FIELD.fullmatch(key) is None:
            break
        part = (*part, key)
    return part


def _of_expressions(block: dict[str, Value]) -> Iterator[Path | None]:
    for text in _expressions(block):
        if _OTHER.search(text):
            yield None
        for chain in _CHAIN.findall(text):
            yield tuple(chain[1:].split("."))


def _expressions(value: Value) -> Iterator[str]:
    """All strings and keys that can hold an expression: those with braces or references, and lists of loops."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if type(node) is str:
            if "{" in node or "$(" in node:
                yield node
        elif type(node) is dict:
            waiting += [*node, *node.values()]
            if type(node.get("list")) is str:
                yield node["list"]
        elif type(node) is list:
            waiting += node
