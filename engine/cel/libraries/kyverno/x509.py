"""Kyverno's reading of certificates (upstream: libs/x509)."""

from __future__ import annotations

from typing import Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, free, function
from engine.cel.types import DYN, STRING
from engine.cel.values import Value

_KEPT: Final = (
    "Raw", "RawTBSCertificate", "RawSubjectPublicKeyInfo", "RawSubject", "RawIssuer", "Signature", "PublicKeyAlgorithm",
    "PublicKey", "SerialNumber", "Issuer", "NotBefore", "NotAfter", "KeyUsage", "Extensions", "ExtraExtensions",
    "ExtKeyUsage", "BasicConstraintsValid", "IsCA", "MaxPathLen", "MaxPathLenZero", "AuthorityKeyId", "OCSPServer",
    "IssuingCertificateURL", "DNSNames", "EmailAddresses", "IPAddresses", "PermittedDNSDomainsCritical",
    "PermittedDNSDomains", "ExcludedDNSDomains", "PermittedIPRanges", "ExcludedIPRanges", "PermittedEmailAddresses",
    "ExcludedEmailAddresses", "PermittedURIDomains", "ExcludedURIDomains", "CRLDistributionPoints", "PolicyIdentifiers",
)  # fmt: skip
"""The fields of a certificate; of a request all are."""


def _decode(text: str) -> Value:
    from engine.errors import EngineError
    from engine.jmespath.functions.certificates import x509_decode

    try:
        decoded = x509_decode(None, text)
    except EngineError as error:
        raise EvaluationError(str(error)) from None
    if "RawTBSCertificate" not in decoded:
        return decoded
    kept = {name: decoded[name] for name in _KEPT if name in decoded}
    return {**kept, "SerialNumber": _serial(decoded["Raw"])}


def _serial(raw: str) -> float:
    """What an int64 holds of the serial number."""
    from base64 import b64decode

    from cryptography.x509 import load_der_x509_certificate

    number = load_der_x509_certificate(b64decode(raw)).serial_number
    return float((number + (1 << 63)) % (1 << 64) - (1 << 63))


X509: Final = Library(
    "kyverno.x509", functions=(function("x509.decode", free("x509_decode_string", (STRING,), DYN, _decode)),)
)
