"""verifyImages rules: asked before validation, and their checks again within it.

Upstream: pkg/engine/image_verify.go and the handlers mutate_image.go and validate_image.go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from engine import compiled, images
from engine.compiled import CompiledRule
from engine.context import Context
from engine.errors import EngineError
from engine.exceptions import CompiledException
from engine.match import Subject
from engine.model import RuleResponse, RuleType, Value
from engine.policies import Policy, Rule
from engine.request import Request
from engine.resources import Resource
from engine.rules import verify_images
from engine.rules.reply import Reply, Scope
from engine.rules.verify_images import Entry, Image

VERIFIED = "kyverno.io/verify-images"
SCOPED = "kyverno.io/verify-images-scoped"
"""The annotations in which the outcome for each image is kept for the checks within validation."""


class ImageRule(Struct, frozen=True):
    """A verifyImages rule ready to be asked; ``guards`` is all that surrounds it."""

    guards: CompiledRule
    entries: tuple[Entry, ...]
    ask: Callable[[Context, Sequence[Image]], Sequence[RuleResponse]]
    """Verifies the images that the rule means."""

    @property
    def rule(self) -> Rule:
        """The rule, which may be one that autogen made."""
        return self.guards.rule

    @property
    def reply(self) -> Reply:
        """How it answers within validation."""
        return Reply(self.rule.name, RuleType.VALIDATION)

    def verify(self, request: Request, base: Context, _subject: Subject | None) -> Sequence[RuleResponse]:
        """The responses before validation: one for each image and entry that has something to say of it."""
        if not self.guards.matches(request.subject()):
            return ()
        try:
            meant = verify_images.meant(self._found(request, base), self.entries)
        except EngineError as error:
            return (self.guards.reply.error("failed to instantiate handler", error),)
        if not meant:
            return ()
        context = self.guards.context_of(base)
        guarded = self.guards.guarded(context)
        if guarded is not None:
            is_excepted = bool(guarded.exceptions)
            return (replace(guarded, type=RuleType.MUTATION) if is_excepted else guarded,)
        properties = self.guards.properties_in(context)
        return [replace(response, properties=properties) for response in self.ask(context, meant)]

    def answers(self, request: Request, base: Context, _subject: Subject | None) -> Sequence[RuleResponse]:
        """The response within validation: whether images have a digest and were verified."""
        if request.new is None or not self.guards.matches(request.subject()):
            return ()
        try:
            found = self._found(request, base)
        except EngineError as error:
            return (self.reply.error("failed to instantiate handler", error),)
        if not verify_images.meant(found, self.entries):
            return ()
        context = self.guards.context_of(base)
        guarded = self.guards.guarded(context)
        if guarded is not None:
            return (replace(guarded, type=RuleType.VALIDATION),)
        is_open = (self.guards.policy.key, self.rule.name) in request.unverified
        response = self._checked(found, request.new, is_open)
        return () if response is None else (replace(response, properties=self.guards.properties_in(context)),)

    def _found(self, request: Request, base: Context) -> list[Image]:
        resource = request.new
        if resource is None:
            return []
        extractors = self.rule.raw.get("imageExtractors")
        if extractors is not None:
            return _images(images.custom(resource.kind, resource.value, extractors, base.evaluation))
        try:
            return _images(images.extract(resource.kind, resource.value))
        except EngineError:
            return []  # upstream takes a resource with a broken image for one without any

    def _checked(self, found: Sequence[Image], resource: Resource, is_open: bool) -> RuleResponse | None:
        """``is_open``: what the annotations would say is not known, so that only what is sure is said."""
        reply = Reply(self.rule.name, RuleType.IMAGE_VERIFY)
        states = {} if is_open else _states(resource, self.guards.policy, self.rule.name)
        passed: list[str] = []
        skipped: list[str] = []
        for entry in self.entries:
            for image in found:
                if not entry.names(image.text):
                    continue
                if entry.verifies_digest and not image.digest:
                    if is_open and any(other.mutates_digest for other in self.entries):
                        return None
                    return reply.failed(f"missing digest for {image.text}", image.path)
                if entry.required and not is_open:
                    state = states.get(image.text, "fail")
                    if state == "fail":
                        return reply.failed(f"unverified image {image.text}", image.path)
                    (skipped if state == "skip" else passed).append(image.text)
        if is_open:
            return None
        if skipped and not passed:
            return reply.skipped(" ".join(["image skipped, skipped images:", *skipped]))
        return reply.passed(" ".join(["image verified, skipped images:", *skipped]) if skipped else "image verified")


def compile(policy: Policy, rule: Rule, exceptions: tuple[CompiledException, ...]) -> ImageRule:
    """Compile a verifyImages rule and what surrounds it."""
    guards = replace(
        compiled.compile(policy, rule, _nothing, exceptions), reply=Reply(rule.name, RuleType.IMAGE_VERIFY)
    )
    raw = [verify_images.converted(entry) for entry in rule.raw["verifyImages"]]
    return ImageRule(
        guards=guards,
        entries=tuple(map(verify_images.entry, raw)),
        ask=verify_images.compile(rule.name, policy.name, raw),
    )


def _nothing(_context: Context, _scope: Scope | None) -> None:
    return None


def _images(found: Mapping[str, Mapping[str, dict[str, Value]]]) -> list[Image]:
    return [verify_images.image(info) for infos in found.values() for info in infos.values()]


def _states(resource: Resource, policy: Policy, rule: str) -> dict[str, str]:
    """What the annotation says of the images of a rule; raises nothing, for what is broken says nothing."""
    text = resource.annotations.get(SCOPED)
    try:
        written = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return {}
    match written:
        case {"version": 1, "policies": dict(policies)}:
            rules = policies.get(f"{policy.namespace}/{policy.name}")
            states = rules.get(rule) if isinstance(rules, dict) else None
            return states if isinstance(states, dict) else {}
    return {}


def annotated(value: Value, policy: Policy, responses: Iterable[tuple[Rule, RuleResponse]]) -> Value:
    """The resource with the outcome of a policy's rules in its annotations; the same one where there is none."""
    states: dict[str, str] = {}
    scoped: dict[str, dict[str, str]] = {}
    for rule, response in responses:
        for image, state in response.verified.items():
            states[image] = scoped.setdefault(rule.name, {})[image] = state
    if not states:
        return value
    kept = {"version": 1, "policies": {f"{policy.namespace}/{policy.name}": scoped}}
    metadata = value.get("metadata") or {}
    texts = {VERIFIED: _json(states), SCOPED: _json(kept)}
    return {**value, "metadata": {**metadata, "annotations": {**(metadata.get("annotations") or {}), **texts}}}


def _json(value: Value) -> str:
    from engine.values import golang

    return golang.marshal(value)
