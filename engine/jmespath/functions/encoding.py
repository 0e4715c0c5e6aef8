"""Kyverno's functions that encode, decode, hash and parse."""

from __future__ import annotations

import re
from functools import partial
from typing import Final, NoReturn

from engine.errors import QueryError
from engine.jmespath import json_text
from engine.jmespath.evaluation import Evaluation, check_nodes
from engine.jmespath.signatures import Table, function
from engine.model import Value

TABLE: Table = {}
_function = partial(function, TABLE)

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_GROUPS: Final = re.compile(rb"(?:(?:[\r\n]*[A-Za-z0-9+/]){4})*")
_BREAKS: Final = re.compile(rb"[\r\n]*")
_NOT_UTF8: Final = re.compile("[\udc80-\udcff]")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@_function("base64_encode", "string", result="string")
def base64_encode(_evaluation: Evaluation, text: str) -> str:
    """encodes a string in base64"""
    from base64 import b64encode

    return b64encode(_bytes(text)).decode("ascii")


@_function("base64_decode", "string", result="string")
def base64_decode(_evaluation: Evaluation, text: str) -> str:
    """decodes a string from base64; bytes that are no UTF-8 become U+FFFD, as in the reference's JSON"""
    from base64 import b64decode

    encoded = _bytes(text)
    _check_base64(encoded)
    decoded = b64decode(encoded.replace(b"\n", b"").replace(b"\r", b""))
    return _NOT_UTF8.sub("\ufffd", decoded.decode("utf-8", "surrogateescape"))


def _check_base64(encoded: bytes) -> None:
    """Refuse what Go's base64.StdEncoding refuses, naming the offset that its decodeQuantum names."""
    at = _end(_GROUPS, encoded, 0)
    taken = 0
    while (at := _end(_BREAKS, encoded, at)) < len(encoded):
        char = encoded[at : at + 1]
        at += 1
        if char == b"=":
            _check_padding(encoded, at, taken)
            return
        if char not in _ALPHABET:
            _illegal(at - 1)
        taken += 1
    if taken:
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
    raise QueryError(f"illegal base64 data at input byte {offset}")


@_function("md5", "string", result="string")
def md5(_evaluation: Evaluation, text: str) -> str:
    """gives the MD5 hash in hexadecimal"""
    return _digest("md5", text)


@_function("sha1", "string", result="string")
def sha1(_evaluation: Evaluation, text: str) -> str:
    """gives the SHA-1 hash in hexadecimal"""
    return _digest("sha1", text)


@_function("sha256", "string", result="string")
def sha256(_evaluation: Evaluation, text: str) -> str:
    """gives the SHA-256 hash in hexadecimal"""
    return _digest("sha256", text)


def _digest(algorithm: str, text: str) -> str:
    import hashlib

    return hashlib.new(algorithm, _bytes(text), usedforsecurity=False).hexdigest()


@_function("parse_json", "string", result="any")
def parse_json(evaluation: Evaluation, text: str) -> Value:
    """reads a JSON text; every number becomes a float64"""
    value = json_text.parse(text)
    check_nodes(value, evaluation)
    return value


@_function("parse_yaml", "string", result="any")
def parse_yaml(evaluation: Evaluation, text: str) -> Value:
    """reads a YAML text that JSON can represent; every number becomes a float64"""
    from engine.jmespath import yaml_text

    value = yaml_text.parse(text)
    check_nodes(value, evaluation)
    return value
