"""JSON payloads: documents that are no resources (upstream: cmd/cli/kubectl-kyverno/payload/load.go)."""

from __future__ import annotations

from pathlib import Path

from bot.dropin.strict import LIMITS, FileError, place, read
from engine import documents
from engine.resources import Resource


def read_payload(path: Path, name: str) -> Resource:
    """The one object of a file, called ``name``; raises FileError. Numbers are doubles, but of YAML whole ones int."""
    is_json = path.suffix == ".json"
    if not is_json and path.suffix not in (".yaml", ".yml"):
        raise FileError(f"unrecognized payload format, must be yaml or json ({name})")
    loaded = documents.load(read(path), name, numbers=float if is_json else int, limits=LIMITS)
    if loaded.problems:
        raise FileError(place(loaded.problems[0]))
    if len(loaded.documents) != 1 or type(loaded.documents[0].value) is not dict:
        raise FileError(f"{name} must be a top-level object (map)")
    return Resource(loaded.documents[0].value, loaded.documents[0])
