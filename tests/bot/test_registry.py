"""``--registry`` against a registry on the loopback interface: image data, digests, cosign's signatures by key."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from bot import registry as client
from bot.cli import group
from engine.registry import RegistryError
from tests.fake_registry.server import PrivateKey, Registry, public_key, running

KEYS: dict[str, PrivateKey] = {
    "ecdsa": ec.generate_private_key(ec.SECP256R1()),
    "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
OTHER = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Registry]:
    """A registry of its own, and no credentials but those that a test writes."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    client.client.cache_clear()
    with running() as found:
        yield found
    client.client.cache_clear()


def keys(*found: PrivateKey, **more: Any) -> dict[str, Any]:
    """An attestor by public keys that asks for no transparency log."""
    return {"keys": {"publicKeys": "\n".join(map(public_key, found)), "rekor": {"ignoreTlog": True}}, **more}


def apply(image: str, *args: str, rule: dict[str, Any]) -> Result:
    """``apply`` of one rule to a Pod with one image."""
    match = {"any": [{"resources": {"kinds": ["Pod"]}}]}
    spec = {"validationFailureAction": "Enforce", "background": False, "rules": [{"name": "r", "match": match, **rule}]}
    policy = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}, "spec": spec}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}
    Path("p.yaml").write_text(yaml.safe_dump(policy))
    Path("r.yaml").write_text(yaml.safe_dump({**pod, "spec": {"containers": [{"name": "c", "image": image}]}}))
    return CliRunner().invoke(group, ["apply", "p.yaml", "-r", "r.yaml", "-p", "--output-format", "json", *args])


def verify(image: str, *entries: dict[str, Any], **more: Any) -> tuple[int, list[tuple[str, str]]]:
    """The exit code, and results and messages, of a verifyImages rule with these attestors."""
    images = {"imageReferences": ["*"], "attestors": [{"entries": list(entries)}], **more}
    result = apply(image, "--registry", rule={"verifyImages": [images]})
    rows = json.loads(result.stdout)["results"] if result.stdout.strip() else []
    return result.exit_code, [(row["result"], row.get("message", "")) for row in rows]


@pytest.mark.parametrize("kind", KEYS)
def test_a_signature_by_a_key(registry: Registry, kind: str) -> None:
    image = f"{registry.address}/shop/web:v1"
    digest = registry.push("shop/web", "v1", {})
    registry.sign("shop/web", digest, KEYS[kind])
    assert verify(image, keys(KEYS[kind])) == (
        0,
        [("pass", f"verified image signatures for {image}"), ("pass", "image verified")],
    )


def test_a_signature_by_another_key(registry: Registry) -> None:
    image = f"{registry.address}/shop/web:v1"
    digest = registry.push("shop/web", "v1", {})
    registry.sign("shop/web", digest, OTHER)
    code, rows = verify(image, keys(KEYS["rsa"]))
    text = "no matching signatures: crypto/rsa: verification error"
    assert (code, rows[0]) == (1, ("fail", f"failed to verify image {image}: .attestors[0].entries[0].keys: {text}"))
    assert rows[1] == ("fail", f"unverified image {registry.address}/shop/web@{digest}")


def test_an_image_without_a_signature(registry: Registry) -> None:
    image = f"{registry.address}/shop/web:v1"
    registry.push("shop/web", "v1", {})
    _, rows = verify(image, keys(KEYS["ecdsa"]))
    assert rows[0] == (
        "fail",
        f"failed to verify image {image}: .attestors[0].entries[0].keys: no signatures found",
    )


def test_a_signature_of_another_image(registry: Registry) -> None:
    """The signature is good, but what was signed is another digest."""
    digest = registry.push("shop/web", "v1", {})
    registry.sign("shop/web", digest, KEYS["ecdsa"], claim="sha256:" + "1" * 64)
    _, rows = verify(f"{registry.address}/shop/web:v1", keys(KEYS["ecdsa"]))
    assert rows[0][1].endswith(f"no matching signatures: invalid or missing digest in claim: sha256:{'1' * 64}")


def test_annotations_have_to_fit(registry: Registry) -> None:
    image = f"{registry.address}/shop/web:v1"
    registry.sign("shop/web", registry.push("shop/web", "v1", {}), KEYS["ecdsa"], {"env": "prod"})
    assert verify(image, keys(KEYS["ecdsa"], annotations={"env": "prod"}))[0] == 0
    _, rows = verify(image, keys(KEYS["ecdsa"], annotations={"env": "dev"}))
    assert rows[0][1].endswith("no signature matched the required annotations")


def test_several_keys_are_several_entries_and_count_says_how_many(registry: Registry) -> None:
    image = f"{registry.address}/shop/web:v1"
    registry.sign("shop/web", registry.push("shop/web", "v1", {}), KEYS["ecdsa"])
    both = keys(OTHER, KEYS["ecdsa"])
    assert verify(image, both)[0] == 1
    one = {"attestors": [{"count": 1, "entries": [both]}]}
    assert verify(image, **one)[0] == 0
    nested = {"attestors": [{"entries": [{"attestor": one["attestors"][0]}]}]}
    assert verify(image, **nested)[0] == 0


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"keys": {"publicKeys": public_key(OTHER)}}, "the transparency log is not checked"),
        ({"keys": {"kms": "awskms:///alias/a"}}, "a key management service are not asked for"),
        ({"keyless": {"rekor": {"url": "https://rekor.sigstore.dev"}, "subject": "a"}}, "keyless signatures are not"),
        ({"certificates": {"cert": "x"}}, "signatures by certificates are not checked"),
    ],
)
def test_what_is_not_checked_is_named_and_is_no_result(registry: Registry, entry: dict[str, Any], why: str) -> None:
    registry.push("shop/web", "v1", {})
    rule = {"verifyImages": [{"imageReferences": ["*"], "attestors": [{"entries": [entry]}]}]}
    result = apply(f"{registry.address}/shop/web:v1", "--registry", rule=rule)
    assert (result.exit_code, result.stdout.strip()) == (2, "")
    assert why in result.stderr


def test_a_digest_is_looked_up(registry: Registry) -> None:
    image = f"{registry.address}/shop/web:v1"
    digest = registry.push("shop/web", "v1", {}, index=True)
    assert client.client().digest(image) == digest
    rule = {"verifyImages": [{"imageReferences": ["*"], "required": False}]}
    result = apply(image, "--registry", rule=rule)
    rows = [(row["result"], row["message"]) for row in json.loads(result.stdout)["results"]]
    assert rows == [("pass", "mutated image digest"), ("pass", "image verified")]


DATA = {
    "context": [{"name": "data", "imageRegistry": {"reference": "{{ request.object.spec.containers[0].image }}"}}],
    "validate": {
        "message": "{{ data.configData.config.User }} {{ data.identifier }} {{ data.repository }}",
        "deny": {
            "conditions": {"all": [{"key": "{{ data.configData.config.User }}", "operator": "Equals", "value": "root"}]}
        },
    },
}


@pytest.mark.parametrize("index", [False, True])
def test_image_data_in_a_context(registry: Registry, index: bool) -> None:
    registry.push("shop/web", "v1", {"config": {"User": "root"}}, index=index)
    result = apply(f"{registry.address}/shop/web:v1", "--registry", rule=DATA)
    [row] = json.loads(result.stdout)["results"]
    assert (result.exit_code, row["result"], row["message"]) == (1, "fail", "root v1 shop/web")


def test_nothing_is_asked_without_the_flag(registry: Registry) -> None:
    registry.push("shop/web", "v1", {"config": {"User": "root"}})
    result = apply(f"{registry.address}/shop/web:v1", rule=DATA)
    [row] = json.loads(result.stdout)["results"]
    assert (row["result"], registry.requests) == ("error", [])
    signed = {"verifyImages": [{"imageReferences": ["*"], "attestors": [{"entries": [keys(OTHER)]}]}]}
    result = apply(f"{registry.address}/shop/web:v1", rule=signed)
    assert (result.exit_code, registry.requests) == (2, [])
    assert "its signature needs the registry, which is asked only with --registry" in result.stderr


def test_credentials_of_docker_login(registry: Registry, tmp_path: Path) -> None:
    registry.token = "t0ken"
    image = f"{registry.address}/shop/web:v1"
    registry.push("shop/web", "v1", {})
    with pytest.raises(RegistryError, match="unexpected status code 401"):
        client.HttpRegistry({}).digest(image)
    auth = base64.b64encode(b"me:secret").decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.address: {"auth": auth}}}))
    assert client.client().digest(image).startswith("sha256:")


def test_a_registry_that_lies_about_a_digest(registry: Registry) -> None:
    digest = registry.push("shop/web", "v1", {})
    registry.manifests["shop/web", digest] = ("", b'{"forged": true}')
    with pytest.raises(RegistryError, match=f"not {digest}"):
        client.client().digest(f"{registry.address}/shop/web@{digest}")


def test_an_answer_without_end(registry: Registry) -> None:
    registry.manifests["shop/web", "v1"] = ("", b" " * (5 * 1024 * 1024))
    with pytest.raises(RegistryError, match="more than 4,194,304 bytes"):
        client.client().digest(f"{registry.address}/shop/web:v1")


def test_a_registry_that_cannot_be_reached(registry: Registry) -> None:
    """An error and no failure: nobody has said that the image is not signed."""
    code, rows = verify("127.0.0.1:1/shop/web:v1", keys(OTHER), mutateDigest=False, verifyDigest=False)
    assert (code, rows[0][0]) == (1, "error")
    assert rows[0][1].startswith("failed to verify image 127.0.0.1:1/shop/web:v1: GET http://127.0.0.1:1/v2/shop/web/")


def image_policy(image: str, key: PrivateKey, *args: str, **cosign: Any) -> tuple[int, list[tuple[str, str]]]:
    """The exit code, and results and messages, of an ImageValidatingPolicy that asks for signatures by a key."""
    settings = {"key": {"data": public_key(key)}, "ctlog": {"insecureIgnoreTlog": True}, **cosign}
    asks = "images.containers.all(i, verifyImageSignatures(i, [attestors.key]) > 0)"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    spec = {
        "matchConstraints": {"resourceRules": [rule]},
        "validationConfigurations": {"verifyDigest": False},
        "attestors": [{"name": "key", "cosign": settings}],
        "validations": [{"expression": asks, "message": "unsigned"}],
    }
    head = {"apiVersion": "policies.kyverno.io/v1", "kind": "ImageValidatingPolicy", "metadata": {"name": "p"}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}
    Path("p.yaml").write_text(yaml.safe_dump({**head, "spec": spec}))
    Path("r.yaml").write_text(yaml.safe_dump({**pod, "spec": {"containers": [{"name": "c", "image": image}]}}))
    command = ["apply", "p.yaml", "-r", "r.yaml", "-p", "--output-format", "json", *args]
    result = CliRunner().invoke(group, command)
    rows = json.loads(result.stdout)["results"] if result.stdout.strip() else []
    return result.exit_code, [(row["result"], row["message"]) for row in rows]


def test_an_image_validating_policy_asks_only_with_the_flag(registry: Registry) -> None:
    image = f"{registry.address}/shop/web:v1"
    registry.sign("shop/web", registry.push("shop/web", "v1", {}), KEYS["ecdsa"])
    assert image_policy(image, KEYS["ecdsa"]) == (2, [])
    assert not registry.requests
    assert image_policy(image, KEYS["ecdsa"], "--registry") == (0, [("pass", "success")])
    assert image_policy(image, OTHER, "--registry") == (1, [("fail", "unsigned")])


def test_annotations_are_those_of_the_signature_itself(registry: Registry) -> None:
    """Not those of its payload, which verifyImages rules look at (cosign/certs.go, checkSignatureAnnotations)."""
    image = f"{registry.address}/shop/web:v1"
    registry.sign("shop/web", registry.push("shop/web", "v1", {}), KEYS["ecdsa"], {"env": "prod"})
    assert image_policy(image, KEYS["ecdsa"], "--registry", annotations={"env": "prod"})[0] == 1


def test_a_bundle_under_a_tag_is_not_taken_for_no_signature(registry: Registry) -> None:
    digest = registry.push("shop/web", "v1", {})
    bundle = {"manifests": [{"artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json"}]}
    registry.manifests["shop/web", digest.replace(":", "-")] = ("", json.dumps(bundle).encode())
    assert image_policy(f"{registry.address}/shop/web:v1", KEYS["ecdsa"], "--registry") == (2, [])
