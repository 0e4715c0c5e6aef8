"""What ANTLR's parser says to a token that it did not expect, which is what users of cel-go read.

If the token after it would do, it is ``extraneous`` and skipped; if one missing token would mend it, that one is
``missing``; else it is a ``mismatched input``, and the rest is not looked at.
"""

from __future__ import annotations

from typing import Final

from engine.cel.lexer import END, Token

_ORDER: Final = (
    *("<EOF>", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":", "true", "false", "null"),
    *("float", "int", "uint", "string", "bytes", "ident", "escaped"),
)
_NAMES: Final = {
    "<EOF>": "<EOF>",
    "float": "NUM_FLOAT",
    "int": "NUM_INT",
    "uint": "NUM_UINT",
    "string": "STRING",
    "bytes": "BYTES",
    "ident": "IDENTIFIER",
    "escaped": "ESC_IDENTIFIER",
}
OPERAND: Final = frozenset(
    {"[", "{", "(", ".", "-", "!", "true", "false", "null", "float", "int", "uint", "string", "bytes", "ident"}
)
FIELD: Final = frozenset({"ident", "escaped"})
_GROWING: Final = frozenset(
    {"==", "!=", "<", "<=", ">", ">=", "in", "&&", "||", "+", "-", "*", "/", "%", "?", ".", "["}
)
"""What may follow a closed bracket in any case."""


def listed(kinds: frozenset[str]) -> str:
    """The expected tokens, as ANTLR lists them."""
    shown = [_NAMES.get(kind, f"'{kind}'") for kind in _ORDER if kind in kinds]
    return shown[0] if len(shown) == 1 else "{" + ", ".join(shown) + "}"


def extraneous(token: Token, expected: frozenset[str]) -> str:
    """The token is skipped."""
    return f"Syntax error: extraneous input '{token.text}' expecting {listed(expected)}"


def missing(token: Token, expected: frozenset[str]) -> str:
    """The one expected token is taken as read."""
    return f"Syntax error: missing {listed(expected)} at '{token.text}'"


def mismatched(token: Token, expected: frozenset[str]) -> str:
    """Nothing can be done."""
    return f"Syntax error: mismatched input '{token.text}' expecting {listed(expected)}"


def after_dot(token: Token) -> str:
    """What does not follow a dot."""
    if token.kind in ("true", "false", "null"):
        return mismatched(token, frozenset({"ident"}))
    return f"Syntax error: no viable alternative at input '.{'' if token.kind == END else token.text}'"


def after_sign(sign: str, token: Token) -> str:
    """What does not follow a minus."""
    return f"Syntax error: no viable alternative at input '{sign}{token.text}'"


def would_mend(absent: str, token: Token, outer_closers: frozenset[str]) -> bool:
    """Whether the token could follow the absent one."""
    if absent == ":":
        return token.kind in OPERAND
    return token.kind in _GROWING or token.kind in outer_closers
