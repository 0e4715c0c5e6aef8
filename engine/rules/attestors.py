"""Attestors of a verifyImages rule, held against the signatures that a registry has of an image.

What is checked: cosign's signatures by public keys, where the policy does not ask for the transparency log. Everything
else is not evaluated, and says so by name. Upstream: verifyAttestors in pkg/engine/internal/imageverifier.go,
pkg/image/verifiers/cpol/cosign.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from engine import cosign
from engine.errors import EngineError
from engine.model import RuleResponse, Value
from engine.registry import Registry, RegistryError, Signature
from engine.rules.reply import Reply

if TYPE_CHECKING:
    from engine.rules.verify_images import Image

_END = "-----END PUBLIC KEY-----"
_PEM = re.compile(rf".*?{_END}", re.DOTALL)
_DEEPEST = 10


class UnjudgedError(EngineError):
    """Something that is not evaluated would have to be."""


class _Mismatch(EngineError):
    """What is checked does not hold."""


class _Set(Struct, frozen=True):
    """What all attestors of an entry are asked about."""

    registry: Registry
    image: Image
    raw: dict[str, Value]

    def digest(self) -> str:
        """The image's digest; raises RegistryError where the registry does not tell."""
        return self.image.digest or self.registry.digest(self.image.text)


def verify(reply: Reply, registry: Registry, raw: dict[str, Value], found: Image) -> tuple[RuleResponse, str]:
    """The response to an image, and the digest that was verified, "" where none was."""
    asked = _Set(registry, found, raw)
    try:
        _known_type(raw)
        for index, attestors in enumerate(raw.get("attestors") or ()):
            _verify_set(asked, attestors, f".attestors[{index}]", _DEEPEST)
        if raw.get("attestations"):
            raise UnjudgedError("attestations are not checked")
        digest = asked.digest()
    except UnjudgedError as error:
        text = f"not evaluated: image {found.text}: {error}"
        return replace(reply.error(text), path=found.path, unjudged=True), ""
    except RegistryError as error:
        return replace(reply.error(f"failed to verify image {found.text}", error), path=found.path), ""
    except _Mismatch as error:
        return reply.failed(f"failed to verify image {found.text}: {error}", found.path), ""
    return reply.passed(f"verified image signatures for {found.text}"), digest


def _known_type(raw: dict[str, Value]) -> None:
    kind = raw.get("type") or "Cosign"
    if kind != "Cosign":
        raise UnjudgedError(f"signatures of type {kind} are not checked")
    if raw.get("cosignOCI11"):
        raise UnjudgedError("signatures stored as OCI 1.1 referrers are not checked")


def _verify_set(asked: _Set, attestors: dict[str, Value], path: str, depth: int) -> None:
    """Raises _Mismatch where too few entries hold, UnjudgedError where those that are not evaluated would decide."""
    entries = expanded(attestors.get("entries") or ())
    required = attestors.get("count") or len(entries)
    verified, mismatches, unjudged = 0, [], []
    for index, entry in enumerate(entries):
        try:
            _verify_entry(asked, entry, f"{path}.entries[{index}]", depth)
        except _Mismatch as error:
            mismatches.append(str(error))
        except UnjudgedError as error:
            unjudged.append(str(error))
        else:
            verified += 1
            if verified >= required:
                return
    if unjudged and verified + len(unjudged) >= required:
        raise UnjudgedError(unjudged[0])
    raise _Mismatch("; ".join(mismatches + unjudged))


def expanded(entries: Sequence[dict[str, Value]]) -> Sequence[dict[str, Value]]:
    """An entry with several keys stands for as many entries (ExpandStaticKeys)."""
    found: list[dict[str, Value]] = []
    for entry in entries:
        keys = _PEM.findall((entry.get("keys") or {}).get("publicKeys") or "")
        several = (
            [{**entry, "keys": {**entry["keys"], "publicKeys": key}} for key in keys] if len(keys) > 1 else [entry]
        )
        found += several
    return found


def _verify_entry(asked: _Set, entry: dict[str, Value], path: str, depth: int) -> None:
    nested = entry.get("attestor")
    if nested is not None:
        if not isinstance(nested, dict) or not depth:
            raise _Mismatch(f"failed to unmarshal nested attestor {path}")
        _verify_set(asked, nested, f"{path}.attestor", depth - 1)
        return
    keys = entry.get("keys")
    if keys is None:
        kind = "keyless signatures" if entry.get("keyless") is not None else "signatures by certificates"
        raise UnjudgedError(f"{kind} are not checked")
    key = _public_key(keys)
    repository = entry.get("repository") or asked.raw.get("repository") or ""
    digest, signatures = _signatures(asked, repository, f"{path}.keys")
    annotations = entry.get("annotations") or asked.raw.get("annotations") or {}
    problem = cosign.mismatch(signatures, key, keys.get("signatureAlgorithm") or "sha256", digest, annotations)
    if problem:
        raise _Mismatch(f"{path}.keys: {problem}")


def _signatures(asked: _Set, repository: str, path: str) -> tuple[str, Sequence[Signature]]:
    try:
        digest = asked.digest()
    except RegistryError as error:
        if error.is_network:
            raise
        raise _Mismatch(f"{path}: image tag not found: {error}") from error
    try:
        return digest, asked.registry.signatures(asked.image.text, digest, repository)
    except RegistryError as error:
        if error.is_network:
            raise
        raise _Mismatch(f"{path}: {error}") from error


def _public_key(keys: dict[str, Value]) -> str:
    text: str = (keys.get("publicKeys") or "").strip()
    if not text:
        raise UnjudgedError("keys of a Secret or a key management service are not asked for")
    if not text.startswith("-----BEGIN PUBLIC KEY-----"):
        raise UnjudgedError("keys that are no PEM text are not asked for")
    if not (keys.get("rekor") or {}).get("ignoreTlog"):
        raise UnjudgedError("the transparency log is not checked (rekor.ignoreTlog is not true)")
    if (keys.get("ctlog") or {}).get("tsaCertChain"):
        raise UnjudgedError("signed timestamps are not checked")
    return text
