"""What the service and an evaluator say to each other: typed messages, so that neither can be handed code.

A message is msgpack behind its length (4 bytes, big-endian); msgspec decodes it strictly into the types below.
"""

from __future__ import annotations

import struct
from dataclasses import fields
from socket import socket
from typing import Any, Final, TypeVar

import msgspec

from bot.model import Entry, Judgement, Snapshot
from engine.model import Problem

MOST_BYTES: Final = 1 << 30
_LENGTH: Final = struct.Struct(">I")
TREES: Final = tuple(field.name for field in fields(Snapshot) if field.type == "Tree")
"""The fields of a snapshot that hold trees; all others are plain."""


class WireError(Exception):
    """The other side is gone, or says what is no message."""


class TreeName(msgspec.Struct, frozen=True):
    """A tree of the snapshot: its field there, the version as the user named it, and the commit."""

    field: str
    ref: str
    sha: str


class Order(msgspec.Struct, frozen=True, tag=True):
    """Judge this snapshot; ``rest`` are its plain fields."""

    trees: tuple[TreeName, ...]
    rest: dict[str, Any]
    problems: tuple[Problem, ...]


class Entries(msgspec.Struct, frozen=True, tag=True):
    """The entries of a tree."""

    entries: tuple[Entry, ...]


class Contents(msgspec.Struct, frozen=True, tag=True):
    """The contents that were asked for, by name."""

    contents: dict[str, bytes]


class Missing(msgspec.Struct, frozen=True, tag=True):
    """What was asked for, or the whole judgement, could not be had (SourceError)."""

    message: str
    advice: str


class AskEntries(msgspec.Struct, frozen=True, tag=True):
    """Which entries has the tree in this field?"""

    tree: str


class AskContents(msgspec.Struct, frozen=True, tag=True):
    """What do these paths of the tree hold?"""

    tree: str
    paths: tuple[str, ...]


class Judged(msgspec.Struct, frozen=True, tag=True):
    """The whole answer."""

    judgement: Judgement


class Broke(msgspec.Struct, frozen=True, tag=True):
    """A fault of the evaluator itself; ``fault`` names it and its places, in one line."""

    fault: str


ToEvaluator = Order | Entries | Contents | Missing
FromEvaluator = AskEntries | AskContents | Judged | Missing | Broke
Message = TypeVar("Message")


def order(snapshot: Snapshot) -> Order:
    """A snapshot without its trees, which the evaluator asks about."""
    rest = {field.name: getattr(snapshot, field.name) for field in fields(snapshot)}
    trees = tuple(TreeName(name, tree.ref, tree.sha) for name in TREES if (tree := rest.pop(name)))
    problems = rest.pop("problems")
    return Order(trees, rest, problems)


def send(channel: socket, message: ToEvaluator | FromEvaluator) -> None:
    """Send a message; raises WireError."""
    encoded = msgspec.msgpack.encode(message)
    try:
        channel.sendall(_LENGTH.pack(len(encoded)) + encoded)
    except OSError as gone:
        raise WireError(f"the other side is gone ({type(gone).__name__})") from None


def receive(channel: socket, expected: Any) -> Any:
    """The next message, one of the ``expected`` types; raises WireError, TimeoutError when the socket has a limit."""
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    if length > MOST_BYTES:
        raise WireError(f"a message of {length} bytes")
    try:
        return msgspec.msgpack.decode(_exactly(channel, length), type=expected)
    except msgspec.DecodeError as wrong:
        raise WireError(f"what was said is no message ({type(wrong).__name__})") from None


def _exactly(channel: socket, length: int) -> bytearray:
    found = bytearray()
    while len(found) < length:
        try:
            piece = channel.recv(min(length - len(found), 1 << 20))
        except TimeoutError:
            raise
        except OSError as gone:
            raise WireError(f"the other side is gone ({type(gone).__name__})") from None
        if not piece:
            raise WireError("the other side is gone")
        found += piece
    return found
