"""Certificates as Go's encoding/json writes its x509.Certificate and x509.CertificateRequest (Go 1.26)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.errors import QueryError
from engine.jmespath import x509_extensions
from engine.model import Value

_ALGORITHMS: Final = {
    "1.2.840.113549.1.1.2": 1, "1.2.840.113549.1.1.4": 2, "1.2.840.113549.1.1.5": 3, "1.2.840.113549.1.1.11": 4,
    "1.2.840.113549.1.1.12": 5, "1.2.840.113549.1.1.13": 6, "1.2.840.10040.4.3": 7, "2.16.840.1.101.3.4.3.2": 8,
    "1.2.840.10045.4.1": 9, "1.2.840.10045.4.3.2": 10, "1.2.840.10045.4.3.3": 11, "1.2.840.10045.4.3.4": 12,
    "1.3.101.112": 16,
}  # fmt: skip
"""Object identifier of a signature algorithm to Go's number for it."""
_PSS: Final = "1.2.840.113549.1.1.10"
_PSS_HASHES: Final = {"sha256": 13, "sha384": 14, "sha512": 15}
_RSA: Final = 1.0

_LISTED: Final = {
    "2.5.4.6": "Country", "2.5.4.10": "Organization", "2.5.4.11": "OrganizationalUnit", "2.5.4.7": "Locality",
    "2.5.4.8": "Province", "2.5.4.9": "StreetAddress", "2.5.4.17": "PostalCode",
}  # fmt: skip
_SINGLE: Final = {"2.5.4.5": "SerialNumber", "2.5.4.3": "CommonName"}

_SAN: Final = "2.5.29.17"


def certificate(content: bytes) -> Value:
    """A DER certificate as a JSON object; ValueError if it is malformed, QueryError if its key is not RSA."""
    parsed = x509.load_der_x509_certificate(content)
    key = _rsa_key(parsed.public_key)
    extensions = list(parsed.extensions)
    known = x509_extensions.fields(extensions)
    return {
        "Raw": base64(content),
        "RawTBSCertificate": base64(parsed.tbs_certificate_bytes),
        **_raw(key, parsed.subject),
        "RawIssuer": base64(parsed.issuer.public_bytes()),
        "Signature": base64(parsed.signature),
        "SignatureAlgorithm": _algorithm(parsed),
        "PublicKeyAlgorithm": _RSA,
        "PublicKey": _public(key),
        "Version": float(parsed.version.value + 1),
        "SerialNumber": float(parsed.serial_number),
        "Issuer": _name(parsed.issuer),
        "Subject": _name(parsed.subject),
        "NotBefore": _date(parsed.not_valid_before_utc.isoformat()),
        "NotAfter": _date(parsed.not_valid_after_utc.isoformat()),
        "Extensions": [_extension(item) for item in extensions] or None,
        "ExtraExtensions": None,
        **known,
    }


def request(content: bytes) -> Value:
    """A DER certificate request as a JSON object; errors as for certificates."""
    parsed = x509.load_der_x509_csr(content)
    key = _rsa_key(parsed.public_key)
    extensions = list(parsed.extensions)
    names = x509_extensions.alternative_names(item.value for item in extensions if item.oid.dotted_string == _SAN)
    return {
        "Raw": base64(content),
        "RawTBSCertificateRequest": base64(parsed.tbs_certrequest_bytes),
        **_raw(key, parsed.subject),
        "Version": 0.0,
        "Signature": base64(parsed.signature),
        "SignatureAlgorithm": _algorithm(parsed),
        "PublicKeyAlgorithm": _RSA,
        "PublicKey": _public(key),
        "Subject": _name(parsed.subject),
        "Attributes": [_requested(extensions)] if extensions else None,
        "Extensions": [_extension(item) for item in extensions] or None,
        "ExtraExtensions": None,
        **names,
    }


def base64(content: bytes) -> str:
    """Bytes as Go's JSON writes them."""
    return b64encode(content).decode("ascii")


def numbers(dotted: str) -> list[float]:
    """An object identifier as Go's JSON writes it."""
    return [float(part) for part in dotted.split(".")]


def _rsa_key(load: Callable[[], Any]) -> RSAPublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        key = load()
    except UnsupportedAlgorithm:
        key = None
    if not isinstance(key, RSAPublicKey):
        raise QueryError("certificate should use rsa algorithm")
    return key


def _public(key: RSAPublicKey) -> Value:
    public = key.public_numbers()
    return {"N": str(public.n), "E": float(public.e)}


def _raw(key: RSAPublicKey, subject: x509.Name) -> dict[str, Value]:
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"RawSubjectPublicKeyInfo": base64(spki), "RawSubject": base64(subject.public_bytes())}


def _algorithm(parsed: x509.Certificate | x509.CertificateSigningRequest) -> float:
    oid = parsed.signature_algorithm_oid.dotted_string
    if oid == _PSS:
        digest = parsed.signature_hash_algorithm
        return float(_PSS_HASHES.get(digest.name, 0)) if digest is not None else 0.0
    return float(_ALGORITHMS.get(oid, 0))


def _date(text: str) -> str:
    return text.replace("+00:00", "Z")


def _name(name: x509.Name) -> Value:
    listed: dict[str, list[Value] | None] = dict.fromkeys(_LISTED.values())
    single = dict.fromkeys(_SINGLE.values(), "")
    names: list[Value] = []
    for attribute in name:
        oid, value = attribute.oid.dotted_string, attribute.value
        text = value if isinstance(value, str) else base64(value)
        names.append({"Type": numbers(oid), "Value": text})
        if oid in _LISTED:
            listed[_LISTED[oid]] = [*(listed[_LISTED[oid]] or []), text]
        elif oid in _SINGLE:
            single[_SINGLE[oid]] = text
    return {**listed, **single, "Names": names or None, "ExtraNames": None}


def _extension(extension: x509.Extension[Any]) -> Value:
    return {
        "Id": numbers(extension.oid.dotted_string),
        "Critical": extension.critical,
        "Value": base64(extension.value.public_bytes()),
    }


def _requested(extensions: Iterable[x509.Extension[Any]]) -> Value:
    """The attribute that asks for extensions; Go reads a critical one's flag in the place of its value."""
    asked = [
        {
            "Type": numbers(item.oid.dotted_string),
            "Value": True if item.critical else base64(item.value.public_bytes()),
        }
        for item in extensions
    ]
    return {"Type": numbers("1.2.840.113549.1.9.14"), "Value": [asked]}
