"""Requests and JSON documents held against all image validating policies (upstream: pkg/cel/policies/ivpol/engine).

All are asked before any passes: that an image is verified may be another policy's doing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from engine import images
from engine.cel.errors import EvaluationError
from engine.cel.values import Value
from engine.cel_policies import autogen, constraints, image_extractors, image_validating
from engine.cel_policies.expressions import ExpressionError
from engine.cel_policies.image_checks import Verifications
from engine.cel_policies.image_validating import ImageValidatingPolicy, Judged
from engine.cel_policies.outcome import ExceptionFault
from engine.cel_policies.request import CelRequest
from engine.cel_policies.world import World
from engine.cel_records import CelException, CelPolicy
from engine.cluster import Cluster
from engine.errors import EngineError, PolicyError
from engine.model import Path, Result, RuleResponse, RuleType
from engine.resources import Resource

Answers = list[tuple[CelPolicy, RuleResponse]]
_PLACEHOLDER = "@sha256:" + "0" * 64


class PayloadError(PolicyError):
    """A policy cannot say anything of a JSON document, which ends the reference's CLI."""


class _Variant:
    """A policy, or what autogen made of it, compiled for each kind of resource that it meets."""

    def __init__(self, policy: CelPolicy, exceptions: Sequence[CelException], world: World, cluster: Cluster) -> None:
        self.policy = policy
        self._exceptions = exceptions
        self._world = world
        self._registry = cluster.registry
        self._compiled: dict[str, ImageValidatingPolicy] = {}
        self._matches = constraints.compile(policy.spec.get("matchConstraints"))

    def compiled(self, pod: str = "") -> ImageValidatingPolicy:
        """The policy for resources that hold their Pod there; raises ExpressionError and ExceptionFault."""
        if pod not in self._compiled:
            self._compiled[pod] = image_validating.compile(
                self.policy, self._exceptions, self._world, self._registry, pod
            )
        return self._compiled[pod]

    def is_meant(self, request: CelRequest) -> bool:
        """Whether the constraints are met; raises EngineError."""
        return self._matches(request.attributes)

    def for_request(self, request: CelRequest) -> ImageValidatingPolicy:
        """The policy for the request's resource; raises as ``compiled``."""
        return self.compiled(image_extractors.template(request.place))

    def judge(self, request: CelRequest, seen: Verifications, unpinned: dict[str, str]) -> Judged | None:
        """The answer to a request; None where the policy is not meant."""
        try:
            if not self.is_meant(request):
                return None
            return self.for_request(request).judge(request.readable(), seen, unpinned)
        except (ExpressionError, ExceptionFault) as error:
            return _erred(f"failed to compile policy: {error.words}")
        except EvaluationError as error:
            return _erred(f"failed to evaluate policy: {error}")
        except EngineError as error:
            return _erred(f"failed to execute matching: {error}", "match")

    def unpinned(self, request: CelRequest, resource: Resource) -> Iterator[tuple[str, str]]:
        """The images whose digest admission would look up and add, as written and as they then begin."""
        try:
            policy = self.for_request(request)
            read = request.readable()
            if not self.is_meant(request) or not policy.is_meant(read) or policy.exempted(read):
                return
            for info, path in _images(resource):
                text = info["referenceWithTag"]
                if not info.get("digest") and policy.checks.matches(text):
                    yield _at(resource.value, path), text + _PLACEHOLDER
        except (EvaluationError, EngineError):
            return  # validation says what is wrong


class ImageJudge:
    """Asks image validating policies. ``problems`` are those that do not compile, and why."""

    def __init__(
        self, policies: Sequence[CelPolicy], exceptions: Sequence[CelException], world: World, cluster: Cluster
    ) -> None:
        self.problems: list[tuple[CelPolicy, ExpressionError | ExceptionFault]] = []
        self._pins = cluster.as_cluster
        self._variants: list[_Variant] = []
        for policy in policies:
            named = [one for one in exceptions if one.names(policy)]
            # upstream's CLI forgets exceptions where autogen made the policy (engine/provider.go, NewProvider)
            others = named if cluster.as_cluster else []
            made = [_Variant(policy, named, world, cluster)]
            made += [_Variant(one, others, world, cluster) for one in autogen.expand(policy)[1:]]
            try:
                made[0].compiled()
            except (ExpressionError, ExceptionFault) as error:
                self.problems.append((policy, error))
                if cluster.as_cluster:  # which refuses the policy; the CLI has it err wherever it is meant
                    continue
            self._variants += made

    @property
    def answering(self) -> list[CelPolicy]:
        """Every policy that an answer may name, those that autogen made included."""
        return [one.policy for one in self._variants]

    def ask(self, request: CelRequest, is_asked: Callable[[CelPolicy], bool]) -> Answers:
        """The responses of the policies that are asked, and meant."""
        seen = Verifications()
        variants = [one for one in self._variants if is_asked(one.policy)]
        unpinned = self._unpinned(request, variants)
        answers = [(one, judged) for one in variants if (judged := one.judge(request, seen, unpinned)) is not None]
        settled = [
            (one.policy, one.for_request(request).settled(judged, seen) if _passes(judged) else judged)
            for one, judged in answers
        ]
        return [(policy, _placed(judged, request.resource)) for policy, judged in settled]

    def _unpinned(self, request: CelRequest, variants: Sequence[_Variant]) -> dict[str, str]:
        """What the mutating webhook would change, which the CLI does not ask (Engine.HandleMutating)."""
        resource = request.request.new
        if not self._pins or resource is None:
            return {}
        pinning = [one for one in variants if image_validating.configured(one.policy, "mutateDigest")]
        return {image: pinned for one in pinning for image, pinned in one.unpinned(request, resource)}

    def ask_json(self, payload: Value) -> Answers:
        """The responses to a JSON document of the policies that judge any; raises PayloadError."""
        seen = Verifications()
        answers = []
        for variant in self._variants:
            if not variant.policy.is_json:
                continue
            try:
                policy = variant.compiled()
                judged = policy.judge({"object": payload}, seen)
            except (ExpressionError, ExceptionFault) as error:
                raise PayloadError(f"failed to compile policy [{error.words}]") from error
            except EvaluationError as error:
                raise PayloadError(str(error)) from error
            if judged is not None:
                answers.append((policy, judged))
        settled = [(one, one.settled(judged, seen) if _passes(judged) else judged) for one, judged in answers]
        return [(one.policy, _without_properties(judged.response)) for one, judged in settled]


def _passes(judged: Judged) -> bool:
    return judged.response.result is Result.PASS


def _without_properties(response: RuleResponse) -> RuleResponse:
    """What passes says nothing more of a JSON document (applyImageValidatingPolicies in commands/apply)."""
    return replace(response, properties={}) if response.result is Result.PASS else response


def _placed(judged: Judged, resource: Resource) -> RuleResponse:
    """The response at the image that it speaks of."""
    if not judged.about:
        return judged.response
    try:
        paths = [path for _, path in _images(resource) if _at(resource.value, path) == judged.about]
    except EngineError:
        paths = []
    return replace(judged.response, path=paths[0]) if paths else judged.response


def _images(resource: Resource) -> list[tuple[dict[str, Value], Path]]:
    """The images of a resource's containers and where they stand; raises EngineError."""
    found = images.extract(resource.kind, resource.value)
    return [(info, _path(info["jsonPointer"])) for infos in found.values() for info in infos.values()]


def _path(pointer: str) -> Path:
    return tuple(int(part) if part.isdecimal() else part for part in pointer.removeprefix("/").split("/"))


def _at(value: Value, path: Path) -> Value:
    for part in path:
        value = value[part]
    return value


def _erred(message: str, rule: str = "evaluation") -> Judged:
    return Judged(RuleResponse(rule, RuleType.IMAGE_VERIFY, Result.ERROR, message))
