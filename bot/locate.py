"""From what a rule says of a resource to a place in a file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from bot.model import LineRange
from engine.documents import Document
from engine.model import Path
from engine.resources import Resource

_PLAIN = re.compile(r"[A-Za-z_][\w-]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A line and column of the document's file, and the lines of the whole resource there."""

    line: int
    column: int
    lines: LineRange


def locate(document: Document, base: Path, path: Path) -> Place:
    """Where ``path`` of the resource at ``base`` stands: the line of its key, or that of its nearest existing ancestor.

    ``base`` is empty, or leads to the item of a List.
    """
    spot = document.key_position(base + path) if path else document.position(base)
    first = document.position(base).line
    return Place(spot.line, spot.column, LineRange(first, max(first, document.last_line(base))))


def path_text(path: Path) -> str:
    """A path as field errors write it: ``spec.containers[0].image``; odd keys quoted: ``labels["a.b/c"]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            quoted = part.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{quoted}"]'
    return text


def finding_key(policy: str, rule: str, resource: Resource, path: Path) -> str:
    """A name for a finding that stays while the finding does, wherever its lines move; 20 hexadecimal digits."""
    identity = (resource.group, resource.kind, resource.namespace, resource.name)
    text = "\0".join((policy, rule, *identity, resource.document.file, path_text(path)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
