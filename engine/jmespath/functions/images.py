"""Image references (upstream: pkg/utils/image/infos.go, distribution/reference)."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Final

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation
from engine.jmespath.signatures import Table, function
from engine.regex import later

TABLE: Table = {}
_function = partial(function, TABLE)

DEFAULT_REGISTRY: Final = "docker.io"
"""Kyverno's default for images without a registry (its ConfigMap can change it; the CLI uses the default)."""

_MAX_PATH: Final = 255
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN: Final = later(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_COMPONENT: Final = later(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_TAG: Final = later(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST: Final = later(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_HASHES: Final = {"sha256": 64, "sha384": 96, "sha512": 128}


@lru_cache(maxsize=4096)
def _parsed(image: str) -> tuple[tuple[str, str], ...]:
    full = _with_registry(image)
    try:
        domain, path, tag, digest = _split(full)
    except ValueError as error:
        settings = f"defaultRegistry: {DEFAULT_REGISTRY}, enableDefaultRegistryMutation: true"
        raise ValueError(f"bad image: {full}, {settings}: {error}") from None
    if not digest and not tag:
        tag = "latest"
    prefix = f"{domain}/{path}" if domain else path
    info = {
        "registry": domain,
        "name": path.rpartition("/")[2],
        "path": path,
        "tag": tag,
        "digest": digest,
        "reference": f"{prefix}@{digest}" if digest else f"{prefix}:{tag}",
        "referenceWithTag": f"{prefix}:{tag}",
    }
    first, slash, rest = path.partition("/")
    if slash and not domain and "_" in first:
        info |= {"registry": first, "path": rest}
    return tuple((key, value) for key, value in info.items() if value or key in ("name", "path"))


def image_reference(image: str) -> dict[str, str]:
    """The parts of an image: registry, name, path, tag, digest, reference, referenceWithTag; those that are empty are
    left out. Raises ValueError with the reference's text.
    """
    return dict(_parsed(image))


def _with_registry(image: str) -> str:
    host, slash, _ = image.partition("/")
    if slash and ("." in host or ":" in host or host == "localhost" or host.lower() != host):
        return image
    return f"{DEFAULT_REGISTRY}/{image}"


def _split(full: str) -> tuple[str, str, str, str]:
    """Domain, path, tag and digest of a reference that names its registry; ValueError says what is wrong."""
    name, at, digest = full.partition("@")
    cut = name.find(":", name.rfind("/"))
    name, tag = (name[:cut], name[cut + 1 :]) if cut >= 0 else (name, None)
    well_formed = (tag is None or _TAG.fullmatch(tag)) and (not at or _DIGEST.fullmatch(digest))
    domain, path = _named(name) if well_formed else ("", "")
    if not path:
        lowered = well_formed and _named(name.lower())[1]
        raise ValueError("repository name must be lowercase" if lowered else "invalid reference format")
    if len(path) > _MAX_PATH:
        raise ValueError(f"repository name must not be more than {_MAX_PATH} characters")
    if digest:
        _check_digest(digest)
    return domain, path, tag or "", digest


def _named(name: str) -> tuple[str, str]:
    """Domain and path; an empty path where the name is malformed."""
    first, slash, rest = name.partition("/")
    if slash and _DOMAIN.fullmatch(first) and _is_path(rest):
        return first, rest
    return "", name if _is_path(name) else ""


def _is_path(text: str) -> bool:
    return all(_COMPONENT.fullmatch(part) for part in text.split("/"))


def _check_digest(digest: str) -> None:
    algorithm, _, encoded = digest.partition(":")
    if algorithm not in _HASHES:
        raise ValueError("unsupported digest algorithm")
    if len(encoded) != _HASHES[algorithm]:
        raise ValueError("invalid checksum digest length")
    if encoded.lower() != encoded:
        raise ValueError("invalid checksum digest format")


@_function("image_normalize", "string", result="string")
def image_normalize(_evaluation: Evaluation, image: str) -> str:
    """completes an image reference with the default registry and tag"""
    try:
        info = image_reference(image)
    except ValueError as error:
        raise QueryError(f"JMESPath function 'image_normalize': {error}") from error
    prefix = f"{info['registry']}/{info['path']}" if "registry" in info else info["path"]
    return f"{prefix}@{info['digest']}" if "digest" in info else f"{prefix}:{info['tag']}"
