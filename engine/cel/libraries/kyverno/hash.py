"""Kyverno's hashes, in hexadecimal (upstream: libs/hash)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.cel.functions import Constant, Function, Library, free, function
from engine.cel.types import STRING


def _digest(algorithm: str) -> Callable[[str], str]:
    def digest(text: str) -> str:
        import hashlib

        return hashlib.new(algorithm, text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()

    return digest


def _functions(algorithm: str) -> tuple[Function, Function]:
    digest = _digest(algorithm)
    return (
        function(algorithm, free(f"{algorithm}_string_non_prefixed", (STRING,), STRING, digest)),
        function(f"hash.{algorithm}", free(f"{algorithm}_string_prefixed", (STRING,), STRING, digest)),
    )


HASH: Final = Library(
    "kyverno.hash",
    functions=(*_functions("sha1"), *_functions("sha256"), *_functions("md5")),
    constants={"mylib_version": Constant(STRING, "")},
)
