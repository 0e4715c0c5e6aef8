"""Tokens to a tree (upstream: cel-go parser/parser.go, gen/CEL.g4).

A pushdown automaton, not recursive descent: what is open lies on a list, so no depth of nesting reaches Python's
recursion limit. Its state is whether an operand or an operator is due; operators wait on a stack until one that binds
less tightly comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.cel import complaints
from engine.cel.brackets import AND, BINARY, CLOSERS, TERNARY, UNARY, Frame, Open, Operator
from engine.cel.building import Building
from engine.cel.errors import CompileError
from engine.cel.expansion import Expander, MacroError
from engine.cel.functions import Macro
from engine.cel.lexer import END, SyntaxProblem, Token, TooManyProblems, place, tokens
from engine.cel.literals import literal_value
from engine.cel.syntax import Call, Entry, Expr, Ident, ListLiteral, Literal, MapLiteral, ObjectLiteral, Select

MAX_CHARACTERS: Final = 100_000
RESERVED: Final = frozenset(
    {"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop"}
    | {"package", "namespace", "null", "return", "true", "var", "void", "while"}
)

MacroTable = Mapping[tuple[str, int | None, bool], Macro]
"""Macros by name, arity and whether there is a receiver."""


_NUMBERS: Final = frozenset({"int", "float"})


def parse(text: str, macros: MacroTable, optionals: bool = True) -> Expr:
    """The tree of an expression, macros expanded; raises CompileError."""
    return Parser(text, macros, optionals).parse()


class Parser(Building):
    """One text being parsed."""

    def __init__(self, text: str, macros: MacroTable, optionals: bool = True) -> None:
        super().__init__(optionals)
        self.text = text
        self._macros = macros

    def parse(self) -> Expr:
        """The tree; raises CompileError."""
        root = None
        try:
            root = self._parse()
        except TooManyProblems as problem:
            self._problems += [*problem.problems, problem]
        except (SyntaxProblem, MacroError) as problem:
            self._problems.append(problem)
        if self._problems or root is None:
            issues = [place(self.text, problem.position, str(problem)) for problem in self._problems]
            raise CompileError(self.text, issues)
        return root

    def _parse(self) -> Expr:
        if len(self.text) > MAX_CHARACTERS:
            size = len(self.text)
            raise SyntaxProblem(f"expression code point size exceeds limit: size: {size}, limit {MAX_CHARACTERS}", -1)
        self._tokens, problems = tokens(self.text)
        self._problems += problems
        while self._frames:
            token = self._tokens[self._index]
            action = (_OPERAND_ACTIONS if self._operand_due else _OPERATOR_ACTIONS).get(token.kind)
            if action is None:
                self._recover(token)
            else:
                action(self, token)
        return self._values[0]

    # -- where an operand is due

    def _literal(self, token: Token, sign: str = "") -> None:
        start = token.position
        if sign:
            token = self._tokens[self._index + 1]
            self._index += 1
        self._index += 1
        try:
            value = literal_value(token, sign)
        except ValueError as error:
            raise SyntaxProblem(str(error), start) from None
        self._put(self._made(Literal, start, 0, value))

    def _minus(self, token: Token) -> None:
        if self._peek(1).kind in _NUMBERS:
            self._literal(token, "-")
        else:
            self._unary(token)

    def _unary(self, token: Token) -> None:
        run = 0
        while self._peek().kind == token.kind:
            self._index += 1
            run += 1
        if run % 2:
            self._operators.append(Operator(UNARY, f"{token.text}_", token.position))
        following = self._peek()
        if following.kind == "!" or (following.kind == "-" and self._peek(1).kind not in _NUMBERS):
            raise SyntaxProblem(complaints.after_sign(token.text, following), following.position)

    def _name(self, token: Token, dot: str = "") -> None:
        self._index += 1
        start = token.position - len(dot)
        if token.text in RESERVED:
            raise SyntaxProblem(f"reserved identifier: {token.text}", start)
        name = dot + token.text
        if self._peek().kind == "(":
            self._open_call(name, None)
        else:
            self._put(self._made(Ident, token.position, 0, name), name)

    def _leading_dot(self, token: Token) -> None:
        self._index += 1
        name = self._peek()
        if name.kind != "ident":
            raise SyntaxProblem(complaints.after_dot(name), name.position)
        self._name(name, ".")

    def _open_call(self, name: str, target: Expr | None) -> None:
        self._open(Open.CALL, self._take("(").position, name, target)
        if self._peek().kind == ")":
            self._index += 1
            self._finish()

    def _group(self, token: Token) -> None:
        self._index += 1
        self._open(Open.GROUP, token.position)

    def _list(self, token: Token) -> None:
        self._index += 1
        self._open(Open.LIST, token.position)
        self._element()

    def _map(self, token: Token) -> None:
        self._index += 1
        self._open(Open.MAP, token.position)
        self._element()

    def _element(self) -> None:
        """At the start of an element: the bracket may close here instead, also after a lone comma."""
        frame = self._frames[-1]
        closer = CLOSERS[frame.kind]
        is_first = not frame.items and not frame.entries
        is_bare = is_first and self._peek().kind == ","
        self._index += is_bare
        if is_bare or self._peek().kind == closer:
            self._close_empty(closer)
            return
        frame.marked = self._mark("?")
        self._operand_due = True
        if frame.kind is Open.OBJECT:
            if not frame.marked and self._peek().kind not in complaints.FIELD:
                expected = complaints.FIELD | ({closer, ",", "?"} if is_first else {closer})
                raise SyntaxProblem(complaints.mismatched(self._peek(), expected), self._peek().position)
            field = self._field()
            frame.key = (field, self._colon().position)

    def _close_empty(self, closer: str) -> None:
        token = self._peek()
        if token.kind != closer:
            say = complaints.missing if token.kind == END else complaints.mismatched
            raise SyntaxProblem(say(token, frozenset({closer})), token.position)
        self._index += 1
        self._finish()

    # -- where an operator is due

    def _binary(self, token: Token) -> None:
        self._index += 1
        level, function = BINARY[token.kind]
        self._reduce(level + 1 if level <= AND else level)
        self._operators.append(Operator(level, function, token.position))
        self._operand_due = True

    def _question(self, token: Token) -> None:
        if self._frames[-1].kind is Open.TERNARY:
            self._recover(token)
            return
        self._index += 1
        self._reduce(TERNARY + 1)
        self._open(Open.TERNARY, token.position)

    def _dot(self, token: Token) -> None:
        self._index += 1
        is_optional = self._mark(".?")
        is_plain = self._peek().kind == "ident"
        if not is_optional and self._peek().kind not in complaints.FIELD:
            raise SyntaxProblem(complaints.after_dot(self._peek()), self._peek().position)
        if is_plain and not is_optional and self._peek(1).kind == "(":
            name = self._take("ident").text
            self._open_call(name, self._values.pop())
            return
        field = self._field()
        qualified = f"{self._qualified}.{field}" if self._qualified and is_plain and not is_optional else None
        operand = self._values.pop()
        self._put(self.node(Select, token.position, operand, field, False, is_optional), qualified)

    def _bracket(self, token: Token) -> None:
        self._index += 1
        is_optional = self._mark("[?")
        self._open(Open.INDEX, token.position, "_[?_]" if is_optional else "_[_]", self._values.pop())

    def _brace(self, token: Token) -> None:
        if self._qualified is None:
            self._recover(token)
            return
        self._index += 1
        self._values.pop()
        self._open(Open.OBJECT, token.position, self._qualified)
        self._element()

    def _end(self, token: Token) -> None:
        """At what may close a bracket or one of its elements."""
        frame = self._frames[-1]
        is_key = frame.kind is Open.MAP and frame.key is None
        self._reduce(0)
        if is_key and token.kind == ":":
            frame.key = (self._values.pop(), token.position)
            self._index += 1
            self._operand_due = True
        elif not is_key and token.kind in (CLOSERS[frame.kind], ",") and self._may_end(frame, token):
            self._index += 1
            self._gather(frame)
            if token.kind != ",":
                self._finish()
            elif frame.kind is not Open.CALL:
                self._element()
        else:
            self._recover(token)

    def _may_end(self, frame: Frame, token: Token) -> bool:
        return token.kind != "," or frame.kind in (Open.CALL, Open.LIST, Open.MAP, Open.OBJECT)

    def _gather(self, frame: Frame) -> None:
        """Let the bracket have the element that is complete."""
        value = self._values.pop()
        self._operand_due = True
        if frame.key is None:
            if frame.marked:
                frame.optional.add(len(frame.items))
            frame.items.append(value)
            return
        key, colon = frame.key
        depth = max(self._depths[value.id], 0 if isinstance(key, str) else self._depths[key.id])
        self._depths.append(depth)
        frame.entries.append(Entry(len(self._depths) - 1, colon, key, value, frame.marked))
        frame.key = None

    def _finish(self) -> None:
        """Close the bracket: what it becomes is an operand."""
        frame = self._frames.pop()
        items = tuple(frame.items)
        match frame.kind:
            case Open.ROOT | Open.GROUP:
                self._put(items[0])
            case Open.TERNARY:
                self._values.append(items[0])
                self._operators.append(Operator(TERNARY, "_?_:_", frame.position))
                self._operand_due = True
            case Open.CALL:
                self._put(self._call(frame, items))
            case Open.INDEX:
                self._put(self.node(Call, frame.position, frame.name, (frame.target, *items)))
            case Open.LIST:
                self._put(self.node(ListLiteral, frame.position, items, frozenset(frame.optional)))
            case Open.MAP:
                self._put(self.node(MapLiteral, frame.position, tuple(frame.entries)))
            case Open.OBJECT:
                self._put(self.node(ObjectLiteral, frame.position, frame.name, tuple(frame.entries)))

    def _call(self, frame: Frame, arguments: tuple[Expr, ...]) -> Expr:
        name, target = frame.name, frame.target
        macro = self._macros.get((name, len(arguments), target is not None)) or self._macros.get(
            (name, None, target is not None)
        )
        if macro is not None:
            expanded = macro.expand(Expander(frame.position, self.node), target, arguments)
            if expanded is not None:
                return expanded
        return self.node(Call, frame.position, name, arguments, target)


_Action = Callable[[Parser, Token], None]
_OPERAND_ACTIONS: Final[dict[str, _Action]] = {
    **dict.fromkeys(("int", "uint", "float", "string", "bytes", "true", "false", "null"), Parser._literal),
    "-": Parser._minus,
    "!": Parser._unary,
    "ident": Parser._name,
    ".": Parser._leading_dot,
    "(": Parser._group,
    "[": Parser._list,
    "{": Parser._map,
}
_OPERATOR_ACTIONS: Final[dict[str, _Action]] = {
    **dict.fromkeys(BINARY, Parser._binary),
    **dict.fromkeys((")", "]", "}", ",", ":", END), Parser._end),
    "?": Parser._question,
    ".": Parser._dot,
    "[": Parser._bracket,
    "{": Parser._brace,
}
