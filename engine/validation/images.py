"""verifyImages rules (upstream: api/kyverno/v1/image_verification_types.go)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Path, Value
from engine.policies import Policy, Rule
from engine.schema import Fault
from engine.validation.faults import bad_value, invalid

_ALGORITHMS = frozenset({"", "sha224", "sha256", "sha384", "sha512"})
_ATTESTOR = "keys, certificates, keyless, or a nested attestor is required"


def has_image_validation(rule: Rule) -> bool:
    """Whether a verifyImages rule validates what it finds."""
    return rule.has_verify_images and any(images.get("validate") for images in rule.raw["verifyImages"])


def check(policy: Policy, rule: Rule) -> Iterator[Fault]:
    """Each entry of verifyImages; the action of one entry holds for those after it, as upstream."""
    audits = policy.spec.get("validationFailureAction", "") not in ("Enforce", "enforce")
    for index, images in enumerate(rule.raw["verifyImages"]):
        if "failureAction" in images:
            audits = images["failureAction"] != "Enforce"
        yield from _entry(images, ("spec", "rules", rule.index, "verifyImages", index), audits)


def _entry(images: dict[str, Value], path: Path, audits: bool) -> Iterator[Fault]:
    if audits and images.get("mutateDigest"):
        text = "mutateDigest must be set to false for \u2018Audit\u2019 failure action"
        yield invalid(f"spec.rules[{path[2]}].verifyImages[{path[4]}].mutateDigest: Invalid value: true: {text}", *path)
    if not images.get("imageReferences") and not images.get("image"):
        yield bad_value(path, "An image reference is required")
    for index, attestation in enumerate(images.get("attestations") or ()):
        for number, attestors in enumerate(attestation.get("attestors") or ()):
            yield from _attestor_set(attestors, (*path, "attestations", index, "attestors", number))
    for index, attestors in enumerate(images.get("attestors") or ()):
        yield from _attestor_set(attestors, (*path, "attestors", index))
        if images.get("type") == "Notary":
            for entry in attestors.get("entries") or ():
                for name in ("keyless", "keys"):
                    if entry.get(name) is not None:
                        text = f"{name.capitalize()} field is not allowed for type notary"
                        yield bad_value((*path, "attestors"), text)


def _attestor_set(attestors: dict[str, Value], path: Path) -> Iterator[Fault]:
    entries = attestors.get("entries") or ()
    count = attestors.get("count")
    if type(count) is int and count > len(entries):
        yield bad_value(path, "Count cannot exceed length of entries")
    if not entries:
        yield bad_value(path, "An entry is required")
    for index, entry in enumerate(entries):
        yield from _attestor(entry, (*path, "entries", index))


def _attestor(entry: dict[str, Value], path: Path) -> Iterator[Fault]:
    if sum(entry.get(name) is not None for name in ("keys", "certificates", "keyless", "attestor")) != 1:
        yield bad_value(path, _ATTESTOR)
    keys, certificates, keyless = entry.get("keys"), entry.get("certificates"), entry.get("keyless")
    if keys is not None:
        if not (keys.get("publicKeys") or keys.get("kms") or keys.get("secret") is not None):
            yield bad_value((*path, "keys"), "A public key, kms key or secret is required")
        if keys.get("publicKeys") and keys.get("signatureAlgorithm", "") not in _ALGORITHMS:
            yield bad_value((*path, "keys"), "Invalid signature algorithm provided")
    if certificates is not None and not (certificates.get("cert") or certificates.get("certChain")):
        yield bad_value((*path, "certificates"), "cert or certChain required")
    if keyless is not None:
        rekor = keyless.get("rekor")
        if rekor is None and not keyless.get("roots"):
            yield bad_value((*path, "keyless"), "Either Rekor URL or roots are required")
        if rekor is not None and not rekor.get("url"):
            yield bad_value((*path, "keyless"), "An URL is required")
    nested = entry.get("attestor")
    if type(nested) is dict:
        yield from _attestor_set(nested, (*path, "attestor"))


def extractor_fault(rule: Rule) -> str:
    """What is wrong with image extractors beside mutated digests, "" where nothing is."""
    images, extractors = rule.raw.get("verifyImages"), rule.raw.get("imageExtractors")
    if not images or not extractors or not any(item.get("mutateDigest") for item in images):
        return ""
    if any(item.get("jmesPath") for items in extractors.values() for item in items):
        return "jmespath may not be used in an image extractor when mutating digests with verify images"
    return ""
