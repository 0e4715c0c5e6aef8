"""Image registries over HTTP, asked only with ``--registry``: manifests, configurations, cosign's signatures.

Every answer is bounded in size and held against its digest; nothing of it is executed or written. Credentials are those
that ``docker login`` left in its configuration file. Upstream: pkg/registryclient, go-containerregistry.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from functools import cache
from http.client import responses
from typing import Any
from urllib.parse import urlsplit

import requests
from msgspec import Struct

from engine.jmespath.functions.images import image_reference
from engine.registry import RegistryError, Signature

_MOST_BYTES = 4 * 1024 * 1024
_MOST_SIGNATURES = 100
_TIMEOUTS = (10, 30)
"""Seconds to connect, and to wait for the next bytes."""
_INDEXES = frozenset(
    ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
)
_MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_ACCEPT = ", ".join((*_MANIFESTS, *sorted(_INDEXES)))
_SIGNATURE = "dev.cosignproject.cosign/signature"
_DOCKER_HUB = "index.docker.io"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class _Place(Struct, frozen=True):
    """A repository: its registry, and the path within it."""

    registry: str
    path: str

    @property
    def url(self) -> str:
        host = self.registry.rpartition(":")[0] if self.registry.rpartition(":")[2].isdecimal() else self.registry
        scheme = "http" if host in _LOOPBACK else "https"
        return f"{scheme}://{self.registry}/v2/{self.path}"

    def __str__(self) -> str:
        return f"{self.registry}/{self.path}"


class _Content(Struct, frozen=True):
    """A manifest as it was sent, and its digest."""

    body: bytes
    digest: str

    @property
    def value(self) -> dict[str, Any]:
        """The document; raises RegistryError where it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise RegistryError(f"the registry's answer is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise RegistryError("the registry's answer is no JSON object")
        return value


class HttpRegistry:
    """A client that asks each thing once. Satisfies :class:`engine.registry.Registry`."""

    def __init__(self, credentials: Mapping[str, tuple[str, str]]) -> None:
        self._credentials = credentials
        self._session = requests.Session()
        self._tokens: dict[str, str] = {}
        self._manifests: dict[tuple[str, str], _Content] = {}

    def digest(self, image: str) -> str:
        """``sha256:...`` of the manifest or index that a reference names."""
        place, identifier = _parsed(image)
        return self._manifest(place, identifier).digest

    def image(self, image: str) -> dict[str, Any]:
        """What ``imageRegistry`` gives: of an index, the image for linux/amd64."""
        place, identifier = _parsed(image)
        outer = self._manifest(place, identifier)
        index = outer.value if outer.value.get("mediaType") in _INDEXES or "manifests" in outer.value else None
        manifest = outer if index is None else self._manifest(place, _for_platform(index))
        config = self._blob(place, _digest_of(manifest.value.get("config")))
        tag = image_reference(image).get("tag", "")
        return {
            "image": image,
            "resolvedImage": f"{place}@{outer.digest}",
            "registry": place.registry,
            "repository": place.path,
            "identifier": f"{tag}@{identifier}" if tag and identifier.startswith("sha256:") else identifier,
            "manifestList": index,
            "manifest": manifest.value,
            "configData": _Content(config, "").value,
        }

    def signatures(self, image: str, digest: str, repository: str) -> Sequence[Signature]:
        """The layers of the image that cosign tags with the digest."""
        place = _parsed(f"{repository}:latest")[0] if repository else _parsed(image)[0]
        try:
            layers = self._manifest(place, f"{digest.replace(':', '-')}.sig").value.get("layers")
        except _NotFoundError:
            return ()
        signed = [layer for layer in layers if _signature_of(layer)] if isinstance(layers, list) else []
        if len(signed) > _MOST_SIGNATURES:
            raise RegistryError(f"the image has more than {_MOST_SIGNATURES} signatures")
        return [
            Signature(self._blob(place, _digest_of(layer)), _signature_of(layer), layer["annotations"])
            for layer in signed
        ]

    def referrers(self, image: str, digest: str) -> Sequence[str]:
        """The artifact types of the index of referrers; a registry that keeps none may have it under a tag."""
        place = _parsed(image)[0]
        try:
            body = self._get(place, f"{place.url}/referrers/{digest}", {})
        except _NotFoundError:
            try:
                body = self._manifest(place, digest.replace(":", "-")).body
            except _NotFoundError:
                return ()
        listed = _Content(body, digest).value.get("manifests")
        kinds = [one.get("artifactType") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        return [kind for kind in kinds if isinstance(kind, str)]

    def _manifest(self, place: _Place, identifier: str) -> _Content:
        key = (str(place), identifier)
        if key not in self._manifests:
            body = self._get(place, f"{place.url}/manifests/{identifier}", {"Accept": _ACCEPT})
            digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
            if identifier.startswith("sha256:") and identifier != digest:
                raise RegistryError(f"the registry's answer has the digest {digest}, not {identifier}")
            self._manifests[key] = _Content(body, digest)
        return self._manifests[key]

    def _blob(self, place: _Place, digest: str) -> bytes:
        body = self._get(place, f"{place.url}/blobs/{digest}", {})
        if digest != f"sha256:{hashlib.sha256(body).hexdigest()}":
            raise RegistryError(f"the registry's answer has not the digest {digest}")
        return body

    def _get(self, place: _Place, url: str, headers: dict[str, str]) -> bytes:
        try:
            answer = self._sent(place, url, headers)
            with answer:
                if answer.status_code == 404:
                    raise _NotFoundError(f"GET {url}: {_status(404)}")
                if answer.status_code != 200:
                    raise RegistryError(f"GET {url}: {_status(answer.status_code)}")
                return _limited(answer, url)
        except requests.RequestException as error:
            network = isinstance(error, (requests.ConnectionError, requests.Timeout))
            raise RegistryError(f"GET {url}: {type(error).__name__}", is_network=network) from error

    def _sent(self, place: _Place, url: str, headers: dict[str, str]) -> requests.Response:
        known = self._tokens.get(str(place))
        answer = self._session.get(url, headers=_authorized(headers, known), stream=True, timeout=_TIMEOUTS)
        if answer.status_code != 401:
            return answer
        with answer:
            token = self._tokens[str(place)] = self._token(place, answer.headers.get("WWW-Authenticate", ""))
        return self._session.get(url, headers=_authorized(headers, token), stream=True, timeout=_TIMEOUTS)

    def _token(self, place: _Place, challenge: str) -> str:
        """The Authorization header that a challenge asks for."""
        scheme, _, rest = challenge.partition(" ")
        login = self._credentials.get(place.registry)
        basic = f"Basic {base64.b64encode(':'.join(login).encode()).decode()}" if login else ""
        if scheme.lower() == "basic" and basic:
            return basic
        if scheme.lower() != "bearer":
            raise RegistryError(f"{place.registry} asks for credentials that are not known")
        asked = requests.utils.parse_dict_header(rest)
        realm = asked.get("realm") or ""
        if urlsplit(realm).scheme != "https" and not place.url.startswith("http:"):
            raise RegistryError(f"{place.registry} wants credentials sent to a place without TLS")
        parameters = {"service": asked.get("service") or "", "scope": f"repository:{place.path}:pull"}
        with self._session.get(
            realm, params=parameters, headers=_authorized({}, basic), stream=True, timeout=_TIMEOUTS
        ) as answer:
            if answer.status_code != 200:
                raise RegistryError(f"GET {realm}: {_status(answer.status_code)}")
            given = _Content(_limited(answer, realm), "").value
        return f"Bearer {given.get('token') or given.get('access_token') or ''}"


class _NotFoundError(RegistryError):
    """There is no such manifest."""


def _status(code: int) -> str:
    return f"unexpected status code {code} {responses.get(code, '')}".rstrip()


def _authorized(headers: dict[str, str], authorization: str | None) -> dict[str, str]:
    return {**headers, "Authorization": authorization} if authorization else headers


def _limited(answer: requests.Response, url: str) -> bytes:
    body = b""
    for part in answer.iter_content(65536):
        body += part
        if len(body) > _MOST_BYTES:
            raise RegistryError(f"GET {url}: more than {_MOST_BYTES:,} bytes")
    return body


def _parsed(image: str) -> tuple[_Place, str]:
    """The repository of a reference, and its digest or tag."""
    try:
        info = image_reference(image)
    except ValueError as error:
        raise RegistryError(f"failed to parse image reference: {image}, error: {error}") from error
    registry, path = info.get("registry") or "docker.io", info["path"]
    if registry in ("docker.io", _DOCKER_HUB):
        registry, path = _DOCKER_HUB, path if "/" in path else f"library/{path}"
    return _Place(registry, path), info.get("digest") or info["tag"]


def _for_platform(index: dict[str, Any]) -> str:
    entries = index.get("manifests")
    for entry in entries if isinstance(entries, list) else ():
        match entry:
            case {"digest": str(digest), "platform": {"os": "linux", "architecture": "amd64"}}:
                return digest
    raise RegistryError("no child with platform linux/amd64 in the index")


def _digest_of(descriptor: Any) -> str:
    match descriptor:
        case {"digest": str(digest)} if digest.startswith("sha256:") and digest[7:].isalnum():
            return digest
    raise RegistryError("the registry's manifest names no digest")


def _signature_of(layer: Any) -> str:
    match layer:
        case {"annotations": dict(annotations)}:
            found = annotations.get(_SIGNATURE)
            return found if isinstance(found, str) else ""
    return ""


@cache
def client() -> HttpRegistry:
    """The client of this process, with the credentials of ``docker login``."""
    return HttpRegistry(_docker_credentials())


def _docker_credentials() -> dict[str, tuple[str, str]]:
    """Host to user and password from docker's configuration; helpers and stores are not run."""
    directory = os.environ.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker")
    try:
        with open(os.path.join(directory, "config.json"), encoding="utf-8") as file:
            auths = json.load(file).get("auths") or {}
        return {_host(key): _login(entry["auth"]) for key, entry in auths.items() if entry.get("auth")}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise RegistryError(f"docker's configuration in {directory} cannot be read: {error}") from error


def _host(key: str) -> str:
    host = urlsplit(key).netloc if "://" in key else key.partition("/")[0]
    return _DOCKER_HUB if host in ("docker.io", _DOCKER_HUB) else host


def _login(auth: str) -> tuple[str, str]:
    user, _, password = base64.b64decode(auth).decode().partition(":")
    return user, password
