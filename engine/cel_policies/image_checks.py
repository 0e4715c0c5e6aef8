"""What an ImageValidatingPolicy asks of image registries, and what came out for each image.

Upstream: pkg/cel/libs/imageverify, pkg/image/verifiers/ivpol/cosign. Checked are cosign's signatures by public keys,
where the policy does not ask for the transparency log; what else would have to be checked is named, and leaves open
what depends on it. Without a registry everything that has to be asked stays open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from engine.cel.errors import EvaluationError
from engine.cel.libraries.kyverno import image as references
from engine.cel.libraries.kyverno.surroundings import Unavailable
from engine.cel.values import Value, type_of
from engine.cel_policies.attestors import Attestor
from engine.cel_policies.image_references import References
from engine.cel_records import CelPolicy
from engine.registry import Registry, RegistryError

NEEDS_REGISTRY = "needs the registry, which is asked only with --registry"
_UNVERIFIED = "intoto attestation payload cannot be fetch before verifying intoto attestation"
_BUNDLE = "application/vnd.dev.sigstore.bundle"


class Verifications:
    """What was verified of the images of one request, by any policy (upstream: libs/imageverify/results.go).

    ``is_open`` where some check could not be made, so that nobody knows of which images it would have spoken.
    """

    def __init__(self) -> None:
        self._verified: dict[str, bool] = {}
        self.attested: set[str] = set()
        """The images whose attestations somebody tried to verify, and might have."""
        self.is_open = False

    def record(self, image: str, is_verified: bool) -> None:
        """An attempt; one that succeeded stays."""
        self._verified[image] = self._verified.get(image, False) or is_verified

    def status(self, image: str) -> bool | None:
        """Whether the image was verified; None where nobody tried."""
        return self._verified.get(image)


class Open(Unavailable):
    """A check that is not made."""


class ImageChecks:
    """The checks of one policy. Satisfies ``ImageVerifier``.

    ``open`` is the first image of which the last evaluation could not be told something, and why.
    """

    def __init__(self, policy: CelPolicy, means: References, registry: Registry | None) -> None:
        self._attestations: Mapping[str, Value] = {one["name"]: one for one in policy.spec.get("attestations") or ()}
        self.matches = means
        self.open: tuple[str, str] | None = None
        self._registry = registry
        self._verifications = Verifications()

    @property
    def attestations(self) -> Collection[str]:
        """See ImageVerifier."""
        return self._attestations

    @property
    def has_registry(self) -> bool:
        """Whether there is anybody to ask."""
        return self._registry is not None

    def begin(self, verifications: Verifications) -> None:
        """A request begins."""
        self._verifications = verifications
        self.open = None

    def fetch(self, images: Sequence[str]) -> None:
        """Look whether the images are there; raises EvaluationError for one that no registry has, or can have."""
        for image in images:
            references.parse(image)
            if self._registry is None:
                continue
            try:
                self._registry.image(image)
            except RegistryError as error:
                raise EvaluationError(str(error)) from error

    def verified_signatures(self, image: str, attestors: Sequence[Value]) -> int:
        """See ImageVerifier."""
        found = [_attestor(value) for value in attestors]
        registry = self._asked(image, "its signature")
        verified = sum(self._is_signed(registry, image, raw) for raw in found)
        if found:
            self._verifications.record(image, verified > 0)
        return verified

    def verified_attestations(self, image: str, attestation: str, attestors: Sequence[Value]) -> int:
        """See ImageVerifier."""
        self._verifications.attested.add(image)
        self._asked(image, "its attestation")
        if not attestors:
            return 0
        raise self._opened(image, "attestations are not checked")

    def payload(self, image: str, attestation: str) -> Value:
        """See ImageVerifier; of in-toto there is only what was verified before."""
        if self._attestations[attestation].get("intoto") is not None and image not in self._verifications.attested:
            raise EvaluationError(f"failed to get payload: {_UNVERIFIED}")
        self._asked(image, "its attestation")
        raise self._opened(image, "attestations are not checked")

    def image_data(self, image: str) -> Value:
        """See ImageVerifier."""
        from engine.cel_policies.image_data import image_data

        registry = self._asked(image, "its data")
        try:
            return image_data(image, registry.image(image))
        except (RegistryError, EvaluationError) as error:
            raise Unavailable(str(error)) from error

    def _asked(self, image: str, what: str) -> Registry:
        if self._registry is None:
            raise self._opened(image, f"{what} {NEEDS_REGISTRY}")
        return self._registry

    def _opened(self, image: str, reason: str) -> Open:
        self.open = self.open or (image, reason)
        self._verifications.is_open = True
        return Open(reason)

    def _is_signed(self, registry: Registry, image: str, raw: Mapping[str, Value]) -> bool:
        from engine import cosign  # cryptography takes its time to import

        reason = _unchecked(raw)
        if reason:
            raise self._opened(image, reason)
        settings = raw["cosign"]
        key = settings["key"]
        try:
            digest = registry.digest(image)
            signatures = registry.signatures(image, digest, (settings.get("source") or {}).get("repository") or "")
            if not signatures and any(kind.startswith(_BUNDLE) for kind in registry.referrers(image, digest)):
                raise self._opened(image, "Sigstore bundles are not checked")
        except RegistryError as error:
            if error.is_network:  # nobody has said that the image is not signed
                raise Unavailable(str(error)) from error
            return False
        wanted = settings.get("annotations") or {}
        named = [one for one in signatures if all(one.annotations.get(name) == text for name, text in wanted.items())]
        return not cosign.mismatch(named, key["data"].strip(), key.get("hashAlgorithm") or "sha256", digest, {})


def _attestor(value: Value) -> Mapping[str, Value]:
    if not isinstance(value, Attestor):
        raise EvaluationError(f"unsupported native conversion from {type_of(value).name} to 'v1alpha1.Attestor'")
    return value.raw


def _unchecked(raw: Mapping[str, Value]) -> str:
    """Why the signatures of an attestor are not checked; "" where they are."""
    settings = raw.get("cosign")
    if settings is None:
        return "Notary's signatures are not checked"
    if settings.get("keyless") is not None:
        return "keyless signatures are not checked"
    log, source = settings.get("ctlog") or {}, settings.get("source") or {}
    if settings.get("key") is None:
        return "signatures by certificates are not checked"
    if not settings["key"].get("data"):
        return "keys of a key management service are not asked for"
    if not log.get("insecureIgnoreTlog"):
        return "the transparency log is not checked (ctlog.insecureIgnoreTlog is not true)"
    if log.get("tsaCertChain"):
        return "signed timestamps are not checked"
    if source.get("tagPrefix") or source.get("PullSecrets"):
        return "signatures under a prefix, or behind a cluster's secrets, are not looked for"
    return ""
