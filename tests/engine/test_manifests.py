"""``validate.manifests``: the cases, signed here with keys of their own, and what hostile messages cost."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine import cluster, documents, policy_reading, resources, validation
from engine.judge import Judge
from engine.model import Operation, RuleResponse
from engine.request import Request
from tests.engine.contexts import RUNTIME

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "manifests" / "verification.yaml").read_text())["cases"]
KEYS = {"one": ec.derive_private_key(1234567, ec.SECP256R1()), "two": ec.derive_private_key(7654321, ec.SECP256R1())}
CONTAINER = {"name": "c", "image": "nginx", "args": ["a", "b"]}
MANIFEST = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "d"},
    "spec": {"replicas": 2, "paused": False, "template": {"spec": {"containers": [CONTAINER]}}},
}


def _pem(name: str) -> str:
    if name not in KEYS:
        return name
    return KEYS[name].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().strip()


def _with_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pem(item) if key == "publicKeys" else _with_keys(item) for key, item in value.items()}
    return [_with_keys(item) for item in value] if isinstance(value, list) else value


def _archive(text: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in (("a.txt", "a: ["), ("d/manifest.yaml", text)):
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    return packed.getvalue()


def _signature(name: str, message: bytes, raw: bool) -> str:
    signed = KEYS[name].sign(message, ec.ECDSA(SHA256()))
    if raw:
        signed = b"".join(number.to_bytes(32) for number in decode_dss_signature(signed))
    return base64.b64encode(signed).decode()


def _annotations(case: dict[str, Any]) -> dict[str, str]:
    if "by" not in case:
        return {}
    text = yaml.safe_dump(MANIFEST)
    message = text.encode() if case.get("plain") else _archive(text)
    domain = case.get("domain", "cosign.sigstore.dev")
    found = {f"{domain}/message": base64.b64encode(gzip.compress(message)).decode()}
    for number, name in enumerate(case["by"]):
        suffix = f"_{number}" if number else ""
        found[f"{domain}/signature{suffix}"] = _signature(name, message, case.get("raw_signatures", False))
    return found


def _merged(value: Any, over: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(over, dict):
        return over
    return {**value, **{key: _merged(value.get(key), item) for key, item in over.items()}}


def _answer(manifests: dict[str, Any], value: dict[str, Any], operation: str = "CREATE") -> RuleResponse | None:
    match = {"any": [{"resources": {"kinds": ["Deployment", "StatefulSet"]}}]}
    rule = {"name": "r", "match": match, "validate": {"manifests": manifests}}
    head = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}}
    found = policy_reading.read(documents.load(json.dumps({**head, "spec": {"rules": [rule]}}), "p.json").documents)
    assert not found.problems
    assert not validation.validate(found.policies[0])
    resource = resources.read(documents.load(json.dumps(value), "r.json").documents)[0][0]
    deletes = operation == "DELETE"
    request = Request(
        Operation(operation),
        new=None if deletes else resource,
        old=resource if deletes else None,
        namespace=resource.namespace,
    )
    responses = Judge(found.policies, cluster.offline([resource], RUNTIME)).validate(request)
    return responses[0].rules[0] if responses else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    value = _merged(_merged(MANIFEST, {"metadata": {"annotations": _annotations(case)}}), case.get("resource", {}))
    response = _answer(_with_keys(case["manifests"]), value)
    assert response is not None
    if "unjudged" in case:
        assert (response.unjudged, response.message) == (True, case["unjudged"])
    else:
        assert (response.unjudged, str(response.result), response.message) == (False, case["result"], case["message"])


ONE = {"attestors": [{"entries": [{"keys": {"publicKeys": _pem("one")}}]}]}


def _carrying(message: bytes) -> dict[str, Any]:
    encoded = base64.b64encode(message).decode()
    return _merged(MANIFEST, {"metadata": {"annotations": {"cosign.sigstore.dev/message": encoded}}})


def test_a_deletion_is_not_asked() -> None:
    assert _answer(ONE, MANIFEST, "DELETE") is None


@pytest.mark.parametrize("layers", [1, 2])
def test_a_message_that_grows_without_end_is_an_error(layers: int) -> None:
    message = b" " * 50_000_000
    for _ in range(layers):
        message = gzip.compress(message)
    response = _answer(ONE, _carrying(message))
    assert response is not None
    assert "comes to more than 2000000 bytes" in response.message


def test_a_manifest_that_shares_nothing_is_an_error() -> None:
    many = {**MANIFEST, "spec": {"list": [{"a": index} for index in range(2000)]}}
    message = gzip.compress(yaml.safe_dump(many, default_flow_style=True).encode())
    response = _answer(ONE, _carrying(message))
    assert response is not None
    assert response.message.endswith("differ in more than 1000 places")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (b"", "decompressing tar gz: EOF"),
        (b"\x00", "decompressing tar gz: unexpected EOF"),
        (b"\x00" * 20, "decompressing tar gz: gzip: invalid header"),
        (gzip.compress(gzip.compress(b"\x00no archive")), "decompressing tar gz: "),
    ],
    ids=["nothing", "short", "no gzip", "no archive"],
)
def test_a_message_that_is_no_manifest_is_an_error(message: bytes, told: str) -> None:
    response = _answer(ONE, _carrying(message))
    assert response is not None
    assert str(response.result) == "error"
    assert told in response.message
