"""The registry: images and signatures are pushed from Python, and pulled over HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
SIGNED = "application/vnd.dev.cosign.simplesigning.v1+json"
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


class Registry:
    """Manifests by repository and tag or digest, blobs by digest; ``requests`` are what was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.manifests: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.blobs: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        self.token = ""

    def push(self, repository: str, tag: str, config: Mapping[str, Any], *, index: bool = False) -> str:
        """Store an image, within an index or alone; its digest."""
        body = {"schemaVersion": 2, "mediaType": IMAGE, "config": self._described(json.dumps(config).encode())}
        digest = self._put(repository, "" if index else tag, IMAGE, body)
        if not index:
            return digest
        platform = {"os": "linux", "architecture": "amd64"}
        other = {"digest": "sha256:" + "0" * 64, "platform": {"os": "linux", "architecture": "arm64"}}
        listed = [other, {"digest": digest, "platform": platform}]
        return self._put(repository, tag, INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed})

    def sign(
        self, repository: str, digest: str, key: PrivateKey, optional: Mapping[str, str] | None = None, claim: str = ""
    ) -> None:
        """Sign a digest as cosign does; ``claim`` is another digest to put into the payload."""
        image = {"docker-manifest-digest": claim or digest}
        payload = {"critical": {"identity": {}, "image": image, "type": "cosign"}, "optional": optional}
        content = json.dumps(payload).encode()
        annotations = {"dev.cosignproject.cosign/signature": base64.b64encode(_signed(key, content)).decode()}
        layer = {**self._described(content), "mediaType": SIGNED, "annotations": annotations}
        body = {"schemaVersion": 2, "mediaType": IMAGE, "config": self._described(b"{}"), "layers": [layer]}
        self._put(repository, f"{digest.replace(':', '-')}.sig", IMAGE, body)

    def _described(self, content: bytes) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.blobs[digest] = content
        return {"mediaType": "application/json", "digest": digest, "size": len(content)}

    def _put(self, repository: str, tag: str, kind: str, body: Any) -> str:
        content = json.dumps(body).encode()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        for name in (digest, *([tag] if tag else [])):
            self.manifests[repository, name] = (kind, content)
        return digest

    def answer(self, request: Request) -> Response:
        """One request."""
        self.requests.append((request.method, request.path))
        if request.path == "/token":
            asked = request.args.get("scope", "")
            login = request.authorization
            known = login is not None and (login.username, login.password) == ("me", "secret")
            return Response(json.dumps({"token": self.token if known and asked.endswith(":pull") else "no"}))
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            challenge = f'Bearer realm="http://{self.address}/token",service="fake"'
            return Response(status=401, headers={"WWW-Authenticate": challenge})
        if request.path == "/v2/":
            return Response("{}")
        found = re.fullmatch(r"/v2/(.+)/(manifests|blobs)/([^/]+)", request.path)
        if found is None:
            return Response(status=404)
        repository, what, name = found.groups()
        kind, content = (
            ("", self.blobs.get(name)) if what == "blobs" else self.manifests.get((repository, name), ("", None))
        )
        return Response(status=404) if content is None else Response(content, content_type=kind or None)


def _signed(key: PrivateKey, content: bytes) -> bytes:
    match key:
        case ec.EllipticCurvePrivateKey():
            return key.sign(content, ec.ECDSA(SHA256()))
        case rsa.RSAPrivateKey():
            return key.sign(content, padding.PKCS1v15(), SHA256())
    return key.sign(content)


def public_key(key: PrivateKey) -> str:
    """The public key as a policy holds it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing: the requests are recorded."""


@contextmanager
def running() -> Iterator[Registry]:
    """A registry on a free port."""
    registry = Registry("")

    @Request.application
    def application(request: Request) -> Response:
        return registry.answer(request)

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    registry.address = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
