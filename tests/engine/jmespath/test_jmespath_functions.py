"""Functions that a table of cases cannot show: random texts, certificates, images as objects, the policies at hand."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from engine import jmespath
from engine.errors import QueryError
from engine.model import Value
from tests.engine.jmespath.answers import RUNTIME, ask

LIBRARY = Path(__file__).parents[4] / "shared" / "reference" / "library"


@pytest.mark.parametrize(
    "pattern",
    ["[a-z0-9]{8}", "a|bc|(de)+", "[[:digit:]]{2,5}x?", "[^a-z]{3}", "(?:ab){2}[-_.]", r"\.\-[\]a]{4}", "^x.y$"],
)
def test_random_matches_its_pattern(pattern: str) -> None:
    python = pattern.replace("[[:digit:]]", "[0-9]")
    for _ in range(20):
        assert re.fullmatch(python, ask(f"random('{pattern}')")), pattern


def test_random_depends_on_the_runtime_alone() -> None:
    query = jmespath.compile("random('[a-z]{12}')")
    one, other = (query(None, replace(RUNTIME, random=lambda: random.Random(3))) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        ("", "no pattern provided"),
        (r"\d", r"error parsing regexp: invalid escape sequence: `\d`"),
        ("[a", "error parsing regexp: missing closing ]: `[a`"),
        ("(a", "error parsing regexp: missing closing ): `(a`"),
        ("a)", "error parsing regexp: unexpected ): `a)`"),
        ("*", "error parsing regexp: missing argument to repetition operator: `*`"),
        ("a{2,1}", "error parsing regexp: invalid repeat count: `{2,1}`"),
        ("[z-a]", "error parsing regexp: invalid character class range: `z-a`"),
    ],
)
def test_random_refuses(pattern: str, error: str) -> None:
    with pytest.raises(QueryError) as caught:
        ask(f"random('{pattern}')")
    assert str(caught.value) == error


def test_now_is_written_at_the_offset_of_the_clock() -> None:
    zone = timezone(timedelta(hours=-3, minutes=-30))
    runtime = replace(RUNTIME, clock=lambda: datetime(2024, 1, 1, 12, tzinfo=zone))
    assert jmespath.compile("time_now()")(None, runtime) == "2024-01-01T12:00:00-03:30"
    assert jmespath.compile("time_now_utc()")(None, runtime) == "2024-01-01T15:30:00Z"


def test_image_reference_leaves_out_what_is_empty() -> None:
    assert jmespath.image_reference("ghcr.io/a/b:c") == {
        "registry": "ghcr.io",
        "name": "b",
        "path": "a/b",
        "tag": "c",
        "reference": "ghcr.io/a/b:c",
        "referenceWithTag": "ghcr.io/a/b:c",
    }
    digest = "sha256:" + "0" * 64
    assert jmespath.image_reference(f"b@{digest}") == {
        "registry": "docker.io",
        "name": "b",
        "path": "b",
        "digest": digest,
        "reference": f"docker.io/b@{digest}",
        "referenceWithTag": "docker.io/b:",
    }


def make_certificates() -> tuple[str, str, str]:
    """A certificate and a request with RSA keys, and a certificate with another key, in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "demo"), x509.NameAttribute(NameOID.COUNTRY_NAME, "DE")])
    start = datetime(2024, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(5)
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=1))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    names = x509.SubjectAlternativeName([x509.DNSName("a.example")])
    usage = x509.KeyUsage(True, False, True, False, False, True, False, False, False)
    mine = builder.public_key(key.public_key()).add_extension(names, False).add_extension(usage, True)
    mine = mine.add_extension(x509.BasicConstraints(True, None), True)
    asked = x509.CertificateSigningRequestBuilder().subject_name(name).add_extension(names, False)
    curve = ec.generate_private_key(ec.SECP256R1())
    made = (
        mine.sign(key, hashes.SHA256()),
        asked.sign(key, hashes.SHA256()),
        builder.public_key(curve.public_key()).sign(curve, hashes.SHA256()),
    )
    first, second, third = (item.public_bytes(Encoding.PEM).decode() for item in made)
    return first, second, third


def integers(value: Value) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from integers(item)
    elif type(value) is int:
        yield value


def test_certificates() -> None:
    certificate, request, curve = make_certificates()
    decoded = ask("x509_decode(@)", certificate)
    assert decoded["Subject"]["CommonName"] == "demo"
    assert decoded["Issuer"]["Country"] == ["DE"]
    assert decoded["NotAfter"] == "2024-01-02T00:00:00Z"
    assert decoded["DNSNames"] == ["a.example"]
    assert decoded["KeyUsage"] == 1 + 4 + 32
    assert decoded["MaxPathLen"] == -1
    assert decoded["IsCA"] is True
    assert decoded["PublicKey"]["E"] == 65537
    assert decoded["PublicKey"]["N"].isdigit()
    assert decoded["SignatureAlgorithm"] == 4
    assert list(integers(decoded)) == []
    asked = ask("x509_decode(@)", request)
    assert asked["Subject"]["CommonName"] == "demo"
    assert asked["Attributes"][0]["Type"] == [1, 2, 840, 113549, 1, 9, 14]
    with pytest.raises(QueryError, match="certificate should use rsa algorithm"):
        ask("x509_decode(@)", curve)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("x", "failed to decode PEM block"),
        (
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "PEM block neither contains a CERTIFICATE or CERTIFICATE REQUEST",
        ),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "x509: malformed certificate"),
        ("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----", "x509: malformed"),
    ],
)
def test_what_is_no_certificate(text: str, error: str) -> None:
    with pytest.raises(QueryError, match=error):
        ask("x509_decode(@)", text)


def test_an_answer_does_not_depend_on_the_cache() -> None:
    assert jmespath.compile("a.b") is jmespath.compile("a.b")
    assert ask("a.b", {"a": {"b": 1.0}}) == 1.0
    assert ask("a.b", {"a": {"b": 2.0}}) == 2.0


def texts(value: Value) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from texts(key)
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.skipif(not LIBRARY.is_dir(), reason="the library of policies is not here")
def test_every_expression_of_the_library_compiles() -> None:
    files = [
        file
        for folder in sorted(LIBRARY.iterdir())
        if not folder.name.endswith(("-cel", "-vpol", "-mpol", "-gpol"))
        for file in folder.rglob("*.yaml")
        if not {part for part in file.parts if part.startswith(".")}
    ]
    found = set()
    for file in files:
        for document in yaml.load_all(file.read_text(encoding="utf-8"), yaml.CSafeLoader):
            if isinstance(document, dict) and document.get("kind") in ("ClusterPolicy", "Policy"):
                for text in texts(document["spec"]):
                    found.update(re.findall(r"\{\{-?((?:(?!\{\{|\}\}).)*)\}\}", text, re.DOTALL))
    assert len(found) > 100
    for expression in sorted(found):
        jmespath.compile(expression.strip())
