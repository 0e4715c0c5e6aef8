"""``{{ expression }}`` in policy documents, compiled once (upstream: pkg/engine/variables/vars.go).

A document becomes a :class:`Template`. A value that is exactly one variable keeps the type of its result; otherwise
results are written into the string as JSON, and the string is read again for variables that they brought along.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from engine import pointer, references
from engine.errors import EngineError, LimitError, SubstitutionError
from engine.model import Value
from engine.regex import later
from engine.values import golang

if TYPE_CHECKING:
    from engine.context import Context

_VARIABLE = later(r"(^|[^\\])(\{\{(?:\{[^{}]*\}|[^{}])*\}\})")
_MAX_ROUNDS = 64
_MAX_LENGTH = 4 * 1024 * 1024

Evaluate = Callable[["Context"], Value]


class Template(Struct, frozen=True):
    """A compiled document. ``constant`` ones give the same ``value`` for every context."""

    constant: bool
    value: Value
    evaluate: Evaluate

    def __call__(self, context: Context) -> Value:
        """The document with its variables resolved; raises SubstitutionError with the reference's text."""
        return self.value if self.constant else self.evaluate(context)


def compile(document: Value, path: str = "") -> Template:
    """Compile a JSON-like document; ``path`` is where it stands in the document that upstream would traverse."""
    try:
        resolved = references.resolve(document)
    except SubstitutionError as error:
        return Template(False, None, _raising(str(error)))
    return _node(resolved, path) if references.mentions(resolved, "{{") else _constant(resolved)


def _raising(text: str) -> Evaluate:
    def fail(_context: Context) -> Value:
        raise SubstitutionError(text)

    return fail


def _constant(value: Value) -> Template:
    return Template(True, value, lambda _context: value)


def _node(node: Value, path: str) -> Template:
    match node:
        case str():
            return _text(node, path)
        case dict():
            return _mapping(node, path)
        case list():
            return _sequence(node, path)
    return _constant(node)


def _sequence(node: list[Value], path: str) -> Template:
    items = [_node(value, f"{path}/{index}") for index, value in enumerate(node)]
    if all(item.constant for item in items):
        return _constant([item.value for item in items])
    return Template(False, None, lambda context: [item(context) for item in items])


def _mapping(node: dict[str, Value], path: str) -> Template:
    pairs = [(key, _text(key, path), _node(value, f"{path}/{pointer.escape(key)}")) for key, value in node.items()]
    if all(key.constant and value.constant for _, key, value in pairs):
        return _constant({key.value: value.value for _, key, value in pairs})

    def evaluate(context: Context) -> Value:
        result: dict[str, Value] = {}
        for written, key, value in pairs:
            name = key(context)
            if name is None:
                name = written
            elif not isinstance(name, str):
                raise SubstitutionError(f'expected string after substituting variables in key "{written}"')
            result[name] = value(context)
        return result

    return Template(False, None, evaluate)


def _text(text: str, path: str) -> Template:
    if "{{" not in text:
        return _constant(text)
    found = _VARIABLE.findall(text)
    if not found:
        return _constant(text.replace("\\{{", "{{"))
    lead, variable = found[0]
    if variable == text and not lead:
        expression, _ = _strip(variable)
        if expression != "@":
            return Template(False, None, _single(expression, path))
    return Template(False, None, lambda context: _expand(text, context, path))


def _single(expression: str, path: str) -> Evaluate:
    on_delete = expression.replace("request.object", "request.oldObject")

    def evaluate(context: Context) -> Value:
        return _look_up(on_delete if context.deletes else expression, context, path)

    return evaluate


def _strip(variable: str) -> tuple[str, bool]:
    """The expression inside the braces, and whether a leading ``-`` asks not to read the result again."""
    inner = variable.replace("{{", "").replace("}}", "").strip()
    return (inner[1:].strip(), True) if inner.startswith("-") else (inner, False)


def _look_up(expression: str, context: Context, path: str) -> Value:
    try:
        return context.query(expression)
    except LimitError:
        raise
    except EngineError as error:
        raise SubstitutionError(f"failed to resolve {expression} at path {path}: {error}") from error


def _current(context: Context, path: str) -> str:
    try:
        context.query("target")
    except EngineError:
        return pointer.current(path, "request.object")
    return pointer.current(path, "target")


def _expand(text: str, context: Context, path: str) -> Value:
    for _ in range(_MAX_ROUNDS):
        found = _VARIABLE.findall(text)
        if not found:
            return text.replace("\\{{", "{{")
        before = text
        shallow = False
        for lead, variable in found:
            expression, shallow = _strip(variable)
            if expression == "@":
                expression = _current(context, path)
            if context.deletes:
                expression = expression.replace("request.object", "request.oldObject")
            value = _look_up(expression, context, path)
            if before == variable:
                return value
            text = text.replace(lead + variable, lead + _written(value, shallow, expression, path), 1)
        if shallow:
            return text.replace("\\{{", "{{")
        if len(text) > _MAX_LENGTH:
            raise LimitError(f"variables at path {path} expand to more than {_MAX_LENGTH} characters")
    raise LimitError(f"variables at path {path} expand into further variables more than {_MAX_ROUNDS} times")


def _written(value: Value, shallow: bool, expression: str, path: str) -> str:
    if isinstance(value, str):
        return value.replace("{{", "\\{{") if shallow else value
    try:
        return golang.marshal(value)
    except ValueError as error:
        raise SubstitutionError(
            f"failed to resolve {expression} at path {path}: failed to marshal {golang.type_name(value)}: {error}"
        ) from error
