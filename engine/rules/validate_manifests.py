"""``validate.manifests``: resources signed in their annotations (pkg/engine/handlers/validation/validate_manifest.go).

Checked are signatures by public keys that stand in the policy. What needs a registry, a cluster or the transparency
log is not evaluated, and says so by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from engine import cosign
from engine.context import Context
from engine.errors import EngineError
from engine.manifests import flat, ignored, message
from engine.manifests.flat import Difference
from engine.model import Operation, RuleResponse, RuleType, Value
from engine.policies import Rule
from engine.rules import attestors
from engine.rules.attestors import UnjudgedError
from engine.rules.reply import Body, Reply, Scope
from engine.values import golang
from engine.values.numbers import floats

_FOUND = "YAML manifest not found for this resource: "
_PEM = "-----BEGIN PUBLIC KEY-----"
_PGP = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_DEEPEST = 10


class _Failure(EngineError):
    """The resource is not what was signed."""


class _Asked(Struct, frozen=True):
    """What attestors are asked about."""

    raw: dict[str, Value]
    resource: dict[str, Value]
    annotations: Mapping[str, str]
    domain: str

    def annotation(self, name: str) -> str | None:
        """What the resource says of its signature under this name."""
        return self.annotations.get(f"{self.domain}/{name}")


def compile(rule: Rule) -> Body:
    """A rule body that holds a resource against its signatures; it has nothing to say of deletions."""
    raw = rule.raw["validate"]["manifests"]
    reply = Reply(rule.name, RuleType.VALIDATION)

    def judge(context: Context, _scope: Scope | None) -> RuleResponse | None:
        if context.request.operation is Operation.DELETE:
            return None
        try:
            return reply.passed(f"verified manifest signatures; {','.join(_verified(_asked(raw, context)))}")
        except UnjudgedError as error:
            return replace(reply.error(f"not evaluated: {error}"), unjudged=True)
        except _Failure as error:
            return reply.failed(str(error))
        except EngineError as error:
            return reply.error("error occurred during manifest verification", error)

    return judge


def _asked(raw: dict[str, Value], context: Context) -> _Asked:
    resource = floats(context.request.resource.value)
    written = (resource.get("metadata") or {}).get("annotations") or {}
    annotations = {name: text for name, text in written.items() if isinstance(text, str)}
    return _Asked(raw, resource, annotations, raw.get("annotationDomain") or ignored.DOMAIN)


def _verified(asked: _Asked) -> list[str]:
    """What each set of attestors says; raises _Failure at the first that does not hold."""
    sets = enumerate(asked.raw.get("attestors") or ())
    return [_verify_set(asked, attestor_set, f".attestors[{index}]", _DEEPEST) for index, attestor_set in sets]


def _verify_set(asked: _Asked, raw: dict[str, Value], path: str, depth: int) -> str:
    entries = attestors.expanded(raw.get("entries") or ())
    required = raw.get("count") or len(entries)
    verified: list[str] = []
    failures: list[str] = []
    errors: list[str] = []
    unjudged: list[UnjudgedError] = []
    for index, entry in enumerate(entries):
        try:
            verified.append(_verify_entry(asked, entry, f"{path}.entries[{index}]", depth))
        except UnjudgedError as error:
            unjudged.append(error)
        except _Failure as error:
            failures.append(str(error))
        except EngineError as error:
            errors.append(str(error))
        if len(verified) >= required:
            return _counted("succeeded", len(verified), required, verified)
    if unjudged:
        raise unjudged[0]
    if errors:
        raise EngineError("; ".join(errors))
    raise _Failure(_counted("failed", len(verified), required, failures))


def _counted(how: str, verified: int, required: int, texts: Sequence[str]) -> str:
    counts = f"verifiedCount {verified}; requiredCount {required}"
    return f"manifest verification {how}; {counts}; message {','.join(texts)}"


def _verify_entry(asked: _Asked, entry: dict[str, Value], path: str, depth: int) -> str:
    nested = entry.get("attestor")
    if nested is not None:
        if not isinstance(nested, dict) or not depth:
            raise EngineError(f"failed to unmarshal nested attestor {path}")
        return _verify_nested(asked, nested, f"{path}.attestor", depth)
    for name, text in sorted((entry.get("annotations") or {}).items()):
        given = asked.annotations.get(name, "")
        if given != text:
            raise EngineError(f"annotations mismatch: {given} does not match expected value {text} for key {name}")
    keys = entry.get("keys")
    if keys is None:
        raise UnjudgedError("manifests signed without keys, or by certificates, are not checked")
    if entry.get("repository") or asked.raw.get("repository") or asked.annotation("resourceBundleRef"):
        raise UnjudgedError("manifests that an image holds are not fetched")
    return _verify_key(asked, keys.get("publicKeys") or "", f"{path}.keys: ")


def _verify_nested(asked: _Asked, raw: dict[str, Value], path: str, depth: int) -> str:
    try:
        return _verify_set(asked, raw, path, depth - 1)
    except (UnjudgedError, _Failure):
        raise
    except EngineError as error:
        raise EngineError(f"failed to verify signature; {path}: {error}") from error


def _verify_key(asked: _Asked, key: str, path: str) -> str:
    try:
        found = _difference(asked)
        signer = _signed(asked, key)
    except UnjudgedError:
        raise
    except _Failure as error:
        raise _Failure(f"{path}{error}") from error
    except EngineError as error:
        raise EngineError(f"{path}{error}") from error
    if found:
        raise _Failure(f"{path}failed to verify signature. diff found; {flat.text(found)}")
    return signer


def _difference(asked: _Asked) -> list[Difference]:
    """How the resource differs from the manifest in its message; raises where there is none."""
    packed = asked.annotation("message")
    if packed is None:
        raise _Failure(f"{_FOUND}message not found")
    fields: Sequence[str] = ignored.fields(asked.resource, asked.raw.get("ignoreFields") or (), asked.domain)
    try:
        every = message.manifests(message.decode(packed))
        candidates, fields = message.candidates(every, asked.resource, fields)
    except message.MessageError as error:
        raise EngineError(f"{_FOUND}{error}") from error
    if not candidates:
        raise _Failure(f"{_FOUND}failed to find a YAML manifest in the gzipped message")
    return _least(
        asked, [flat.differences(flat.flatten(one), flat.flatten(asked.resource)) for one in candidates], fields
    )


def _least(asked: _Asked, found: Sequence[list[Difference]], fields: Sequence[str]) -> list[Difference]:
    """Nothing where one of the candidates is the resource, else what sets the first apart."""
    every = [flat.unlike(one, fields) for one in found]
    if not all(every):
        return []
    if (asked.raw.get("dryRun") or {}).get("enable"):
        raise UnjudgedError("what a dry run would add to the manifest needs a cluster")
    return every[0]


def _signed(asked: _Asked, key: str) -> str:
    """Who signed, which keys do not tell; raises where no signature is of the key."""
    signatures = _signatures(asked)
    if not signatures:
        raise _Failure("failed to verify signature: signature not found")
    if key.startswith(_PGP) or (not key.startswith(_PEM) and "://" in key):
        raise UnjudgedError("keys of PGP, of a Secret or of a key management service are not asked for")
    public = cosign.public_key(key) if key.startswith(_PEM) else None
    if public is None:
        raise EngineError("failed to verify signature: failed to judge signature type from public key configuration")
    payload = message.decode(asked.annotation("message") or "")
    trials = []
    for index, (signature, is_logged) in enumerate(signatures, 1):
        if is_logged or "://" in signature:
            raise UnjudgedError("the transparency log is not checked")
        problem = cosign.blob_mismatch(public, signature, payload)
        if not problem:
            return "singed by a valid signer: "
        name = f"[publickey 1/1] [signature {index}/{len(signatures)}]"
        trials.append(f"{name} error: cosign.VerifyBlobCmd.Exec() returned an error: {problem}")
    text = f"verification failed for {len(signatures)} signature. all trials: {golang.marshal(trials)}"
    raise EngineError(f"failed to verify signature: {text}")


def _signatures(asked: _Asked) -> list[tuple[str, bool]]:
    """The signatures, and whether each has a certificate or a bundle, which the transparency log knows."""
    found: list[tuple[str, bool]] = []
    while (signature := asked.annotation(_numbered("signature", len(found)))) is not None:
        is_logged = any(asked.annotation(_numbered(part, len(found))) for part in ("certificate", "bundle"))
        found.append((signature, is_logged))
    return found


def _numbered(name: str, number: int) -> str:
    return f"{name}_{number}" if number else name
