"""Resources written as YAML with ``(( expressions ))`` in it (upstream: pkg/cel/policies/gpol/template)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from engine import documents
from engine.cel.environment import Program
from engine.cel.errors import EvaluationError
from engine.cel.values import Uint, Value
from engine.cel_policies import json_values
from engine.cel_policies.expressions import Compiler, ExpressionError
from engine.errors import PolicyError
from engine.model import Path
from engine.values.golang import number_text

_ESCAPED = "\\(("
_OPEN = "(("

Node = Callable[[Mapping[str, Value]], Value]
"""What an evaluation can read, to a part of a resource; raises EvaluationError."""


class Segment(NamedTuple):
    """A part of a text: as it stands, or an expression."""

    text: str
    is_expression: bool


def compile(text: str, interpolates: bool, compiler: Compiler, path: Path) -> tuple[Node, ...]:
    """The resources of a template, one a document; raises ExpressionError."""
    loaded = documents.load(text, "", numbers=int)
    if loaded.problems:
        raise ExpressionError(path, f"failed to parse YAML: {loaded.problems[0].message}", loaded.problems[0].line)
    found = []
    for document in loaded.documents:
        if document.value is None:
            continue
        if not isinstance(document.value, dict) and not (interpolates and isinstance(document.value, str)):
            text = f"line {document.line}: document must be a mapping describing a resource"
            raise ExpressionError(path, text, document.line)
        found.append(_Reading(compiler, path).node(document.value) if interpolates else _literal(document.value))
    if not found:
        raise ExpressionError(path, "template must contain at least one YAML document")
    return tuple(_numbered(index, node) for index, node in enumerate(found, 1))


def _numbered(index: int, node: Node) -> Node:
    def render(read: Mapping[str, Value]) -> Value:
        try:
            value = node(read)
        except EvaluationError as error:
            raise EvaluationError(f"failed to render generation template: document {index}: {error}") from error
        if not isinstance(value, dict):
            text = f"document {index}: expected a mapping describing a resource"
            raise EvaluationError(f"failed to render generation template: {text}")
        return value

    return render


def _literal(value: Value) -> Node:
    return lambda _read: value


class _Reading(NamedTuple):
    compiler: Compiler
    path: Path

    def node(self, value: Value) -> Node:
        match value:
            case dict():
                return self._mapping({self._key(key): self.node(item) for key, item in value.items()})
            case list():
                return self._sequence([self.node(item) for item in value])
            case str() if _OPEN in value:
                return self._scalar(value)
        return _literal(value)

    def _key(self, key: str) -> str:
        if _OPEN in key.replace(_ESCAPED, ""):
            text = "placeholders are not supported in mapping keys; use a whole-value placeholder on the parent field"
            raise ExpressionError(self.path, f"{text} instead (e.g. `labels: (( variables.labels ))`)")
        return key

    def _mapping(self, entries: Mapping[str, Node]) -> Node:
        def render(read: Mapping[str, Value]) -> Value:
            return {key: _within(f'field "{key}"', entry, read) for key, entry in entries.items()}

        return render

    def _sequence(self, items: list[Node]) -> Node:
        def render(read: Mapping[str, Value]) -> Value:
            return [_within(f"item {index}", item, read) for index, item in enumerate(items)]

        return render

    def _scalar(self, text: str) -> Node:
        try:
            segments = list(scan(text))
        except PolicyError as error:
            raise ExpressionError(self.path, str(error)) from error
        if not any(segment.is_expression for segment in segments):
            return _literal("".join(segment.text for segment in segments))
        if len(segments) == 1:
            return self._splice(segments[0].text)
        return self._joined([self._part(segment) for segment in segments])

    def _program(self, expression: str) -> Program:
        try:
            return self.compiler.program(expression, self.path)
        except ExpressionError as error:
            raise ExpressionError(self.path, f'invalid placeholder expression "{expression}": {error}') from error

    def _splice(self, expression: str) -> Node:
        program = self._program(expression)
        return lambda read: _evaluated(program, expression, read)

    def _part(self, segment: Segment) -> Node:
        if not segment.is_expression:
            return _literal(segment.text)
        program = self._program(segment.text)
        return lambda read: _text(_evaluated(program, segment.text, read), segment.text)

    def _joined(self, parts: list[Node]) -> Node:
        return lambda read: "".join(part(read) for part in parts)


def _within(where: str, node: Node, read: Mapping[str, Value]) -> Value:
    try:
        return node(read)
    except EvaluationError as error:
        raise EvaluationError(f"{where}: {error}") from error


def _evaluated(program: Program, expression: str, read: Mapping[str, Value]) -> Value:
    try:
        value = program.evaluate(read)
    except EvaluationError as error:
        raise EvaluationError(f'failed to evaluate placeholder "{expression}": {error}') from error
    if isinstance(value, Uint):
        return int(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    try:
        return json_values.protobuf(value)
    except EvaluationError as error:
        raise EvaluationError(f'failed to convert placeholder "{expression}" result: {error}') from error


def _text(value: Value, expression: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case float():
            return number_text(value)
    kind = "<nil>" if value is None else "map[string]interface {}" if isinstance(value, dict) else "[]interface {}"
    text = f'placeholder "{expression}" embedded in a string must evaluate to a scalar, got {kind}'
    raise EvaluationError(f"{text}; use a whole-value placeholder for structured results")


def scan(text: str) -> Iterator[Segment]:
    """The parts of a text; raises PolicyError where an expression is not closed."""
    literal, index = "", 0
    while index < len(text):
        if text.startswith(_ESCAPED, index):
            literal, index = literal + _OPEN, index + len(_ESCAPED)
        elif text.startswith(_OPEN, index):
            if literal:
                yield Segment(literal, is_expression=False)
                literal = ""
            expression, index = _placeholder(text, index)
            yield Segment(expression, is_expression=True)
        else:
            literal, index = literal + text[index], index + 1
    if literal:
        yield Segment(literal, is_expression=False)


def _placeholder(text: str, start: int) -> tuple[str, int]:
    """The expression that begins at ``start``, and where the text goes on."""
    depth, quote, index = 0, "", start + len(_OPEN)
    while index < len(text):
        character = text[index]
        if quote:
            if character == "\\":
                index += 1
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif character == ")":
            return _closed(text, start, index)
        index += 1
    if quote:
        raise PolicyError(f"unterminated string literal in placeholder starting at offset {start}")
    raise PolicyError(f"unterminated placeholder starting at offset {start}: missing closing '))'")


def _closed(text: str, start: int, index: int) -> tuple[str, int]:
    if not text.startswith("))", index):
        raise PolicyError(f"unbalanced parenthesis in placeholder starting at offset {start}")
    expression = text[start + len(_OPEN) : index].strip()
    if not expression:
        raise PolicyError(f"empty placeholder at offset {start}")
    return expression, index + 2
