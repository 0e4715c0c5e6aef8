"""The limits of one judgement, from the environment: what bounds everything that comes from outside.

docs/LIMITS.md is the table of them, with what is said where one is passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.model import SourceError
from engine.documents import Limits as FileLimits


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts, and sizes in bytes. ``tree_*`` are of one commit, ``requests`` to GitHub of one pull request's turn."""

    delivery_bytes: int = 26_214_400
    file_bytes: int = 5_000_000
    tree_bytes: int = 268_435_456
    tree_files: int = 200_000
    documents: int = 10_000
    depth: int = 100
    aliased_nodes: int = 400_000
    policies: int = 5_000
    findings: int = 5_000
    comments: int = 20
    requests: int = 1_000

    @property
    def of_files(self) -> FileLimits:
        """Those of reading one file."""
        return FileLimits(self.file_bytes, self.documents, self.depth, self.aliased_nodes)


class Limit(NamedTuple):
    """How one of them is set: its field, its variable, and the smallest and largest value."""

    field: str
    variable: str
    least: int
    most: int


ALL: Final = (
    Limit("delivery_bytes", "PREADMIT_MAX_DELIVERY_BYTES", 1_000, 26_214_400),
    Limit("file_bytes", "PREADMIT_MAX_FILE_BYTES", 1_000, 100_000_000),
    Limit("tree_bytes", "PREADMIT_MAX_TREE_BYTES", 1_000, 1 << 40),
    Limit("tree_files", "PREADMIT_MAX_TREE_FILES", 1, 2_000_000),
    Limit("documents", "PREADMIT_MAX_DOCUMENTS", 1, 1_000_000),
    Limit("depth", "PREADMIT_MAX_DEPTH", 10, 100),
    Limit("aliased_nodes", "PREADMIT_MAX_ALIASED_NODES", 1, 10_000_000),
    Limit("policies", "PREADMIT_MAX_POLICIES", 1, 1_000_000),
    Limit("findings", "PREADMIT_MAX_FINDINGS", 1, 1_000_000),
    Limit("comments", "PREADMIT_MAX_COMMENTS", 0, 30),
    Limit("requests", "PREADMIT_MAX_REQUESTS", 10, 100_000),
)
"""GitHub sends no larger delivery, and answers a review of more comments with a fault now and then."""

DEFAULTS: Final = Limits()


def of(environ: Mapping[str, str]) -> Limits:
    """The limits of a command; raises SourceError with all that is wrong."""
    faults: list[str] = []
    found = read(environ, faults)
    if faults:
        raise SourceError("; ".join(faults))
    return found


def read(environ: Mapping[str, str], faults: list[str]) -> Limits:
    """The limits that are set, and the defaults of the others; what is wrong is added to ``faults``."""
    given: dict[str, int] = {}
    for limit in ALL:
        text = environ.get(limit.variable, "").strip()
        if text and not (text.isascii() and text.isdigit() and limit.least <= int(text) <= limit.most):
            faults.append(f"{limit.variable} must be a number from {limit.least} to {limit.most}")
        elif text:
            given[limit.field] = int(text)
    return Limits(**given)
