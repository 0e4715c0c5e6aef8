"""ImageValidatingPolicy (upstream: pkg/image/verification/evaluator/{compiler,policy}.go)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from engine.cel.environment import Program
from engine.cel.errors import EvaluationError
from engine.cel.libraries.kyverno import image as references
from engine.cel.libraries.kyverno.surroundings import Surroundings
from engine.cel.values import Value
from engine.cel_policies import attestors, environments, image_extractors, image_references, outcome, validating
from engine.cel_policies.attestors import CompiledAttestor
from engine.cel_policies.declared import VariableTypes
from engine.cel_policies.expressions import Compiler, Named, hold, lazily
from engine.cel_policies.image_checks import NEEDS_REGISTRY, ImageChecks, Verifications
from engine.cel_policies.image_extractors import Extractors
from engine.cel_policies.outcome import CompiledException
from engine.cel_policies.validating import Validation
from engine.cel_records import CelException, CelPolicy
from engine.model import Path, Result, RuleResponse, RuleType
from engine.registry import Registry

_SPEC: Final[Path] = ("spec",)


class Judged(Struct, frozen=True):
    """What a policy says to a request; where it passes, also of which ``images`` that depends.

    ``about`` is the image that the response speaks of, "" where it speaks of none. ``unseen``: whether the images are
    there is not known, so that the policy does not pass.
    """

    response: RuleResponse
    images: tuple[str, ...] = ()
    about: str = ""
    unseen: bool = False


class ImageValidatingPolicy(Struct, frozen=True):
    """A policy ready to be asked about requests whose resources hold their Pod's spec at one place."""

    policy: CelPolicy
    checks: ImageChecks
    conditions: tuple[Program, ...]
    extractors: Extractors
    variables: tuple[Named, ...]
    attestors: tuple[CompiledAttestor, ...]
    validations: tuple[Validation, ...]
    annotations: tuple[Named, ...]
    exceptions: tuple[CompiledException, ...]

    def is_meant(self, read: Mapping[str, Value]) -> bool:
        """Whether the conditions hold; raises EvaluationError."""
        return hold(self.conditions, read, ignores_errors=self.policy.ignores_errors)

    def exempted(self, read: Mapping[str, Value]) -> list[CelException]:
        """The exceptions that hold; raises EvaluationError."""
        ignores = self.policy.ignores_errors
        return [one.exception for one in self.exceptions if hold(one.conditions, read, ignores_errors=ignores)]

    def judge(
        self, read: dict[str, Value], verifications: Verifications, unpinned: Mapping[str, str] | None = None
    ) -> Judged | None:
        """The answer; None where the policy is not meant. Raises EvaluationError.

        ``unpinned`` are images to which admission adds a digest before it validates, as they then begin.
        """
        self.checks.begin(verifications)
        if not self.is_meant(read):
            return None
        exempting = self.exempted(read)
        if exempting:
            return Judged(outcome.skipped(exempting, RuleType.VALIDATION))
        read["variables"] = lazily(self.variables, read)
        found = image_extractors.extracted(self.extractors, read)
        changing = [image for images in found.values() for image in images if self._changes(image, unpinned or {})]
        if changing:
            return self._open(changing[0], f"its digest {NEEDS_REGISTRY}")
        meant = {name: [image for image in images if self.checks.matches(image)] for name, images in found.items()}
        images = tuple(image for listed in meant.values() for image in listed)
        bare = self._without_digest(images)
        if bare:
            return Judged(self._response(Result.FAIL, f"image {bare} does not have a digest"), about=bare)
        self.checks.fetch(images)
        read["images"] = meant
        read["attestations"] = {name: name for name in self.checks.attestations}
        read["attestors"] = attestors.lazily(self.attestors, read)
        return self._validated(read, images)

    def _changes(self, image: str, unpinned: Mapping[str, str]) -> bool:
        return image in unpinned and (self.checks.matches(image) or self.checks.matches(unpinned[image]))

    def _without_digest(self, images: Iterable[str]) -> str:
        if not configured(self.policy, "verifyDigest"):
            return ""
        for image in images:
            try:
                parsed = references.parse(image)
            except EvaluationError as error:
                raise EvaluationError(f"failed to parse image reference {image}: {error}") from error
            if not parsed.digest:
                return image
        return ""

    def _validated(self, read: Mapping[str, Value], images: tuple[str, ...]) -> Judged:
        """The first validation that fails, though others cannot be evaluated: the request is refused in any case."""
        for index, validation in enumerate(self.validations):
            try:
                if validation.program.evaluate(read) is True:
                    continue
                message = (
                    validating.message_of(validation, read) or f"CEL expression validation failed at index {index}"
                )
                properties = outcome.annotated(self.annotations, read, "'")
            except EvaluationError:
                if not self.checks.open:
                    raise
                continue
            return Judged(self._response(Result.FAIL, message, properties, validation.path))
        try:
            properties = outcome.annotated(self.annotations, read, "'")
        except EvaluationError:
            if not self.checks.open:
                raise
            properties = {}
        if self.checks.open:
            return self._open(*self.checks.open)
        passed = self._response(Result.PASS, "success", properties)
        return Judged(passed, images, unseen=bool(images) and not self.checks.has_registry)

    def settled(self, judged: Judged, verifications: Verifications) -> Judged:
        """The answer once all policies were asked: images have to be verified by any (EnforceRequired)."""
        for image in judged.images if configured(self.policy, "required") else ():
            verified = verifications.status(image)
            if verified:
                continue
            if verified is None and verifications.is_open:
                return self._open(image, "whether it is verified is not known")
            what = "is not verified: no policy performed a signature or attestation check on it"
            if verified is False:
                what = "failed signature or attestation verification"
            response = self._response(Result.FAIL, f"image {image} {what}", judged.response.properties)
            return Judged(response, about=image)
        if judged.unseen:
            return self._open(judged.images[0], f"whether it is there {NEEDS_REGISTRY}")
        return judged

    def _open(self, image: str, reason: str) -> Judged:
        response = self._response(Result.ERROR, f"not evaluated: image {image}: {reason}")
        return Judged(replace(response, unjudged=True), about=image)

    def _response(
        self, result: Result, message: str, properties: Mapping[str, str] | None = None, path: Path = ()
    ) -> RuleResponse:
        return RuleResponse(
            self.policy.name, RuleType.IMAGE_VERIFY, result, message, path=path, properties=properties or {}
        )


def configured(policy: CelPolicy, name: str) -> bool:
    """One of ``validationConfigurations``, all of which are on unless switched off."""
    return (policy.spec.get("validationConfigurations") or {}).get(name) is not False


def compile(
    policy: CelPolicy,
    exceptions: Collection[CelException],
    world: Surroundings,
    registry: Registry | None = None,
    pod: str = "",
) -> ImageValidatingPolicy:
    """Compile a policy for resources that hold their Pod's spec at ``pod``; raises ExpressionError, ExceptionFault."""
    spec = policy.spec
    means = image_references.compile(spec.get("matchImageReferences"), (*_SPEC, "matchImageReferences"))
    checks = ImageChecks(policy, means, registry)
    base = environments.of_images(json=policy.is_json, namespace=policy.namespace, world=world, verifier=checks)
    compiler = Compiler(base, VariableTypes("kyverno.variables"), declares_variables=not policy.is_json)
    return ImageValidatingPolicy(
        policy=policy,
        checks=checks,
        conditions=compiler.every_condition(spec.get("matchConditions"), (*_SPEC, "matchConditions")),
        extractors=image_extractors.compile(spec.get("images") or (), pod, compiler, (*_SPEC, "images")),
        variables=compiler.every_variable(spec.get("variables"), (*_SPEC, "variables")),
        attestors=attestors.compile(spec.get("attestors") or (), compiler, (*_SPEC, "attestors")),
        validations=validating.validations(spec, compiler),
        annotations=compiler.annotations(spec.get("auditAnnotations"), (*_SPEC, "auditAnnotations")),
        exceptions=outcome.compile_exceptions(exceptions, compiler),
    )
