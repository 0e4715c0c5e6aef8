"""cel-go's encoders (ext/encoders.go)."""

from __future__ import annotations

from typing import Final

from engine.cel.costs import size, traversal
from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, free, function
from engine.cel.libraries.costs import fixed
from engine.cel.libraries.json_values import to_struct
from engine.cel.types import BYTES, DYN, STRING
from engine.cel.values import UINT_MAX, Value
from engine.values import base64, golang


def _decode(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    try:
        return base64.decode(encoded)
    except ValueError:
        try:
            return base64.decode_unpadded(encoded)
        except ValueError as error:
            raise EvaluationError(str(error)) from None


def _encode(content: bytes) -> str:
    from base64 import b64encode

    return b64encode(content).decode("ascii")


def _json(value: Value) -> str:
    try:
        return golang.marshal(to_struct(value))
    except ValueError as error:
        raise EvaluationError(str(error)) from None


def _read(content: Value) -> int:
    return traversal(size(content)) + 1


ENCODERS: Final = Library(
    "cel.lib.ext.encoders",
    functions=(
        function("base64.decode", free("base64_decode_string", (STRING,), BYTES, _decode, _read)),
        function("base64.encode", free("base64_encode_bytes", (BYTES,), STRING, _encode, _read)),
        function("json.encode", free("json_encode_dyn", (DYN,), STRING, _json, fixed(UINT_MAX))),
    ),
)
"""``json.encode`` costs more than any limit, upstream too: where there is one, it cannot be used."""
