"""A tree to text that parses to the same tree (upstream: cel-go parser/unparser.go).

Macros are written as such, except those that became calls (``optMap``).
"""

from __future__ import annotations

from typing import Final

from engine.cel.brackets import BINARY_LEVELS
from engine.cel.errors import CelError
from engine.cel.syntax import (
    Bind,
    Call,
    Comprehension,
    Entry,
    Expr,
    Ident,
    ListLiteral,
    Literal,
    MapLiteral,
    ObjectLiteral,
    Select,
)
from engine.cel.values import Uint, Value
from engine.regex import later

_TERNARY, _UNARY, _POSTFIX = 1, 7, 8
_LOGICAL: Final = frozenset({"_&&_", "_||_"})
_PLAIN_FIELD = later(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS: Final = frozenset({"in", "true", "false", "null"})


def unparse(node: Expr) -> str:
    """The expression's text; raises CelError for a tree that is too deep to be walked."""
    try:
        return _text(node)
    except RecursionError:
        raise CelError("expression recursion limit exceeded") from None


def _text(node: Expr) -> str:
    match node:
        case Literal():
            return literal(node.value)
        case Ident():
            return node.name
        case Select():
            return _select(node)
        case Call():
            return _call(node)
        case ListLiteral():
            return f"[{', '.join(_mark(i in node.optional) + _text(e) for i, e in enumerate(node.elements))}]"
        case MapLiteral():
            return f"{{{', '.join(map(_entry, node.entries))}}}"
        case ObjectLiteral():
            return f"{node.type_name}{{{', '.join(map(_entry, node.entries))}}}"
        case Comprehension():
            return _comprehension(node)
        case Bind():
            return f"cel.bind({node.variable}, {_text(node.value)}, {_text(node.body)})"


def _mark(is_optional: bool) -> str:
    return "?" if is_optional else ""


def _entry(entry: Entry) -> str:
    key = _field(entry.key) if isinstance(entry.key, str) else _text(entry.key)
    return f"{_mark(entry.is_optional)}{key}: {_text(entry.value)}"


def _field(name: str) -> str:
    return name if _PLAIN_FIELD.fullmatch(name) and name not in _KEYWORDS else f"`{name}`"


def _select(node: Select) -> str:
    selected = f"{_at_least(_POSTFIX, node.operand)}.{_mark(node.is_optional)}{_field(node.field)}"
    return f"has({selected})" if node.is_test else selected


def _comprehension(node: Comprehension) -> str:
    variables = [node.variable] if node.second is None else [node.variable, node.second]
    parts = [node.condition, node.body] if node.condition else [node.body]
    arguments = ", ".join([*variables, *map(_text, parts)])
    return f"{_at_least(_POSTFIX, node.target)}.{node.name}({arguments})"


def _call(node: Call) -> str:
    name, arguments = node.function, node.arguments
    if name == "_?_:_":
        test, yes, no = arguments
        return f"{_at_least(2, test)} ? {_at_least(2, yes)} : {_text(no)}"
    if name in BINARY_LEVELS:
        return _binary(name, arguments)
    if name in ("!_", "-_"):
        operand = _at_least(_POSTFIX, arguments[0])
        return f"-({operand})" if name == "-_" and _starts_number(operand) else name[0] + operand
    if name in ("_[_]", "_[?_]"):
        return f"{_at_least(_POSTFIX, arguments[0])}[{_mark('?' in name)}{_text(arguments[1])}]"
    target = f"{_at_least(_POSTFIX, node.target)}." if node.target else ""
    return f"{target}{name}({', '.join(map(_text, arguments))})"


def _starts_number(text: str) -> bool:
    return text[:1].isdigit() or text[:1] in "-."


def _binary(name: str, arguments: tuple[Expr, ...]) -> str:
    level = BINARY_LEVELS[name]
    sign = "in" if name == "@in" else name.strip("_")
    first = _at_least(level + 1 if name in _LOGICAL else level, arguments[0])
    return f" {sign} ".join([first, *(_at_least(level + 1, argument) for argument in arguments[1:])])


def _at_least(level: int, node: Expr) -> str:
    """The text, in parentheses if it binds less tightly."""
    text = _text(node)
    return text if _level(node) >= level else f"({text})"


def _level(node: Expr) -> int:
    if not isinstance(node, Call):
        return _POSTFIX
    if node.function == "_?_:_":
        return _TERNARY
    return _UNARY if node.function in ("!_", "-_") else BINARY_LEVELS.get(node.function, _POSTFIX)


def literal(value: Value) -> str:
    """A constant's text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Uint):
        return f"{int(value)}u"
    if isinstance(value, float):
        return repr(value) if any(sign in repr(value) for sign in ".e") else f"{value!r}.0"
    if isinstance(value, bytes):
        return 'b"' + "".join(_byte(byte) for byte in value) + '"'
    return '"' + "".join(map(_character, value)) + '"' if isinstance(value, str) else str(value)


_NAMED: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _character(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _byte(byte: int) -> str:
    character = chr(byte)
    return character if character.isascii() and character.isprintable() and character not in '\\"' else f"\\x{byte:02x}"
