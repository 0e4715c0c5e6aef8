"""``.github/preadmit.yml``: what a repository decides about its own check, read from the base branch.

One table describes the keys; the validation here and the published JSON Schema (docs/preadmit.schema.json) come from
it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.globs import MAX_LENGTH, Globs, compile_globs
from bot.limits import DEFAULTS, Limits
from bot.model import Comments, Enforce
from engine.documents import Document, load
from engine.model import Path, Problem, Value

PATH: Final = ".github/preadmit.yml"
PATHS: Final = (PATH, ".github/preadmit.yaml")
MAX_PATTERNS: Final = 100
_EVERYTHING: Final = compile_globs(["**"])
_NAMESPACE: Final = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
_FILE: Final = r"^(?!/)(?!.*(^|/)\.\.(/|$)).+$"
_GLOB: Final = r"^!?[^\[\]{}\\\x00-\x1f]+$"

_GLOBS_SCHEMA: Final = {
    "type": "array",
    "minItems": 1,
    "maxItems": MAX_PATTERNS,
    "items": {"type": "string", "pattern": _GLOB, "maxLength": MAX_LENGTH},
}


@dataclass(frozen=True, slots=True)
class Config:
    """The decisions; the defaults are those of a repository without the file. ``values`` is a path, empty for none.

    ``limits`` are no decision of the repository's: they are the process's, and go along with it.
    """

    policies: Globs = _EVERYTHING
    manifests: Globs = _EVERYTHING
    exceptions: Globs = _EVERYTHING
    namespace: str = "default"
    values: str = ""
    enforce: Enforce = Enforce.BLOCK
    comments: Comments = Comments.ALL
    limits: Limits = DEFAULTS


KEYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "policies": _GLOBS_SCHEMA
    | {"default": ["**"], "description": "Where policies stand: globs over the paths of the base branch."},
    "manifests": _GLOBS_SCHEMA
    | {"default": ["**"], "description": "Which files may hold manifests that are judged: globs over the paths."},
    "exceptions": _GLOBS_SCHEMA
    | {"default": ["**"], "description": "Where PolicyExceptions stand: globs over the paths of the base branch."},
    "namespace": {
        "type": "string",
        "pattern": _NAMESPACE,
        "maxLength": 63,
        "default": "default",
        "description": "The namespace of namespaced resources that name none.",
    },
    "values": {
        "type": "string",
        "pattern": _FILE,
        "maxLength": 500,
        "description": "The path of a Kyverno CLI values file, for variables that only a cluster knows.",
    },
    "enforce": {
        "enum": [choice.value for choice in Enforce],
        "default": Enforce.BLOCK.value,
        "description": "Whether a resource that an Enforce rule denies fails the check, or is only reported.",
    },
    "comments": {
        "enum": [choice.value for choice in Comments],
        "default": Comments.ALL.value,
        "description": "Which findings become review comments.",
    },
}

SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "preadmit",
    "description": "The configuration of preadmit in a repository, .github/preadmit.yml on the base branch.",
    "type": ["object", "null"],
    "additionalProperties": False,
    "properties": dict(KEYS),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value, at a path below its key."""

    below: Path
    message: str


def parse(content: bytes, file: str = PATH) -> tuple[Config, tuple[Problem, ...]]:
    """The configuration in a file; a key with a problem keeps its default, and no problem may be taken lightly."""
    loaded = load(content, file, numbers=int)
    if loaded.problems or not loaded.documents:
        return Config(), loaded.problems
    document = loaded.documents[0]
    if len(loaded.documents) > 1:
        return Config(), (_problem(loaded.documents[1], (), "the configuration is a single document"),)
    if document.value is None:
        return Config(), ()
    if not isinstance(document.value, dict):
        return Config(), (_problem(document, (), "the configuration must be a mapping of keys to values"),)
    return _read(document)


def _read(document: Document) -> tuple[Config, tuple[Problem, ...]]:
    chosen: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, value in document.value.items():
        if key not in KEYS:
            problems.append(_unknown(document, key))
        elif fault := _fault(value, KEYS[key]):
            message = f"{key}: {fault.message}"
            problems.append(_problem(document, (key, *fault.below), message, KEYS[key]["description"]))
        else:
            chosen[key] = _value(key, value)
    return Config(**chosen), tuple(problems)


def _value(key: str, value: Value) -> object:
    match key:
        case "policies" | "manifests" | "exceptions":
            return compile_globs(value)
        case "enforce":
            return Enforce(value)
        case "comments":
            return Comments(value)
        case _:
            return value


def _fault(value: Value, schema: Mapping[str, Any]) -> Fault | None:
    if "enum" in schema:
        return (
            None
            if value in schema["enum"]
            else Fault((), f"must be {' or '.join(schema['enum'])}, not {_shown(value)}")
        )
    if schema["type"] == "array":
        return _list_fault(value)
    return _text_fault(value, schema)


def _list_fault(value: Value) -> Fault | None:
    if not isinstance(value, list) or not value:
        return Fault((), f"must be a list of globs, not {_shown(value)}")
    if len(value) > MAX_PATTERNS:
        return Fault((), f"has more than {MAX_PATTERNS} globs")
    for index, pattern in enumerate(value):
        if not isinstance(pattern, str):
            return Fault((index,), f"a glob must be a text, not {_shown(pattern)}")
        try:
            compile_globs([pattern])
        except ValueError as bad:
            return Fault((index,), f"{_shown(pattern)}: {bad}")
    return None


def _text_fault(value: Value, schema: Mapping[str, Any]) -> Fault | None:
    if not isinstance(value, str):
        return Fault((), f"must be a text, not {_shown(value)}")
    if len(value) > schema["maxLength"] or not re.search(schema["pattern"], value):
        wanted = "a namespace's name" if schema["pattern"] == _NAMESPACE else "a path inside the repository"
        return Fault((), f"must be {wanted}, not {_shown(value)}")
    return None


def _shown(value: Value) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list" if value else "an empty list"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _unknown(document: Document, key: str) -> Problem:
    from difflib import get_close_matches  # needed for mistakes only

    near = get_close_matches(str(key)[:40], KEYS, 1)
    advice = f"Did you mean {near[0]!r}?" if near else f"The keys are {', '.join(KEYS)}."
    return _problem(document, (key,), f"unknown key {_shown(key)}", advice, at_key=True)


def _problem(document: Document, path: Path, message: str, advice: str = "", at_key: bool = False) -> Problem:
    where = document.key_position(path) if at_key else document.position(path)
    return Problem("configuration", message, document.file, where.line, where.column, advice)
