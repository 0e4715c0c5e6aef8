"""Kubernetes' function on JSON Pointers (upstream: library/jsonpatch.go)."""

from __future__ import annotations

from typing import Final

from engine.cel.functions import Library, free, function
from engine.cel.libraries.costs import check_text, of_first
from engine.cel.types import STRING


def _escape_key(key: str) -> str:
    check_text(2 * len(key))
    return key.replace("~", "~0").replace("/", "~1")


JSONPATCH: Final = Library(
    "kubernetes.jsonpatch",
    functions=(
        function(
            "jsonpatch.escapeKey",
            free("string_jsonpatch_escapeKey_string", (STRING,), STRING, _escape_key, of_first()),
        ),
    ),
)
