"""The only exceptions that leave this package, in cel-go's words."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

MAX_ISSUES = 100
"""More are counted, not shown (upstream: common/errors.go)."""
_LONGEST_SNIPPET = 16_384


class CelError(Exception):
    """Base of all; its text is what a person reads."""


class Issue(Struct, frozen=True):
    """One thing wrong with an expression: ``line`` counts from 1, ``column`` from 0, in code points."""

    message: str
    line: int
    column: int

    def show(self, text: str) -> str:
        """The issue above its line of source and a caret (upstream: common/error.go, ToDisplayString)."""
        head = f"ERROR: <input>:{self.line}:{self.column + 1}: {self.message}"
        lines = text.split("\n")
        if self.column < 0 or not 1 <= self.line <= len(lines):
            return head
        source = lines[self.line - 1].replace("\t", " ")
        if len(source.encode("utf-8", "surrogatepass")) > _LONGEST_SNIPPET:
            return head
        before = "".join("." if character.isascii() else "．" for character in source[: self.column])
        at = source[self.column : self.column + 1]
        return f"{head}\n | {source}\n | {before}{'^' if at.isascii() else '＾'}"


class CompileError(CelError):
    """An expression that does not parse or does not check."""

    def __init__(self, text: str, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        ordered = sorted(self.issues[:MAX_ISSUES], key=lambda issue: (issue.line, issue.column))
        shown = [issue.show(text) for issue in ordered]
        if len(self.issues) > MAX_ISSUES:
            shown.append(f"{len(self.issues) - MAX_ISSUES} more errors were truncated")
        super().__init__("\n".join(shown))


class ProgramError(CompileError):
    """An expression that checks, of which no program can be made: the text is all that is said."""

    def __init__(self, message: str) -> None:
        super().__init__("", ())
        self.args = (message,)


class EvaluationError(CelError):
    """What an expression's evaluation ends in: ``no such key: x``, ``division by zero``, ``no such overload``..."""


class CostError(EvaluationError):
    """The expression spent more than it may. Logical operators and macros do not absorb it."""

    def __init__(self) -> None:
        super().__init__("operation cancelled: actual cost limit exceeded")
