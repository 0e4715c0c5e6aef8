"""Kyverno's functions on image references (upstream: libs/image, over go-containerregistry pkg/name)."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, free, function, member
from engine.cel.types import BOOL, STRING, Type, opaque
from engine.cel.values import Opaque
from engine.regex import later
from engine.values import url

IMAGE_TYPE: Final = opaque("kyverno.image")
_DEFAULT_REGISTRY: Final = "index.docker.io"
_ALIAS: Final = "docker.io"
_REPOSITORY = later(r"[a-z0-9_\-./]{2,255}")
_TAG = later(r"[a-zA-Z0-9_\-.]{1,128}")
_DIGEST = later(r"sha256:[a-f0-9]{64}")


class Image(Opaque):
    """A reference taken apart. With a digest, a tag is passed over; ``==`` compares what was written."""

    __slots__ = ("digest", "registry", "repository", "tag", "text")
    cel_type: ClassVar[Type] = IMAGE_TYPE

    def __init__(self, text: str, place: tuple[str, str], tag: str = "", digest: str = "") -> None:
        self.text = text
        self.registry, self.repository = place
        self.tag = tag
        self.digest = digest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Image) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> Image:
    """``parseImageReference(text)``; raises EvaluationError."""
    image = _parsed(text)
    if image is None:
        raise EvaluationError(f"could not parse reference: {text}")
    return image


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Image | None:
    tagged = _tagged(text)
    if tagged is not None:
        return Image(text, tagged[0], tag=tagged[1])
    base, at, digest = text.partition("@")
    if not at or not _DIGEST.fullmatch(digest):
        return None
    tagged = _tagged(base)
    place = tagged[0] if tagged is not None else _place(base)
    return Image(text, place, digest=digest) if place is not None else None


def _tagged(text: str) -> tuple[tuple[str, str], str] | None:
    """Registry and repository, and the tag."""
    base, colon, tag = text.rpartition(":")
    if not colon or "/" in tag:
        base, tag = text, "latest"
    elif not _TAG.fullmatch(tag):
        return None
    place = _place(base)
    return (place, tag) if place is not None else None


def _place(text: str) -> tuple[str, str] | None:
    """Registry and repository; official images of Docker Hub lie under ``library``."""
    first, slash, rest = text.partition("/")
    registry, repository = "", text
    if slash and (first == "localhost" or "." in first or ":" in first):
        registry, repository = first, rest
    if not _REPOSITORY.fullmatch(repository) or not _is_authority(registry):
        return None
    if registry in ("", _ALIAS):
        registry = _DEFAULT_REGISTRY
    if registry == _DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    return registry, repository


def _is_authority(registry: str) -> bool:
    try:
        return not registry or url.parse(f"//{registry}").host == registry
    except ValueError:
        return False


def _is_image(text: str) -> bool:
    return _parsed(text) is not None


def _contains_digest(image: Image) -> bool:
    return bool(image.digest)


def _registry(image: Image) -> str:
    return image.registry


def _repository(image: Image) -> str:
    return image.repository


def _identifier(image: Image) -> str:
    return image.digest or image.tag


def _tag(image: Image) -> str:
    return image.tag


def _digest(image: Image) -> str:
    return image.digest


IMAGE: Final = Library(
    "kyverno.image",
    functions=(
        function("image", free("string_to_image_deprecated", (STRING,), IMAGE_TYPE, parse)),
        function("parseImageReference", free("string_to_image", (STRING,), IMAGE_TYPE, parse)),
        function("isImage", free("is_image_string", (STRING,), BOOL, _is_image)),
        function("containsDigest", member("image_contains_digest", (IMAGE_TYPE,), BOOL, _contains_digest)),
        function("registry", member("image_registry", (IMAGE_TYPE,), STRING, _registry)),
        function("repository", member("image_repository", (IMAGE_TYPE,), STRING, _repository)),
        function("identifier", member("image_identifier", (IMAGE_TYPE,), STRING, _identifier)),
        function("tag", member("image_tag", (IMAGE_TYPE,), STRING, _tag)),
        function("digest", member("image_digest", (IMAGE_TYPE,), STRING, _digest)),
    ),
)
