"""Base64 as Go's encoding/base64 reads it: line breaks are passed over, an error names the byte where it is."""

from __future__ import annotations

import re
from typing import Final, NoReturn

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_GROUPS: Final = re.compile(rb"(?:(?:[\r\n]*[A-Za-z0-9+/]){4})*")
_BREAKS: Final = re.compile(rb"[\r\n]*")


def decode(encoded: bytes) -> bytes:
    """What base64.StdEncoding decodes; ValueError with its text."""
    from base64 import b64decode

    _check(encoded, padded=True)
    return b64decode(encoded.replace(b"\n", b"").replace(b"\r", b""))


def decode_unpadded(encoded: bytes) -> bytes:
    """What base64.RawStdEncoding decodes, which knows no ``=``; ValueError with its text."""
    from base64 import b64decode

    _check(encoded, padded=False)
    bare = encoded.replace(b"\n", b"").replace(b"\r", b"")
    return b64decode(bare + b"=" * (-len(bare) % 4))


def _check(encoded: bytes, padded: bool) -> None:
    """Refuse what Go refuses, naming the offset that its decodeQuantum names."""
    at = _end(_GROUPS, encoded, 0)
    taken = 0
    while (at := _end(_BREAKS, encoded, at)) < len(encoded):
        char = encoded[at : at + 1]
        at += 1
        if char == b"=" and padded:
            _check_padding(encoded, at, taken)
            return
        if char not in _ALPHABET:
            _illegal(at - 1)
        taken += 1
    if taken and (padded or taken == 1):
        _illegal(at - taken)


def _check_padding(encoded: bytes, at: int, taken: int) -> None:
    """The rest after the first ``=``, which stands at ``at - 1`` and has so many characters of its group before it."""
    if taken < 2:
        _illegal(at - 1)
    if taken == 2:
        at = _end(_BREAKS, encoded, at)
        if at == len(encoded) or encoded[at : at + 1] != b"=":
            _illegal(at if at == len(encoded) else at - 1)
        at += 1
    at = _end(_BREAKS, encoded, at)
    if at < len(encoded):
        _illegal(at)


def _end(pattern: re.Pattern[bytes], encoded: bytes, at: int) -> int:
    found = pattern.match(encoded, at)
    return found.end() if found else at


def _illegal(offset: int) -> NoReturn:
    raise ValueError(f"illegal base64 data at input byte {offset}")
