"""Tokens to a tree (upstream: cel-go parser/parser.go, gen/CEL.g4).

A pushdown automaton, not recursive descent: what is open lies on a list, so no depth of nesting reaches Python's
recursion limit. Its state is whether an operand or an operator is due; operators wait on a stack until one that binds
less tightly comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Final, NamedTuple

from engine.cel import complaints
from engine.cel.errors import CompileError
from engine.cel.expansion import Expander, MacroError
from engine.cel.functions import Macro
from engine.cel.lexer import END, SyntaxProblem, Token, bytes_value, place, string_value, tokens
from engine.cel.syntax import Call, Entry, Expr, Ident, ListLiteral, Literal, MapLiteral, Node, ObjectLiteral, Select
from engine.cel.values import INT_MAX, INT_MIN, UINT_MAX, Uint, Value

MAX_CHARACTERS: Final = 100_000
MAX_DEPTH: Final = 250
"""Of open brackets, as upstream, and of the tree, for which upstream's rule is less strict."""
RESERVED: Final = frozenset(
    {"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop"}
    | {"package", "namespace", "null", "return", "true", "var", "void", "while"}
)

MacroTable = Mapping[tuple[str, int | None, bool], Macro]
"""Macros by name, arity and whether there is a receiver."""


class _Open(Enum):
    """What a bracket encloses."""

    ROOT = auto()
    GROUP = auto()
    CALL = auto()
    INDEX = auto()
    LIST = auto()
    MAP = auto()
    OBJECT = auto()
    TERNARY = auto()


_CLOSERS: Final = {
    _Open.ROOT: END,
    _Open.GROUP: ")",
    _Open.CALL: ")",
    _Open.INDEX: "]",
    _Open.LIST: "]",
    _Open.MAP: "}",
    _Open.OBJECT: "}",
    _Open.TERNARY: ":",
}


class _Frame:
    """An open bracket, and what it has gathered."""

    __slots__ = ("base", "entries", "items", "key", "kind", "marked", "name", "optional", "position", "target")

    def __init__(self, kind: _Open, position: int, base: int, name: str = "", target: Expr | None = None) -> None:
        self.kind = kind
        self.position = position
        self.base = base
        self.name = name
        self.target = target
        self.items: list[Expr] = []
        self.entries: list[Entry] = []
        self.optional: set[int] = set()
        self.marked = False
        """Whether the current element has a question mark."""
        self.key: tuple[Expr | str, int] | None = None
        """The current entry's key and the position of its colon."""


class _Operator(NamedTuple):
    level: int
    function: str
    position: int


_TERNARY, _OR, _AND, _UNARY = 1, 2, 3, 7
_BINARY: Final = {
    "||": (_OR, "_||_"),
    "&&": (_AND, "_&&_"),
    "==": (4, "_==_"),
    "!=": (4, "_!=_"),
    "<": (4, "_<_"),
    "<=": (4, "_<=_"),
    ">": (4, "_>_"),
    ">=": (4, "_>=_"),
    "in": (4, "@in"),
    "+": (5, "_+_"),
    "-": (5, "_-_"),
    "*": (6, "_*_"),
    "/": (6, "_/_"),
    "%": (6, "_%_"),
}
BINARY_LEVELS: Final = {function: level for level, function in _BINARY.values()}
"""How tightly operators bind; the ternary is 1, a sign 7, what comes after an operand 8."""
_NUMBERS: Final = frozenset({"int", "float"})


def parse(text: str, macros: MacroTable, optionals: bool = True) -> Expr:
    """The tree of an expression, macros expanded; raises CompileError."""
    return Parser(text, macros, optionals).parse()


class Parser:
    """One text being parsed."""

    def __init__(self, text: str, macros: MacroTable, optionals: bool = True) -> None:
        self.text = text
        self._macros = macros
        self._optionals = optionals
        self._depths: list[int] = [0]
        self._index = 0
        self._values: list[Expr] = []
        self._operators: list[_Operator] = []
        self._frames: list[_Frame] = [_Frame(_Open.ROOT, 0, 0)]
        self._problems: list[SyntaxProblem | MacroError] = []
        self._operand_due = True
        self._qualified: str | None = None
        """The dotted name that was just read, which a brace would make a type's."""

    def parse(self) -> Expr:
        """The tree; raises CompileError."""
        root = None
        try:
            root = self._parse()
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

    # -- nodes and stacks

    def node(self, kind: Callable[..., Expr], position: int, *fields: object) -> Expr:
        """A node with the next id; refuses a tree that is too deep to be walked."""
        deepest = 0
        for field in fields:
            for child in field if isinstance(field, tuple) else (field,):
                child = getattr(child, "value", child) if isinstance(child, Entry) else child
                if isinstance(child, Node):
                    deepest = max(deepest, self._depths[child.id])
        return self._made(kind, position, deepest, *fields)

    def _made(self, kind: Callable[..., Expr], position: int, deepest: int, *fields: object) -> Expr:
        if deepest >= MAX_DEPTH:
            raise SyntaxProblem(f"expression recursion limit exceeded: {MAX_DEPTH}", -1)
        self._depths.append(deepest + 1)
        return kind(len(self._depths) - 1, position, *fields)

    def _put(self, node: Expr, qualified: str | None = None) -> None:
        self._values.append(node)
        self._operand_due = False
        self._qualified = qualified

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._index + ahead, len(self._tokens) - 1)]

    def _take(self, *kinds: str) -> Token:
        token = self._tokens[self._index]
        if token.kind not in kinds:
            raise SyntaxProblem(complaints.mismatched(token, frozenset(kinds)), token.position)
        self._index += 1
        return token

    def _colon(self) -> Token:
        token = self._tokens[self._index]
        if token.kind in complaints.OPERAND:
            self._problems.append(SyntaxProblem(complaints.missing(token, frozenset({":"})), token.position))
            return token
        return self._take(":")

    def _open(self, frame: _Open, position: int, name: str = "", target: Expr | None = None) -> None:
        if len(self._frames) > MAX_DEPTH:
            raise SyntaxProblem(f"expression recursion limit exceeded: {MAX_DEPTH}", -1)
        self._frames.append(_Frame(frame, position, len(self._operators), name, target))
        self._operand_due = True

    def _reduce(self, level: int) -> None:
        """Apply the operators of this bracket that bind at least as tightly."""
        operators, base = self._operators, self._frames[-1].base
        while len(operators) > base and operators[-1].level >= level:
            operator = operators.pop()
            run = [operator]
            if operator.level in (_OR, _AND):
                while len(operators) > base and operators[-1].level == operator.level:
                    run.append(operators.pop())
            arity = {_TERNARY: 3, _UNARY: 1}.get(operator.level, len(run) + 1)
            arguments = tuple(self._values[-arity:])
            del self._values[-arity:]
            middle = run[(len(run) - 1) // 2].position
            self._values.append(self.node(Call, middle, operator.function, arguments))

    # -- where an operand is due

    def _literal(self, token: Token, sign: str = "") -> None:
        start = token.position
        if sign:
            token = self._tokens[self._index + 1]
            self._index += 1
        self._index += 1
        try:
            value = _value(token, sign)
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
            self._operators.append(_Operator(_UNARY, f"{token.text}_", token.position))
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
        self._open(_Open.CALL, self._take("(").position, name, target)
        if self._peek().kind == ")":
            self._index += 1
            self._finish()

    def _group(self, token: Token) -> None:
        self._index += 1
        self._open(_Open.GROUP, token.position)

    def _list(self, token: Token) -> None:
        self._index += 1
        self._open(_Open.LIST, token.position)
        self._element()

    def _map(self, token: Token) -> None:
        self._index += 1
        self._open(_Open.MAP, token.position)
        self._element()

    def _element(self) -> None:
        """At the start of an element: the bracket may close here instead, also after a lone comma."""
        frame = self._frames[-1]
        closer = _CLOSERS[frame.kind]
        is_first = not frame.items and not frame.entries
        is_bare = is_first and self._peek().kind == ","
        self._index += is_bare
        if is_bare or self._peek().kind == closer:
            self._close_empty(closer)
            return
        frame.marked = self._mark("?")
        self._operand_due = True
        if frame.kind is _Open.OBJECT:
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

    def _mark(self, syntax: str) -> bool:
        """Whether a question mark comes, which is then read."""
        token = self._peek()
        if token.kind != "?":
            return False
        if not self._optionals:
            raise SyntaxProblem(f"unsupported syntax '{syntax}'", token.position - len(syntax) + 1)
        self._index += 1
        return True

    def _field(self) -> str:
        token = self._take(*complaints.FIELD)
        return token.text if token.kind == "ident" else token.text[1:-1]

    # -- where an operator is due

    def _binary(self, token: Token) -> None:
        self._index += 1
        level, function = _BINARY[token.kind]
        self._reduce(level + 1 if level <= _AND else level)
        self._operators.append(_Operator(level, function, token.position))
        self._operand_due = True

    def _question(self, token: Token) -> None:
        if self._frames[-1].kind is _Open.TERNARY:
            self._recover(token)
            return
        self._index += 1
        self._reduce(_TERNARY + 1)
        self._open(_Open.TERNARY, token.position)

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
        self._open(_Open.INDEX, token.position, "_[?_]" if is_optional else "_[_]", self._values.pop())

    def _brace(self, token: Token) -> None:
        if self._qualified is None:
            self._recover(token)
            return
        self._index += 1
        self._values.pop()
        self._open(_Open.OBJECT, token.position, self._qualified)
        self._element()

    def _end(self, token: Token) -> None:
        """At what may close a bracket or one of its elements."""
        frame = self._frames[-1]
        is_key = frame.kind is _Open.MAP and frame.key is None
        self._reduce(0)
        if is_key and token.kind == ":":
            frame.key = (self._values.pop(), token.position)
            self._index += 1
            self._operand_due = True
        elif not is_key and token.kind in (_CLOSERS[frame.kind], ",") and self._may_end(frame, token):
            self._index += 1
            self._gather(frame)
            if token.kind != ",":
                self._finish()
            elif frame.kind is not _Open.CALL:
                self._element()
        else:
            self._recover(token)

    def _may_end(self, frame: _Frame, token: Token) -> bool:
        return token.kind != "," or frame.kind in (_Open.CALL, _Open.LIST, _Open.MAP, _Open.OBJECT)

    def _gather(self, frame: _Frame) -> None:
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
            case _Open.ROOT | _Open.GROUP:
                self._put(items[0])
            case _Open.TERNARY:
                self._values.append(items[0])
                self._operators.append(_Operator(_TERNARY, "_?_:_", frame.position))
                self._operand_due = True
            case _Open.CALL:
                self._put(self._call(frame, items))
            case _Open.INDEX:
                self._put(self.node(Call, frame.position, frame.name, (frame.target, *items)))
            case _Open.LIST:
                self._put(self.node(ListLiteral, frame.position, items, frozenset(frame.optional)))
            case _Open.MAP:
                self._put(self.node(MapLiteral, frame.position, tuple(frame.entries)))
            case _Open.OBJECT:
                self._put(self.node(ObjectLiteral, frame.position, frame.name, tuple(frame.entries)))

    def _call(self, frame: _Frame, arguments: tuple[Expr, ...]) -> Expr:
        name, target = frame.name, frame.target
        macro = self._macros.get((name, len(arguments), target is not None)) or self._macros.get(
            (name, None, target is not None)
        )
        if macro is not None:
            expanded = macro.expand(Expander(frame.position, self.node), target, arguments)
            if expanded is not None:
                return expanded
        return self.node(Call, frame.position, name, arguments, target)

    # -- what was not expected

    def _recover(self, token: Token) -> None:
        """Go on past a token that does not fit, or give up."""
        expected = self._expected()
        if self._peek(1).kind in expected and token.kind != END:
            self._problems.append(SyntaxProblem(complaints.extraneous(token, expected), token.position))
            self._index += 1
            return
        absent = next(iter(expected))
        if len(expected) == 1 and not self._operand_due and self._would_mend(absent, token):
            self._problems.append(SyntaxProblem(complaints.missing(token, expected), token.position))
            self._tokens.insert(self._index, Token(absent, absent, token.position))
            return
        raise SyntaxProblem(complaints.mismatched(token, expected), token.position)

    def _would_mend(self, absent: str, token: Token) -> bool:
        if absent == END:
            return False
        outer = self._frames[-2].kind
        closers = {_CLOSERS[outer]} if outer in (_Open.ROOT, _Open.GROUP) else {_CLOSERS[outer], ","}
        return complaints.would_mend(absent, token, frozenset(closers))

    def _expected(self) -> frozenset[str]:
        frame = self._frames[-1]
        closer = _CLOSERS[frame.kind]
        is_first = self._tokens[self._index - 1].kind in ("(", "[", "{") if self._index else False
        if not self._operand_due:
            if frame.kind is _Open.MAP and frame.key is None:
                return frozenset({":"})
            return frozenset({closer, ","} if frame.kind in (_Open.LIST, _Open.MAP, _Open.OBJECT) else {closer})
        if frame.kind in (_Open.LIST, _Open.MAP) and frame.key is None:
            return complaints.OPERAND | {closer, ",", "?"} if is_first else frozenset({closer})
        if is_first and frame.kind is _Open.CALL:
            return complaints.OPERAND | {closer}
        return complaints.OPERAND | {"?"} if is_first and frame.kind is _Open.INDEX else complaints.OPERAND


def _value(token: Token, sign: str) -> Value:
    """A literal's value; raises ValueError with cel-go's text."""
    text = token.text
    match token.kind:
        case "string":
            return string_value(text)
        case "bytes":
            return bytes_value(text)
        case "int":
            number = int(sign + text, 16 if text.startswith("0x") else 10) if len(text) < 100 else INT_MAX + 1
            if not INT_MIN <= number <= INT_MAX:
                raise ValueError("invalid int literal")
            return number
        case "uint":
            number = int(text[:-1], 16 if text.startswith("0x") else 10) if len(text) < 100 else UINT_MAX + 1
            if number > UINT_MAX:
                raise ValueError("invalid uint literal")
            return Uint(number)
        case "float":
            return _double(sign + text)
    return {"true": True, "false": False, "null": None}[text]


def _double(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("invalid double literal")
    return number


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
    **dict.fromkeys(_BINARY, Parser._binary),
    **dict.fromkeys((")", "]", "}", ",", ":", END), Parser._end),
    "?": Parser._question,
    ".": Parser._dot,
    "[": Parser._bracket,
    "{": Parser._brace,
}
