"""Kyverno's function that makes a random text for a regular expression (upstream: goregen).

The grammar is Go's syntax without Perl's extensions: upstream parses with no flags, so that ``\\d`` is refused.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final, NoReturn, TypeAlias

from engine.errors import LimitError, QueryError
from engine.jmespath.evaluation import Evaluation
from engine.jmespath.signatures import Table, function

TABLE: Table = {}
_function = partial(function, TABLE)

_MAX_TEXT: Final = 65_536
_MAX_DEPTH: Final = 50
_UNBOUNDED: Final = 4096
_MAX_REPEAT: Final = 1000
_META: Final = frozenset("\\.+*?()|[]{}^$")
_CONTROLS: Final = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_POSIX: Final = {
    "alnum": "09AZaz", "alpha": "AZaz", "ascii": "\x01\x7f", "blank": "\t\t  ", "cntrl": "\x01\x1f\x7f\x7f",
    "digit": "09", "graph": "!~", "lower": "az", "print": " ~", "punct": "!/:@[`{~", "space": "\t\r  ",
    "upper": "AZ", "word": "09AZaz__", "xdigit": "09AFaf",
}  # fmt: skip
_ANY: Final = ((0x20, 0x7E),)
"""What ``.`` gives; upstream's choice is nearly always no character at all."""

_Ranges: TypeAlias = tuple[tuple[int, int], ...]
_Tree: TypeAlias = tuple[Any, ...]
"""("text", str), ("class", ranges), ("all", trees), ("one", trees), ("repeat", tree, least, most)"""


@_function("random", "string", result="string")
def random(evaluation: Evaluation, pattern: str) -> str:
    """makes a random string that matches a regular expression"""
    if not pattern:
        raise QueryError("no pattern provided")
    return generate(pattern, evaluation.runtime.random())


def generate(pattern: str, chance: Any) -> str:
    """A text that matches the pattern; ``chance`` has Python's ``randrange``. Raises QueryError or LimitError."""
    pieces: list[str] = []
    _generate(_Grammar(pattern).parse(), chance, pieces, [_MAX_TEXT])
    return "".join(pieces)


def _generate(tree: _Tree, chance: Any, pieces: list[str], left: list[int]) -> None:
    left[0] -= 1
    if left[0] < 0:
        raise LimitError(f"random() makes a text of more than {_MAX_TEXT} parts")
    match tree:
        case ("text", text):
            pieces.append(text)
        case ("class", ranges):
            pieces.append(_member(ranges, chance))
        case ("all", trees):
            for part in trees:
                _generate(part, chance, pieces, left)
        case ("one", trees):
            _generate(trees[chance.randrange(len(trees))], chance, pieces, left)
        case ("repeat", part, least, most):
            for _ in range(least + chance.randrange(most - least + 1)):
                _generate(part, chance, pieces, left)


def _member(ranges: _Ranges, chance: Any) -> str:
    place = chance.randrange(sum(last - first + 1 for first, last in ranges))
    for first, last in ranges:
        if place <= last - first:
            return chr(first + place)
        place -= last - first + 1
    raise AssertionError("the place lies in one of the ranges")


class _Grammar:
    """A recursive descent over one pattern."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.depth = 0

    def parse(self) -> _Tree:
        tree = self.alternatives()
        if self.at < len(self.pattern):
            self.fail("unexpected )", self.pattern)
        return tree

    def fail(self, reason: str, part: str) -> NoReturn:
        raise QueryError(f"error parsing regexp: {reason}: `{part}`")

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def next(self) -> str:
        char = self.peek()
        self.at += 1
        return char

    def alternatives(self) -> _Tree:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise LimitError(f"the pattern of random() nests deeper than {_MAX_DEPTH} levels")
        branches = [self.branch()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.branch())
        self.depth -= 1
        return ("one", branches) if len(branches) > 1 else branches[0]

    def branch(self) -> _Tree:
        parts: list[_Tree] = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.atom()))
        return ("all", parts)

    def atom(self) -> _Tree:
        char = self.next()
        match char:
            case "(":
                return self.group()
            case "[":
                return ("class", self.bracket())
            case ".":
                return ("class", _ANY)
            case "^" | "$":
                return ("text", "")
            case "*" | "+" | "?":
                self.fail("missing argument to repetition operator", char)
            case "\\":
                return ("text", self.escape())
        return ("text", char)

    def group(self) -> _Tree:
        if self.peek() == "?":
            if self.pattern.startswith("?:", self.at):
                self.at += 2
            else:
                self.fail("missing argument to repetition operator", "?")
        tree = self.alternatives()
        if self.next() != ")":
            self.fail("missing closing )", self.pattern)
        return tree

    def escape(self) -> str:
        char = self.next()
        if not char:
            self.fail("trailing backslash at end of expression", "")
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in _META or (char.isascii() and not char.isalnum()):
            return char
        if char in "bBAz":
            return ""
        self.fail("invalid escape sequence", "\\" + char)

    def repeated(self, tree: _Tree) -> _Tree:
        bounds = self.bounds()
        while bounds is not None:
            tree = ("repeat", tree, *bounds)
            bounds = self.bounds()
        return tree

    def bounds(self) -> tuple[int, int] | None:
        char = self.peek()
        if char == "{":
            return self.counted()
        known = {"*": (0, _UNBOUNDED), "+": (1, _UNBOUNDED), "?": (0, 1)}.get(char)
        if known is not None:
            self.at += 1
        return known

    def counted(self) -> tuple[int, int] | None:
        """``{n}``, ``{n,}``, ``{n,m}``; None where the brace is a character like any other."""
        end = self.pattern.find("}", self.at)
        text = self.pattern[self.at + 1 : end]
        least, comma, most = text.partition(",")
        if end < 0 or not _is_count(least) or (most and not _is_count(most)):
            return None
        low = int(least)
        high = int(most) if most else _UNBOUNDED if comma else low
        if low > _MAX_REPEAT or high < low or (most and high > _MAX_REPEAT):
            self.fail("invalid repeat count", self.pattern[self.at : end + 1])
        self.at = end + 1
        return low, high

    def bracket(self) -> _Ranges:
        start = self.at - 1
        negated = self.peek() == "^"
        self.at += negated
        ranges: list[tuple[int, int]] = []
        first = True
        while first or self.peek() != "]":
            if not self.peek():
                self.fail("missing closing ]", self.pattern[start:])
            first = False
            if self.pattern.startswith("[:", self.at) and ":]" in self.pattern[self.at :]:
                ranges += self.named()
            else:
                ranges.append(self.span())
        self.at += 1
        return _without(ranges) if negated else tuple(ranges)

    def named(self) -> list[tuple[int, int]]:
        end = self.pattern.index(":]", self.at) + 2
        name = self.pattern[self.at : end]
        members = _POSIX.get(name[2:-2])
        if members is None:
            self.fail("invalid character class range", name)
        self.at = end
        return [(ord(members[i]), ord(members[i + 1])) for i in range(0, len(members), 2)]

    def span(self) -> tuple[int, int]:
        start = self.at
        low = self.member()
        if self.peek() != "-" or self.pattern[self.at + 1 : self.at + 2] in ("]", ""):
            return low, low
        self.at += 1
        high = self.member()
        if high < low:
            self.fail("invalid character class range", self.pattern[start : self.at])
        return low, high

    def member(self) -> int:
        char = self.next()
        if char == "\\":
            char = self.escape()
        if len(char) != 1:
            self.fail("invalid escape sequence", self.pattern[self.at - 2 : self.at])
        return ord(char)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 9 and (text == "0" or text[0] != "0")


def _without(ranges: list[tuple[int, int]]) -> _Ranges:
    """The printable characters outside of the ranges."""
    left = [code for code in range(0x20, 0x7F) if not any(low <= code <= high for low, high in ranges)]
    if not left:
        raise QueryError("the pattern of random() has a class that no printable character is in")
    return tuple((code, code) for code in left)
