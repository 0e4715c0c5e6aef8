"""Cosign's signatures by public keys over the bytes of a payload (sigstore/cosign, specs/SIGNATURE_SPEC.md)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA224, SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from engine.model import Value
from engine.registry import Signature

_HASHES: dict[str, HashAlgorithm] = {"sha224": SHA224(), "sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}
Key = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey


def mismatch(
    signatures: Sequence[Signature], key: str, algorithm: str, digest: str, annotations: Mapping[str, str]
) -> str:
    """Why none of the signatures is of this key, this digest and these annotations; "" where one is."""
    if algorithm not in _HASHES:
        return f"invalid signature algorithm provided {algorithm}"
    try:
        public = load_pem_public_key(key.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        return f"failed to load public key from PEM: pem to public key: {error}"
    if not isinstance(public, Key):
        return f"failed to load public key from PEM: unsupported public key type {type(public).__name__}"
    if not signatures:
        return "no signatures found"
    valid = [payload for signature in signatures if (payload := _payload(signature, public, _HASHES[algorithm]))]
    if not valid:
        return f"no matching signatures: {_invalid(public)}"
    named = [payload for payload in valid if _digest(payload) == digest]
    if not named:
        return f"no matching signatures: invalid or missing digest in claim: {_digest(valid[0])}"
    has_all = any(_has_annotations(payload, annotations) for payload in named)
    return "" if has_all else "no signature matched the required annotations"


def public_key(text: str) -> Key | None:
    """The public key of a PEM text; None where it is none that can be used."""
    try:
        found = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return found if isinstance(found, Key) else None


def blob_mismatch(key: Key, signature: str, payload: bytes) -> str:
    """Why a signature is not of this key and these bytes; "" where it is (cosign's verify-blob, by SHA-256)."""
    if not signature:
        return "missing flag '--signature'"
    try:
        written = base64.b64decode(signature, validate=True)
    except ValueError:
        written = signature.encode()
    problem = _invalid(key)
    if isinstance(key, ec.EllipticCurvePublicKey):
        try:
            decode_dss_signature(written)
        except ValueError:  # the two numbers without ASN.1 around them
            half = (key.key_size + 7) // 8
            if len(written) != 2 * half:
                return "ecdsa: Invalid IEEE_P1363 encoded bytes"
            problem = "invalid signature when validating IEEE_P1363 encoded signature"
            written = encode_dss_signature(*(int.from_bytes(part) for part in (written[:half], written[half:])))
    try:
        _verify(key, written, payload, SHA256())
    except InvalidSignature:
        return problem
    return ""


def _invalid(key: Key) -> str:
    match key:
        case ec.EllipticCurvePublicKey():
            return "invalid signature when validating ASN.1 encoded signature"
        case rsa.RSAPublicKey():
            return "crypto/rsa: verification error"
    return "failed to verify signature"


def _payload(signature: Signature, key: Key, algorithm: HashAlgorithm) -> dict[str, Value] | None:
    """The signed payload; None where the signature is not this key's."""
    try:
        written = base64.b64decode(signature.signature, validate=True)
        _verify(key, written, signature.payload, algorithm)
        payload = json.loads(signature.payload)
    except (InvalidSignature, binascii.Error, ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _verify(key: Key, signature: bytes, payload: bytes, algorithm: HashAlgorithm) -> None:
    match key:
        case ec.EllipticCurvePublicKey():
            key.verify(signature, payload, ec.ECDSA(algorithm))
        case rsa.RSAPublicKey():
            key.verify(signature, payload, padding.PKCS1v15(), algorithm)
        case ed25519.Ed25519PublicKey():
            key.verify(signature, payload)


def _digest(payload: dict[str, Value]) -> str:
    match payload:
        case {"critical": {"image": {"docker-manifest-digest": str(digest)}}}:
            return digest
    return ""


def _has_annotations(payload: dict[str, Value], wanted: Mapping[str, str]) -> bool:
    optional = payload.get("optional")
    given = optional if isinstance(optional, dict) else {}
    return all(given.get(key, "") == value for key, value in wanted.items())
