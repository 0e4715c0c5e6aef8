"""YAML and JSON text to values, each of which can say where it stands.

The quick ways (``engine.yaml.lines``, ``json_text``) read ordinary documents, libyaml the others; all give what the
reference's loader gives (cmd/cli/kubectl-kyverno/resource/resource.go: documents split at ``---``, sigs.k8s.io/yaml).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from engine.model import Path, Position, Problem, Value
from engine.yaml import json_text, lines
from engine.yaml.lines import NOT_ORDINARY
from engine.yaml.scalars import NumberType
from engine.yaml.split import Piece, split
from engine.yaml.text import decode, is_ordinary

if TYPE_CHECKING:
    from engine.yaml.faults import Fault
    from engine.yaml.positions import Spot

TOO_MANY = "too-many-documents"


class Limits(Struct, frozen=True):
    """Bounds on one file: bytes, documents, levels of nesting, and nodes that aliases may add to a document."""

    file_bytes: int = 5_000_000
    documents: int = 10_000
    depth: int = 100
    aliased_nodes: int = 400_000


class Document:
    """One document of a file.

    ``index`` counts the file's documents from 0 (broken ones too), ``line`` is the first with content, from 1.
    ``has_duplicate_keys``: some mapping is given a key twice, perhaps by a merge. The last one holds, as where the
    reference reads resources; where it reads policies it refuses the document. ``states_keys_twice``: not by a merge,
    so that others refuse it too. ``value`` belongs to the reader.
    """

    __slots__ = ("_piece", "_spot", "file", "has_duplicate_keys", "index", "states_keys_twice", "value")

    def __init__(self, file: str, index: int, value: Value, piece: Piece, has_duplicate_keys: bool = False) -> None:
        self.file = file
        self.index = index
        self.value = value
        self.has_duplicate_keys = has_duplicate_keys
        self.states_keys_twice = False
        self._piece = piece
        self._spot: Spot | None = None

    @property
    def line(self) -> int:
        """The line, from 1, where the document's content begins."""
        return self._piece.line

    @property
    def text(self) -> str:
        """The document's text from ``line`` on, up to the next ``---``."""
        return self._piece.text

    def position(self, path: Path) -> Position:
        """Of the value at ``path``; of the nearest ancestor that exists otherwise."""
        spot = self._find(path)
        return Position(self.line + spot.line, spot.column + 1)

    def key_position(self, path: Path) -> Position:
        """Of the key that leads to the value; of the value itself where it is an entry of a list."""
        spot = self._find(path)
        return Position(self.line + spot.key_line, spot.key_column + 1)

    def last_line(self, path: Path) -> int:
        """The last line of the value's text, from 1."""
        return self.line + self._find(path).last

    def _find(self, path: Path) -> Spot:
        if self._spot is None:
            from engine.yaml.positions import read

            self._spot = read(self._piece.text)
        return self._spot.find(path)


class Loaded(Struct, frozen=True):
    """What a file holds, in its order, and what is wrong with it."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]


DEFAULT_LIMITS: Final = Limits()


def load(content: bytes | str, file: str, *, numbers: NumberType = float, limits: Limits = DEFAULT_LIMITS) -> Loaded:
    """All documents of a file that can be read, and a problem for each that cannot.

    ``numbers=float`` makes every number a float, as resources have them; ``numbers=int`` keeps whole ones as int.
    """
    text = decode(content, file, limits.file_bytes)
    if isinstance(text, Problem):
        return Loaded((), (text,))
    documents: list[Document] = []
    problems: list[Problem] = []
    ordinary = is_ordinary(text)
    for index, piece in enumerate(split(text)):
        if index == limits.documents:
            message = f"the file has more than {limits.documents:,} documents; the rest is not read"
            problems.append(Problem(TOO_MANY, message, file, piece.line, 1, "Split the file."))
            break
        value = _quick(piece.text, ordinary, numbers, limits.depth)
        if value is not NOT_ORDINARY:
            documents.append(Document(file, index, value, piece))
            continue
        document, faults = _thorough(Document(file, index, None, piece), numbers, limits)
        documents.extend(document)
        problems.extend(faults)
    return Loaded(tuple(documents), tuple(problems))


def load_as_it_ends(last: Document) -> Document:
    """A text's last document read again without the line break that files are given: a block scalar may end in it."""
    piece = Piece(last.text.removesuffix("\n"), last.line)
    return _thorough(Document(last.file, last.index, None, piece), float, DEFAULT_LIMITS)[0][0]


def _quick(text: str, ordinary: bool, numbers: NumberType, depth: int) -> Value:
    if not ordinary and not is_ordinary(text):
        return NOT_ORDINARY
    return json_text.parse(text, numbers, depth) if text[0] in "{[" else lines.parse(text, numbers, depth)


def _thorough(
    document: Document, numbers: NumberType, limits: Limits
) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
    from engine.yaml.construct import Bounds, Constructor
    from engine.yaml.faults import DUPLICATE_KEY, Fault

    try:
        bounds = Bounds(limits.depth, limits.aliased_nodes)
        built = Constructor(document.text, numbers, bounds).build()
    except Fault as fault:
        return (), (_problem(fault, document),)
    document.value, document.has_duplicate_keys = built.value, built.repeats
    document.states_keys_twice = any(fault.code == DUPLICATE_KEY for fault in built.faults)
    return (document,) if built.present else (), tuple(_problem(fault, document) for fault in built.faults)


def _problem(fault: Fault, document: Document) -> Problem:
    line, column = fault.where
    return Problem(fault.code, str(fault), document.file, document.line + line, column + 1, fault.advice)
