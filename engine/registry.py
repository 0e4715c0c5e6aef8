"""What an image registry can be asked: only where somebody hands one in (upstream: pkg/registryclient, pkg/image)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from engine.errors import EngineError
from engine.model import Value


class RegistryError(EngineError):
    """A registry answered otherwise than with what it was asked for; ``is_network`` where it could not be reached."""

    def __init__(self, message: str, is_network: bool = False) -> None:
        super().__init__(message)
        self.is_network = is_network


class Signature(Struct, frozen=True):
    """A layer of cosign's signature image: the signed payload, and the signature in base64."""

    payload: bytes
    signature: str
    annotations: Mapping[str, str]


class Registry(Protocol):
    """A client of registries; every method raises RegistryError."""

    def digest(self, image: str) -> str:
        """``sha256:...`` of what a reference names."""
        ...

    def image(self, image: str) -> dict[str, Value]:
        """What the context entry ``imageRegistry`` gives: ``{image, resolvedImage, registry, ..., manifest, ...}``."""
        ...

    def signatures(self, image: str, digest: str, repository: str) -> Sequence[Signature]:
        """Cosign's signatures of a digest, in ``repository`` or, where that is "", beside the image; maybe none."""
        ...

    def referrers(self, image: str, digest: str) -> Sequence[str]:
        """The types of the artifacts that refer to a digest, by OCI 1.1; none where the registry knows no referrers."""
        ...
