"""Policies that were read and found valid before, as plain bytes: what a cache keeps of a file.

Reading a policy strictly and validating it takes a hundred times as long as reading these bytes. Only files that hold
valid policies and nothing else are worth keeping; whatever is wrong is found and said again each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from engine import policies
from engine.documents import Document, Loaded
from engine.model import Value
from engine.policies import Policy, PolicySet
from engine.yaml.split import Piece


class _Known(Struct, array_like=True):
    """A document after strict reading; ``bases`` are the places of its policies."""

    index: int
    text: str
    line: int
    value: Any
    bases: list[list[str | int]]


class _File(Struct, array_like=True):
    """``content`` is the whole file, and ``reader`` names what read it: bytes are used only where both are the same."""

    reader: str
    content: bytes
    documents: list[_Known]


def encode(reader: str, content: bytes, loaded: Loaded, chosen: PolicySet) -> bytes | None:
    """The bytes of a file of valid policies; None where it holds anything else."""
    others = chosen.exceptions or chosen.cleanups or chosen.cel or chosen.unsupported
    if loaded.problems or chosen.problems or others or not chosen.policies:
        return None
    if any(not _of(document, chosen) for document in loaded.documents):
        return None
    known = [
        _Known(document.index, document.text, document.line, document.value, _of(document, chosen))
        for document in loaded.documents
    ]
    return msgspec.msgpack.encode(_File(reader, content, known))


def decode(entry: bytes, reader: str, content: bytes, file: str) -> tuple[Policy, ...] | None:
    """The policies of a file with that content; None where the bytes are broken or tell of something else."""
    try:
        known = msgspec.msgpack.decode(entry, type=_File)
        if known.reader != reader or known.content != content:
            return None
        return tuple(policy for document in known.documents for policy in _policies(document, file))
    except (msgspec.MsgspecError, LookupError, TypeError):
        return None


def _of(document: Document, chosen: PolicySet) -> list[list[str | int]]:
    return [list(policy.base) for policy in chosen.policies if policy.document is document]


def _policies(known: _Known, file: str) -> Sequence[Policy]:
    document = Document(file, known.index, known.value, Piece(known.text, known.line))
    return [policies.build(_at(known.value, base), document, tuple(base)) for base in known.bases]


def _at(value: Value, base: Sequence[str | int]) -> Value:
    for part in base:
        value = value[part]
    return value
