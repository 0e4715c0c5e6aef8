"""What an ImageValidatingPolicy asks of signatures (upstream: pkg/cel/libs/imageverify)."""

from __future__ import annotations

from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, free, function
from engine.cel.libraries.kyverno.native import asked
from engine.cel.libraries.kyverno.surroundings import ImageVerifier
from engine.cel.types import DYN, INT, STRING, list_of
from engine.cel.values import Value


class _Functions:
    """Bound to the one who verifies for a policy."""

    def __init__(self, verifier: ImageVerifier) -> None:
        self._verifier = verifier

    def signatures(self, image: str, attestors: list[Value]) -> int:
        """Nothing is asked of an image that the policy does not match."""
        if not self._verifier.matches(image):
            return 0
        return asked("failed to get imagedata", lambda: self._verifier.verified_signatures(image, attestors))

    def attestations(self, image: str, name: str, attestors: list[Value]) -> int:
        if not self._verifier.matches(image):
            return 0
        self._check_known(name)
        return asked("failed to get imagedata", lambda: self._verifier.verified_attestations(image, name, attestors))

    def payload(self, image: str, name: str) -> Value:
        self._check_known(name)
        return asked("failed to get imagedata", lambda: self._verifier.payload(image, name))

    def image_data(self, image: str) -> Value:
        return asked("failed to get imagedata", lambda: self._verifier.image_data(image))

    def _check_known(self, attestation: str) -> None:
        if attestation not in self._verifier.attestations:
            raise EvaluationError(f"attestation not found in policy: {attestation}")


def library(verifier: ImageVerifier) -> Library:
    """The functions of one policy."""
    bound = _Functions(verifier)
    attestors = list_of(DYN)
    signatures = free("verify_image_signature_string_stringarray", (STRING, attestors), INT, bound.signatures)
    attestations = free(
        "verify_image_attestations_string_string_stringarray", (STRING, STRING, attestors), INT, bound.attestations
    )
    return Library(
        "kyverno.imageverify",
        functions=(
            function("verifyImageSignatures", signatures),
            function("verifyAttestationSignatures", attestations),
            function("getImageData", free("get_image_data_string", (STRING,), DYN, bound.image_data)),
            function("extractPayload", free("payload_string_string", (STRING, STRING), DYN, bound.payload)),
        ),
        asks=True,
    )
