"""Kyverno's function on certificates."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation
from engine.jmespath.signatures import Table, function
from engine.model import Value

TABLE: Table = {}
_function = partial(function, TABLE)

_BLOCK: Final = re.compile(r"^-----BEGIN ([^\n-]+)-----[ \t\r]*\n([^-]*)-----END \1-----[ \t\r]*$", re.MULTILINE)


@_function("x509_decode", "string", result="object")
def x509_decode(_evaluation: Evaluation, text: str) -> Value:
    """decodes a certificate or certificate request with an RSA key from PEM"""
    from binascii import Error, a2b_base64

    block = _BLOCK.search(text)
    if block is None:
        raise QueryError("failed to decode PEM block")
    kind, body = block.groups()
    if kind not in ("CERTIFICATE", "CERTIFICATE REQUEST"):
        raise QueryError("PEM block neither contains a CERTIFICATE or CERTIFICATE REQUEST")
    try:
        content = a2b_base64(body.rpartition("\n\n")[2])
    except Error:
        raise QueryError("failed to decode PEM block") from None
    from engine.jmespath import x509_values

    try:
        return x509_values.certificate(content) if kind == "CERTIFICATE" else x509_values.request(content)
    except ValueError as error:
        what = "certificate" if kind == "CERTIFICATE" else "certificate request"
        raise QueryError(f"x509: malformed {what}") from error
