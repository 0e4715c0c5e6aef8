"""The parser's hand on its tokens: the next one, one that must come, and what to do about one that must not."""

from __future__ import annotations

from engine.cel import complaints
from engine.cel.brackets import CLOSERS, Frame, Open, expected
from engine.cel.expansion import MacroError
from engine.cel.lexer import END, SyntaxProblem, Token


class Reading:
    """Tokens being read; the open brackets, and whether an operand is due, decide what may come."""

    def __init__(self, optionals: bool) -> None:
        self._optionals = optionals
        self._tokens: list[Token] = []
        self._index = 0
        self._frames: list[Frame] = [Frame(Open.ROOT, 0, 0)]
        self._operand_due = True
        self._problems: list[SyntaxProblem | MacroError] = []

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

    def _recover(self, token: Token) -> None:
        """Go on past a token that does not fit, or give up."""
        opens = self._index > 0 and self._tokens[self._index - 1].kind in ("(", "[", "{")
        wanted = expected(self._frames[-1], self._operand_due, opens)
        if self._peek(1).kind in wanted and token.kind != END:
            self._problems.append(SyntaxProblem(complaints.extraneous(token, wanted), token.position))
            self._index += 1
            return
        absent = next(iter(wanted))
        if len(wanted) == 1 and not self._operand_due and self._would_mend(absent, token):
            self._problems.append(SyntaxProblem(complaints.missing(token, wanted), token.position))
            self._tokens.insert(self._index, Token(absent, absent, token.position))
            return
        raise SyntaxProblem(complaints.mismatched(token, wanted), token.position)

    def _would_mend(self, absent: str, token: Token) -> bool:
        if absent == END:
            return False
        outer = self._frames[-2].kind
        closers = {CLOSERS[outer]} if outer in (Open.ROOT, Open.GROUP) else {CLOSERS[outer], ","}
        return complaints.would_mend(absent, token, frozenset(closers))
