"""The fields of Go's x509.Certificate that come from extensions (crypto/x509/parser.go)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography import x509

from engine.model import Value

_EXTENDED_USAGES: Final = {
    "2.5.29.37.0": 0, "1.3.6.1.5.5.7.3.1": 1, "1.3.6.1.5.5.7.3.2": 2, "1.3.6.1.5.5.7.3.3": 3,
    "1.3.6.1.5.5.7.3.4": 4, "1.3.6.1.5.5.7.3.5": 5, "1.3.6.1.5.5.7.3.6": 6, "1.3.6.1.5.5.7.3.7": 7,
    "1.3.6.1.5.5.7.3.8": 8, "1.3.6.1.5.5.7.3.9": 9, "1.3.6.1.4.1.311.10.3.3": 10, "2.16.840.1.113730.4.1": 11,
    "1.3.6.1.4.1.311.2.1.22": 12, "1.3.6.1.4.1.311.61.1.1": 13,
}  # fmt: skip
_OCSP: Final = "1.3.6.1.5.5.7.48.1"
_ISSUERS: Final = "1.3.6.1.5.5.7.48.2"
_USAGES: Final = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign",
)  # fmt: skip

_NOTHING: Final[dict[str, Value]] = {
    "KeyUsage": 0.0, "UnhandledCriticalExtensions": None, "ExtKeyUsage": None, "UnknownExtKeyUsage": None,
    "BasicConstraintsValid": False, "IsCA": False, "MaxPathLen": 0.0, "MaxPathLenZero": False,
    "SubjectKeyId": None, "AuthorityKeyId": None, "OCSPServer": None, "IssuingCertificateURL": None,
    "DNSNames": None, "EmailAddresses": None, "IPAddresses": None, "URIs": None,
    "PermittedDNSDomainsCritical": False, "PermittedDNSDomains": None, "ExcludedDNSDomains": None,
    "PermittedIPRanges": None, "ExcludedIPRanges": None, "PermittedEmailAddresses": None,
    "ExcludedEmailAddresses": None, "PermittedURIDomains": None, "ExcludedURIDomains": None,
    "CRLDistributionPoints": None, "PolicyIdentifiers": None, "Policies": None,
    "InhibitAnyPolicy": 0.0, "InhibitAnyPolicyZero": False, "InhibitPolicyMapping": 0.0,
    "InhibitPolicyMappingZero": False, "RequireExplicitPolicy": 0.0, "RequireExplicitPolicyZero": False,
    "PolicyMappings": None,
}  # fmt: skip
"""What a certificate without extensions has."""


def fields(extensions: Iterable[x509.Extension[Any]]) -> dict[str, Value]:
    """The fields of all extensions together."""
    found = dict(_NOTHING)
    unhandled = []
    for extension in extensions:
        reader = _READERS.get(type(extension.value))
        if reader is not None:
            found |= reader(extension)
        elif extension.critical:
            unhandled.append(_numbers(extension.oid.dotted_string))
    if unhandled:
        found["UnhandledCriticalExtensions"] = unhandled
    return found


def alternative_names(values: Iterable[x509.SubjectAlternativeName]) -> dict[str, Value]:
    """The four lists of alternative names, null where there is none."""
    names = [name for value in values for name in value]
    return {
        "DNSNames": [name.value for name in names if isinstance(name, x509.DNSName)] or None,
        "EmailAddresses": [name.value for name in names if isinstance(name, x509.RFC822Name)] or None,
        "IPAddresses": [str(name.value) for name in names if isinstance(name, x509.IPAddress)] or None,
        "URIs": [_url(name.value) for name in names if isinstance(name, x509.UniformResourceIdentifier)] or None,
    }


def _numbers(dotted: str) -> list[float]:
    return [float(part) for part in dotted.split(".")]


def _base64(content: bytes | None) -> str | None:
    return None if content is None else b64encode(content).decode("ascii")


def _url(text: str) -> Value:
    parts = urlsplit(text)
    user, at, host = parts.netloc.rpartition("@")
    opaque = "" if "//" in text or not parts.scheme else parts.path
    return {
        "Scheme": parts.scheme,
        "Opaque": opaque,
        "User": {} if at or user else None,
        "Host": host,
        "Path": "" if opaque else parts.path,
        "Fragment": parts.fragment,
        "RawQuery": parts.query,
        "RawPath": "",
        "RawFragment": "",
        "ForceQuery": False,
        "OmitHost": False,
    }


def _alternatives(extension: x509.Extension[Any]) -> dict[str, Value]:
    return alternative_names([extension.value])


def _basic(extension: x509.Extension[Any]) -> dict[str, Value]:
    length = extension.value.path_length
    return {
        "BasicConstraintsValid": True,
        "IsCA": extension.value.ca,
        "MaxPathLen": -1.0 if length is None else float(length),
        "MaxPathLenZero": length == 0,
    }


def _usage(extension: x509.Extension[Any]) -> dict[str, Value]:
    usage = extension.value
    bits = sum(1 << bit for bit, name in enumerate(_USAGES) if getattr(usage, name))
    if usage.key_agreement:
        bits |= (128 if usage.encipher_only else 0) | (256 if usage.decipher_only else 0)
    return {"KeyUsage": float(bits)}


def _extended_usage(extension: x509.Extension[Any]) -> dict[str, Value]:
    oids = [usage.dotted_string for usage in extension.value]
    return {
        "ExtKeyUsage": [float(_EXTENDED_USAGES[oid]) for oid in oids if oid in _EXTENDED_USAGES] or None,
        "UnknownExtKeyUsage": [_numbers(oid) for oid in oids if oid not in _EXTENDED_USAGES] or None,
    }


def _access(extension: x509.Extension[Any]) -> dict[str, Value]:
    def of(method: str) -> list[str] | None:
        return [
            item.access_location.value
            for item in extension.value
            if item.access_method.dotted_string == method
            and isinstance(item.access_location, x509.UniformResourceIdentifier)
        ] or None

    return {"OCSPServer": of(_OCSP), "IssuingCertificateURL": of(_ISSUERS)}


def _revocation(extension: x509.Extension[Any]) -> dict[str, Value]:
    points = [
        name.value
        for point in extension.value
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    ]
    return {"CRLDistributionPoints": points or None}


def _policies(extension: x509.Extension[Any]) -> dict[str, Value]:
    oids = [policy.policy_identifier.dotted_string for policy in extension.value]
    return {"PolicyIdentifiers": [_numbers(oid) for oid in oids] or None, "Policies": list(oids) or None}


def _constraints(extension: x509.Extension[Any]) -> dict[str, Value]:
    found: dict[str, Value] = {"PermittedDNSDomainsCritical": extension.critical}
    kinds: tuple[tuple[type[Any], str, Callable[[Any], Value]], ...] = (
        (x509.DNSName, "DNSDomains", str),
        (x509.IPAddress, "IPRanges", _network),
        (x509.RFC822Name, "EmailAddresses", str),
        (x509.UniformResourceIdentifier, "URIDomains", str),
    )
    sides = (("Permitted", extension.value.permitted_subtrees), ("Excluded", extension.value.excluded_subtrees))
    for side, names in sides:
        for kind, field, write in kinds:
            found[side + field] = [write(name.value) for name in names or () if isinstance(name, kind)] or None
    return found


def _network(network: IPv4Network | IPv6Network) -> Value:
    return {"IP": str(network.network_address), "Mask": _base64(network.netmask.packed)}


def _inhibited(extension: x509.Extension[Any]) -> dict[str, Value]:
    skipped = extension.value.skip_certs
    return {"InhibitAnyPolicy": float(skipped), "InhibitAnyPolicyZero": skipped == 0}


def _policy_constraints(extension: x509.Extension[Any]) -> dict[str, Value]:
    explicit, mapping = extension.value.require_explicit_policy, extension.value.inhibit_policy_mapping
    return {
        "RequireExplicitPolicy": float(explicit or 0),
        "RequireExplicitPolicyZero": explicit == 0,
        "InhibitPolicyMapping": float(mapping or 0),
        "InhibitPolicyMappingZero": mapping == 0,
    }


_READERS: Final[dict[type, Callable[[x509.Extension[Any]], dict[str, Value]]]] = {
    x509.BasicConstraints: _basic,
    x509.KeyUsage: _usage,
    x509.ExtendedKeyUsage: _extended_usage,
    x509.SubjectAlternativeName: _alternatives,
    x509.SubjectKeyIdentifier: lambda extension: {"SubjectKeyId": _base64(extension.value.digest)},
    x509.AuthorityKeyIdentifier: lambda extension: {"AuthorityKeyId": _base64(extension.value.key_identifier)},
    x509.AuthorityInformationAccess: _access,
    x509.CRLDistributionPoints: _revocation,
    x509.CertificatePolicies: _policies,
    x509.NameConstraints: _constraints,
    x509.InhibitAnyPolicy: _inhibited,
    x509.PolicyConstraints: _policy_constraints,
}
