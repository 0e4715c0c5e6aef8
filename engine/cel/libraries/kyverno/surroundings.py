"""What Kyverno's functions ask of the world: an environment is made with the one who answers.

Nothing here is answered by the libraries themselves. Who has no answer raises Unavailable, whose text becomes part of
the error that the reference would give: ``failed to get image data: image data for x not found in the context``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from engine.cel.errors import CelError
from engine.cel.values import Value


class Unavailable(CelError):
    """The world's refusal; ``forbidden`` where it is one of permission (apierrors.IsForbidden, IsUnauthorized)."""

    def __init__(self, text: str, forbidden: bool = False) -> None:
        super().__init__(text)
        self.forbidden = forbidden


class ResourceName(Struct, frozen=True):
    """A group, version and plural (schema.GroupVersionResource); ``api_version`` is ``apps/v1`` or ``v1``."""

    api_version: str
    plural: str


class Surroundings(Protocol):
    """All that is not computed. Every method may raise Unavailable.

    ``namespace`` is empty for all namespaces and for what lies in none; ``plural`` may carry a subresource
    (``pods/status``). Values are CEL's: numbers of JSON are ``float``, those of the cluster's objects ``int``.
    """

    def now(self) -> int:
        """Nanoseconds since 1970 UTC."""

    def randrange(self, below: int) -> int:
        """A random whole number from 0 up to but without the given one."""

    def get_resource(self, api_version: str, plural: str, namespace: str, name: str) -> Value | None:
        """The object; None where there is none, which expressions see as null."""

    def list_resources(self, api_version: str, plural: str, namespace: str, labels: Mapping[str, str]) -> Value:
        """The list as an API server answers it: ``{"apiVersion": ..., "kind": ..., "items": [...]}``."""

    def post_resource(self, api_version: str, plural: str, namespace: str, content: Mapping[str, Value]) -> Value:
        """What an API server answers to the new object, as to a SubjectAccessReview."""

    def resource_name(self, api_version: str, kind: str) -> ResourceName:
        """The plural under which a kind is served."""

    def global_reference(self, name: str, projection: str) -> Value:
        """A GlobalContextEntry, or one of its projections if that is not empty; None where it has not been loaded."""

    def image_metadata(self, image: str) -> Value:
        """What a registry knows of an image, as pkg/imagedataloader gives it."""

    def generate(self, namespace: str, resources: Sequence[Mapping[str, Value]]) -> None:
        """Take the resources that an expression makes, for that namespace."""

    def http_get(self, url: str, headers: Mapping[str, str]) -> Value:
        """The JSON answer of a service."""

    def http_post(self, url: str, body: Value, headers: Mapping[str, str]) -> Value:
        """The JSON answer of a service to a JSON value."""


class ImageVerifier(Protocol):
    """What an ImageValidatingPolicy's functions ask (pkg/cel/libs/imageverify). Methods may raise Unavailable."""

    @property
    def attestations(self) -> Collection[str]:
        """Names of the policy's attestations."""

    def matches(self, image: str) -> bool:
        """Whether one of the policy's matchImageReferences covers the image; others count as having no signature."""

    def verified_signatures(self, image: str, attestors: Sequence[Value]) -> int:
        """How many of the attestors signed the image."""

    def verified_attestations(self, image: str, attestation: str, attestors: Sequence[Value]) -> int:
        """How many of the attestors signed the attestation."""

    def payload(self, image: str, attestation: str) -> Value:
        """The attestation's content."""

    def image_data(self, image: str) -> Value:
        """What a registry knows of the image."""
