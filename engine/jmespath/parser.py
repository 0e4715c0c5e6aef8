"""The jmespath library's parser, bent to go-jmespath's grammar (parser.go of Kyverno's fork).

The grammars share their binding powers and the shape of the tree; what differs is overridden here: commas and names of
function calls, JSON literals, index and slice numbers, and every error text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeAlias

from jmespath import ast
from jmespath.parser import ParsedResult, Parser

from engine.errors import QueryError, QuerySyntaxError
from engine.jmespath import json_text
from engine.jmespath.lexer import Token, byte_offset, tokens

Node: TypeAlias = dict[str, Any]
"""``type``, ``children`` and, for some types, ``value``: see ``jmespath.ast``."""

_literal: Callable[..., Node] = ast.literal
_field: Callable[..., Node] = ast.field
_index: Callable[..., Node] = ast.index
_slice: Callable[..., Node] = ast.slice
_function: Callable[..., Node] = ast.function_expression

MAX_LENGTH: Final = 65_536
"""Characters of an expression."""
MAX_DEPTH: Final = 60
"""Nested expressions: each costs a few frames of the interpreter's stack to parse, compile and evaluate."""

CHAINS: Final = frozenset({"or_expression", "and_expression", "pipe"})
"""Nodes that the compiler flattens into one, however long their chain is."""

_GO_NAMES: Final = {
    "unknown": "tUnknown", "star": "tStar", "dot": "tDot", "filter": "tFilter", "flatten": "tFlatten",
    "lparen": "tLparen", "rparen": "tRparen", "lbracket": "tLbracket", "rbracket": "tRbracket",
    "lbrace": "tLbrace", "rbrace": "tRbrace", "or": "tOr", "pipe": "tPipe", "number": "tNumber",
    "unquoted_identifier": "tUnquotedIdentifier", "quoted_identifier": "tQuotedIdentifier", "comma": "tComma",
    "colon": "tColon", "lt": "tLT", "lte": "tLTE", "gt": "tGT", "gte": "tGTE", "eq": "tEQ", "ne": "tNE",
    "literal": "tJSONLiteral", "raw_string": "tStringLiteral", "current": "tCurrent", "expref": "tExpref",
    "and": "tAnd", "not": "tNot", "eof": "tEOF",
}  # fmt: skip


def go_name(kind: str) -> str:
    """The name that go-jmespath has for a type of tokens: ``tEQ`` for ``eq``."""
    return _GO_NAMES[kind]


def parse(expression: str) -> Node:
    """The tree of an expression; raises QueryError with go-jmespath's text, or when it is too long or too deep."""
    if len(expression) > MAX_LENGTH:
        raise QueryError(f"the expression has more than {MAX_LENGTH} characters")
    parsed: Node = _Parser()._parse(expression).parsed
    _check_depth(parsed)
    return parsed


def _check_depth(node: Node) -> None:
    """Refuse trees deeper than MAX_DEPTH: ``a[0][0]`` grows to the left, where the parser does not recurse."""
    waiting = [(node, 1)]
    while waiting:
        parent, depth = waiting.pop()
        if depth > MAX_DEPTH:
            _too_deep()
        for child in parent["children"]:
            if isinstance(child, dict):  # a slice has numbers for children
                chained = child["type"] == parent["type"] and child["type"] in CHAINS
                waiting.append((child, depth if chained else depth + 1))


def _too_deep() -> NoReturn:
    raise QueryError(f"the expression nests deeper than {MAX_DEPTH} levels")


class _Parser(Parser):  # type: ignore[misc]  # the library ships no types
    BINDING_POWER: Final = {**Parser.BINDING_POWER, "raw_string": 0, "unknown": 0}

    def _parse(self, expression: str) -> ParsedResult:
        self._text = expression
        self._tokens: list[Token] = list(tokens(expression))
        self._index = 0
        self._depth = 0
        parsed = self._expression()
        if self._current_token() != "eof":
            self._refuse(f"Unexpected token at the end of the expression: {self._received()}")
        return ParsedResult(expression, parsed)

    def _expression(self, binding_power: int = 0) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            _too_deep()
        node: Node = super()._expression(binding_power)
        self._depth -= 1
        return node

    def _received(self) -> str:
        return _GO_NAMES[self._current_token()]

    def _refuse(self, message: str, token: Token | None = None) -> NoReturn:
        """Refuse a token, the current one where none is given."""
        start = (token or self._lookahead_token(0))["start"]
        raise QuerySyntaxError(message, self._text, byte_offset(self._text, start))

    def _match(self, token_type: str | None = None) -> None:
        if self._current_token() != token_type:
            self._refuse(f"Expected {_GO_NAMES[token_type or 'eof']}, received: {self._received()}")
        self._advance()

    def _match_multiple_tokens(self, token_types: list[str]) -> None:
        if self._current_token() not in token_types:
            self._refuse("Expected tQuotedIdentifier or tUnquotedIdentifier")
        self._advance()

    def _error_nud_token(self, token: Token) -> NoReturn:
        if token["type"] == "eof":
            self._refuse("Incomplete expression", token)
        self._refuse(f"Invalid token: {_GO_NAMES[token['type']]}", token)

    def _error_led_token(self, token: Token) -> NoReturn:
        self._refuse(f"Unexpected token: {_GO_NAMES[token['type']]}")

    def _raise_parse_error_for_token(self, token: Token, reason: str) -> NoReturn:
        if reason.startswith("Expecting"):
            self._refuse("Expected identifier, lbracket, or lbrace")
        self._refuse("Error")

    def _token_nud_literal(self, token: Token) -> Node:
        return _literal(json_text.parse(token["value"]))

    def _token_nud_raw_string(self, token: Token) -> Node:
        return _literal(token["value"])

    def _token_nud_quoted_identifier(self, token: Token) -> Node:
        if self._current_token() == "lparen":
            self._refuse("Can't have quoted identifier as function Name.", token)
        return _field(token["value"])

    def _token_nud_lbracket(self, token: Token) -> Node:
        if self._current_token() not in ("number", "colon"):
            other: Node = super()._token_nud_lbracket(token)
            return other
        try:
            right = self._parse_index_expression()
        except QueryError:
            # parser.go drops this error and goes on with an empty node, wherever it stopped.
            return {"type": "empty", "children": []}
        node: Node = self._project_if_slice(ast.identity(), right)
        return node

    def _token_led_lparen(self, left: Node) -> Node:
        arguments = []
        while self._current_token() != "rparen":
            arguments.append(self._expression())
            if self._current_token() == "comma":
                self._advance()
        self._advance()
        named = left["type"] in ("field", "literal", "function_expression")
        name = left["value"] if named and isinstance(left["value"], str) else None
        return _function(name, arguments)

    def _token_led_lbracket(self, left: Node) -> Node:
        node: Node
        if self._current_token() in ("number", "colon"):
            node = self._project_if_slice(left, self._parse_index_expression())
        else:
            node = super()._token_led_lbracket(left)
        return node

    def _parse_index_expression(self) -> Node:
        if "colon" in (self._lookahead(0), self._lookahead(1)):
            return self._parse_slice_expression()
        node = _index(_atoi(self._lookahead_token(0)["value"]))
        self._advance()
        self._match("rbracket")
        return node

    def _parse_slice_expression(self) -> Node:
        parts: list[int | None] = [None, None, None]
        index = 0
        while self._current_token() != "rbracket" and index < 3:
            if self._current_token() == "colon":
                index += 1
            elif self._current_token() == "number":
                parts[index] = _atoi(self._lookahead_token(0)["value"])
            else:
                self._refuse(f"Expected tColon or tNumber, received: {self._received()}")
            self._advance()
        self._match("rbracket")
        return _slice(*parts)


def _atoi(text: str) -> int:
    """Go's strconv.Atoi on what the lexer takes for a number."""
    if text == "-":
        raise QueryError('strconv.Atoi: parsing "-": invalid syntax')
    value = int(text) if len(text) < 30 else 1 << 64
    if not -(1 << 63) <= value < 1 << 63:
        raise QueryError(f'strconv.Atoi: parsing "{text}": value out of range')
    return value
