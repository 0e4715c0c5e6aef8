"""What one line of ordinary block YAML says, remembered per text of the line.

Manifests repeat themselves: ``apiVersion: apps/v1`` or ``    spec:`` is understood once. Only lines that mean the
same wherever block YAML has them are understood; any other is ``UNUSUAL`` and leaves the document to libyaml.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.model import Value
from engine.regex import later
from engine.yaml.scalars import NumberType, ScalarError, key_text, number, plain

SCALAR, OPEN, BLOCK, FLOW, BLANK, UNUSUAL = range(6)
"""The shape of a line's value: on the line; on the lines below or null; literal or folded below; flat ``[]``/``{}``."""


class Token(NamedTuple):
    """``dash`` is the column of a sequence entry, ``column`` that of a key; -1 where the line has none."""

    dash: int
    column: int
    key: str
    shape: int
    value: Value


_BLANK = Token(-1, -1, "", BLANK, None)
_UNUSUAL = Token(-1, -1, "", UNUSUAL, None)
_LONGEST_KEPT = 240
_KEPT = 1 << 15

_LINE = later(r"( *)(?:(- +)(?! ))?(.*)", re.DOTALL)
_KEY = later(
    r"""(?:"([^"\\]{0,200})"|'([^']{0,200})'|([^-?:,\[\]{}#&*!|>'"%@` ][^: ]{0,200})):(?: +(.*)|$)""",
    re.DOTALL,
)
_DOUBLE = later(r'"((?:[^"\\]|\\["\\/nt])*)" *(?: #.*)?')
_SINGLE = later(r"'((?:[^']|'')*)' *(?: #.*)?")
_HEADER = later(r"([|>])([-+]?) *(?: #.*)?")
_PLAIN = later(r"""(?:[^-?:,\[\]{}#&*!|>'"%@` ]|-[^ ]).*""", re.DOTALL)
_ATOM = r"""(?:"[^"\\]*"|'[^']*'|[A-Za-z0-9_./][A-Za-z0-9_./-]*)"""
_SEQUENCE = later(rf"\[ *(?:({_ATOM}(?: *, *{_ATOM})*) *)?\] *(?: #.*)?")
_MAPPING = later(rf"{{ *(?:({_ATOM}: +{_ATOM}(?: *, *{_ATOM}: +{_ATOM})*) *)?}} *(?: #.*)?")
_ATOMS = later(_ATOM)
_ESCAPE = later(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t"}


class Tokens(dict[str, Token]):
    """Line -> Token, computed on first sight and kept within a bound; one for each kind of numbers."""

    def __init__(self, numbers: NumberType) -> None:
        super().__init__()
        self._numbers = numbers

    def __missing__(self, line: str) -> Token:
        try:
            token = self._read(line)
        except ScalarError:
            token = _UNUSUAL
        if len(line) <= _LONGEST_KEPT:
            if len(self) >= _KEPT:
                self.clear()
            self[line] = token
        return token

    def _read(self, line: str) -> Token:
        match = _LINE.fullmatch(line)
        if match is None or not match[3] or match[3][0] == "#":
            return _BLANK if match is not None and match[2] is None else _UNUSUAL
        dash = len(match[1]) if match[2] else -1
        rest: str = match[3]
        if rest == "-" and dash < 0:
            return Token(len(match[1]), -1, "", OPEN, None)
        if (entry := _KEY.match(rest)) is None:
            shape, value = self._value(rest)
            return Token(dash, -1, "", shape, value) if dash >= 0 else _UNUSUAL
        double, single, word, after = entry.groups()
        if word == "<<":
            return _UNUSUAL
        key = key_text(plain(word)) if word is not None else single if double is None else double
        shape, value = self._value(after or "")
        return Token(dash, match.start(3), key, shape, value)

    def _value(self, text: str) -> tuple[int, Value]:
        if not text or text[0] == "#":
            return OPEN, None
        match text[0]:
            case '"' if quoted := _DOUBLE.fullmatch(text):
                return SCALAR, _ESCAPE.sub(lambda m: _ESCAPES.get(m[1], m[1]), quoted[1])
            case "'" if quoted := _SINGLE.fullmatch(text):
                return SCALAR, quoted[1].replace("''", "'")
            case "|" | ">" if header := _HEADER.fullmatch(text):
                return BLOCK, (header[1] == "|", header[2])
            case "[" if flow := _SEQUENCE.fullmatch(text):
                return FLOW, [self._atom(atom) for atom in _ATOMS.findall(flow[1] or "")]
            case "{" if flow := _MAPPING.fullmatch(text):
                return self._flat(_ATOMS.findall(flow[1] or ""))
        return self._plain(text)

    def _plain(self, text: str) -> tuple[int, Value]:
        if not _PLAIN.fullmatch(text):
            return UNUSUAL, None
        text = text.partition(" #")[0].rstrip(" ")
        if ": " in text or text[-1] == ":":
            return UNUSUAL, None
        return SCALAR, self._resolved(text)

    def _flat(self, atoms: list[str]) -> tuple[int, Value]:
        keys = [atom[1:-1] if atom[0] in "\"'" else key_text(plain(atom)) for atom in atoms[::2]]
        value = dict(zip(keys, map(self._atom, atoms[1::2]), strict=True))
        return (FLOW, value) if len(value) == len(keys) else (UNUSUAL, None)

    def _atom(self, text: str) -> Value:
        return text[1:-1] if text[0] in "\"'" else self._resolved(text)

    def _resolved(self, text: str) -> Value:
        value = plain(text)
        return number(value, self._numbers) if type(value) in (int, float) else value


FLOATS = Tokens(float)
INTEGERS = Tokens(int)
