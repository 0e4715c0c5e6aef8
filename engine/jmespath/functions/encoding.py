"""Kyverno's functions that encode, decode, hash and parse."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from engine.errors import QueryError
from engine.jmespath import json_text
from engine.jmespath.evaluation import Evaluation, check_nodes
from engine.jmespath.signatures import Table, function
from engine.model import Value

TABLE: Table = {}
_function = partial(function, TABLE)

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
    from engine.values import base64

    try:
        decoded = base64.decode(_bytes(text))
    except ValueError as error:
        raise QueryError(str(error)) from None
    return _NOT_UTF8.sub("\ufffd", decoded.decode("utf-8", "surrogateescape"))


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
