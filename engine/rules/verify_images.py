"""What a verifyImages rule says of images (upstream: pkg/engine/internal/imageverifier.go, api/kyverno/v1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from engine import variables
from engine.context import Context
from engine.errors import EngineError
from engine.model import Path, Result, RuleResponse, RuleType, Value
from engine.patch.document import decoded, index
from engine.registry import Registry, RegistryError
from engine.rules.reply import Reply
from engine.values import wildcard
from engine.values.numbers import floats

NEEDS_REGISTRY = "needs the registry, which is asked only with --registry"
_STATES = {Result.PASS: "pass", Result.SKIP: "skip", Result.WARN: "skip"}


class Image(Struct, frozen=True):
    """An image of a resource: the text by which rules name it, its digest ("" for none), and where it stands."""

    text: str
    digest: str
    path: Path


class Entry(Struct, frozen=True):
    """What one entry of ``verifyImages`` says beside its attestors."""

    names: Callable[[str], bool]
    skips: Callable[[str], bool]
    attests: bool
    mutates_digest: bool
    verifies_digest: bool
    required: bool


def image(info: dict[str, Value]) -> Image:
    """The image of an entry of the context's ``images``."""
    name = f"{info['registry']}/{info['path']}" if info.get("registry") else info["path"]
    digest = info.get("digest", "")
    text = f"{name}@{digest}" if digest else f"{name}:{info.get('tag', '')}"
    return Image(text, digest, _path(info["jsonPointer"]))


def _path(pointer: str) -> Path:
    parts = [decoded(part) for part in pointer.removeprefix("/").split("/")]
    return tuple(int(part) if part.isdecimal() else part for part in parts)


def converted(raw: dict[str, Value]) -> dict[str, Value]:
    """The entry with its deprecated fields in the words of today (ImageVerification.Convert)."""
    if not any(raw.get(name) for name in ("image", "key", "issuer")):
        return raw
    old = ("image", "key", "issuer", "subject", "roots")
    new = {key: value for key, value in raw.items() if key not in old}
    if raw.get("image"):
        new["imageReferences"] = [*(raw.get("imageReferences") or ()), raw["image"]]
    attestor: dict[str, Value] = {"annotations": raw.get("annotations")}
    if raw.get("key"):
        attestor["keys"] = {"publicKeys": raw["key"], "signatureAlgorithm": ""}
    elif raw.get("issuer"):
        attestor["keyless"] = {name: raw.get(name, "") for name in ("issuer", "subject", "roots")}
    if not raw.get("attestations") and (raw.get("key") or raw.get("issuer") or raw.get("annotations")):
        new["attestors"] = [*(raw.get("attestors") or ()), {"entries": [attestor]}]
    return new


def entry(raw: dict[str, Value]) -> Entry:
    """Compile what an entry says beside its attestors."""
    return Entry(
        names=_globs(raw.get("imageReferences")),
        skips=_globs(raw.get("skipImageReferences")),
        attests=bool(raw.get("attestors") or raw.get("attestations")),
        mutates_digest=raw.get("mutateDigest") is True,
        verifies_digest=raw.get("verifyDigest") is True,
        required=raw.get("required") is True,
    )


def _globs(texts: Sequence[str] | None) -> Callable[[str], bool]:
    matchers = [wildcard.compile(text) for text in texts or ()]
    return lambda text: any(matches(text) for matches in matchers)


def meant(images: Sequence[Image], entries: Sequence[Entry]) -> list[Image]:
    """The images that a rule looks at: once for each entry that names them (utils/image.go, GetMatchingImages)."""
    return [found for found in images for one in entries if one.names(found.text)]


def compile(rule: str, policy: str, raw_entries: Sequence[dict[str, Value]]) -> Callable[..., Sequence[RuleResponse]]:
    """What a rule answers in a context to the images that it means."""
    template = variables.compile(floats([_without_conditions(raw) for raw in raw_entries]), "/verifyImages")
    entries = [entry(raw) for raw in raw_entries]
    reply = Reply(rule, RuleType.IMAGE_VERIFY)

    def ask(context: Context, images: Sequence[Image]) -> Sequence[RuleResponse]:
        try:
            written = template(context)
        except EngineError as error:
            return [reply.error("failed to substitute variables", error)]
        answers: list[RuleResponse] = []
        value = context.request.resource.value
        for one, raw in zip(entries, written, strict=True):
            verifier = _Verifier(reply, policy, one, raw, context)
            for found in images:
                given, value = verifier.verify(found, value)
                answers += given
        return answers

    return ask


def _without_conditions(raw: dict[str, Value]) -> dict[str, Value]:
    """Variables of attestations' conditions, and of what denies, are known only once something was attested."""
    kept = [
        {key: value for key, value in item.items() if key != "conditions"} for item in raw.get("attestations") or ()
    ]
    validate = {key: value for key, value in (raw.get("validate") or {}).items() if key != "deny"}
    return {**raw, "attestations": kept, "validate": validate}


class _Verifier(Struct, frozen=True):
    """One entry, with its variables replaced, against one image after another."""

    reply: Reply
    policy: str
    entry: Entry
    raw: dict[str, Value]
    context: Context

    def verify(self, found: Image, value: Value) -> tuple[list[RuleResponse], Value]:
        """The responses to an image, and the resource with its digest where that is looked up."""
        response, digest = self._attested(found)
        answers: list[RuleResponse] = []
        if self.entry.mutates_digest and not found.digest:
            response, value, failure = self._with_digest(found, response, digest, value)
            answers += [failure] if failure else []
        if response is not None:
            if self.entry.attests and not response.unjudged:
                name = found.text if response.patched is None else image_with(found, response)
                response = replace(response, verified={name: _STATES.get(response.result, "fail")})
            answers.append(response)
        return answers, value

    def _attested(self, found: Image) -> tuple[RuleResponse | None, str]:
        """What attestors and attestations say, and the digest that they spoke of."""
        if not self.entry.attests:
            return None, ""
        if not self.entry.names(found.text) or self.entry.skips(found.text):
            text = f"skipping image reference image {found.text}, policy {self.policy} ruleName {self.reply.rule}"
            return self.reply.skipped(text), ""
        registry = self.context.cluster.registry
        if registry is None:
            return self._unjudged(found, f"its signature {NEEDS_REGISTRY}"), ""
        from engine.rules import attestors  # only with a registry

        return attestors.verify(self.reply, registry, self.raw, found)

    def _unjudged(self, found: Image, why: str) -> RuleResponse:
        response = self.reply.error(f"not evaluated: image {found.text}: {why}")
        return replace(response, path=found.path, unjudged=True)

    def _with_digest(
        self, found: Image, response: RuleResponse | None, digest: str, value: Value
    ) -> tuple[RuleResponse | None, Value, RuleResponse | None]:
        """The response with the patched resource, that resource, and what went wrong instead."""
        registry = self.context.cluster.registry
        if registry is None:
            if response is not None and response.unjudged:
                return response, value, None
            return response, value, self._unjudged(found, f"its digest {NEEDS_REGISTRY}")
        if response is not None and response.unjudged:
            return response, value, None
        try:
            digest = digest or _digest(registry, found)
        except RegistryError as error:
            text = f"failed to fetch image reference: {found.text}, error: {error}"
            return response, value, self.reply.error("failed to update digest", text)
        patched = _put(value, found.path, f"{found.text}@{digest}")
        passed = response or self.reply.passed("mutated image digest")
        return replace(passed, patched=patched), patched, None


def _digest(registry: Registry, found: Image) -> str:
    return registry.digest(found.text)


def image_with(found: Image, response: RuleResponse) -> str:
    """How the image is named once its digest is in the patched resource: without its tag."""
    value = response.patched
    for part in found.path:
        value = value[part]
    name, _, digest = str(value).partition("@")
    return f"{name.rpartition(':')[0]}@{digest}"


def _put(value: Value, path: Path, text: str) -> Value:
    if not path:
        return text
    head, *rest = path
    if isinstance(value, list):
        place = head if isinstance(head, int) else index(str(head))
        return [_put(item, tuple(rest), text) if number == place else item for number, item in enumerate(value)]
    return {**value, head: _put(value.get(head), tuple(rest), text)}
