"""One resource through the policies in CEL, as the reference's CLI asks them (processor/policy_processor.go)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from msgspec.structs import replace

from bot.dropin.run import Asked, Phase, emptied, operation_of
from bot.dropin.strict import FileError
from bot.dropin.values import Values
from engine.cel.errors import EvaluationError
from engine.cel_policies.judge import CelJudge
from engine.cel_policies.outcome import CelResponse
from engine.cel_records import CelPolicySet
from engine.cluster import Cluster
from engine.errors import PolicyError
from engine.match import UserInfo
from engine.model import Operation, RuleResponse
from engine.patch.structured.types import Schemas, built_in
from engine.policies import AnyPolicy
from engine.request import Request
from engine.resources import Resource

_PHASES = {
    "MutatingPolicy": Phase.MUTATE,
    "MutatingAdmissionPolicy": Phase.MUTATE,
    "GeneratingPolicy": Phase.GENERATE,
    "DeletingPolicy": Phase.CLEANUP,
}


class CelRun:
    """Asks policies in CEL about resources; ``params`` is None where a cluster is asked for parameters."""

    def __init__(
        self,
        found: CelPolicySet,
        values: Values,
        cluster: Cluster,
        user: UserInfo | None = None,
        params: Sequence[Resource] | None = (),
        schemas: Schemas = built_in,
        targets: Sequence[Resource] = (),
    ) -> None:
        known = replace(cluster, namespace_objects=values.namespace_objects)
        given = None if params is None else [resource.value for resource in params]
        self.judge = CelJudge(found, known, schemas=schemas, params=given)
        self._values = values
        self._user = user
        self._cluster = cluster
        self._targets = targets

    def mutate(self, resource: Resource, operation: str) -> tuple[list[Asked], Resource]:
        """The answers of policies that mutate, and the resource as they leave it."""
        self._check(resource)
        request = self._request(resource, operation)
        responses, patched = self.judge.mutate(request)
        noted = [found for found in responses if found.is_noted]
        if request.new is None and any(map(_is_ours, noted)):
            return self._mutate_nothing(noted, resource)
        after = patched.resource
        # Kyverno's own policies all speak of what those of Kubernetes leave, each of which sees the one before it.
        left = next((found.resource for found in responses if _is_ours(found)), resource)
        asked = [_asked(one, left if _is_ours(one) else one.resource, after) for one in noted]
        return [*asked, *self._mutate_existing(request, resource, after)], after

    def _mutate_nothing(self, noted: Sequence[CelResponse], resource: Resource) -> tuple[list[Asked], Resource]:
        """The answers where a resource is deleted: Kyverno's own policies speak of none, and leave none to others."""
        nothing = emptied(resource)
        places = [nothing if _is_ours(found) else resource for found in noted]
        return [_asked(found, place, place) for found, place in zip(noted, places, strict=True)], nothing

    def _mutate_existing(self, request: Request, resource: Resource, after: Resource) -> Iterator[Asked]:
        """The answers of policies that patch the targets that were given."""
        if not self._targets:
            return
        try:
            found = self.judge.mutate_existing(request, after, self._targets)
        except EvaluationError as error:
            text = f"failed to discover CEL targets: failed to evaluate CEL expression: {error}"
            raise FileError(f"failed to apply policies on resource {resource.name} ({text})") from error
        for answer in found:
            yield replace(_asked(answer, resource, after), phase=Phase.MUTATE_EXISTING)

    def validate(self, resource: Resource, operation: str) -> tuple[list[Asked], list[Asked]]:
        """The answers of policies that validate and then of those that generate; apart those of Kubernetes' own.

        Those come last of all (policy_processor.go).
        """
        request = self._request(resource, operation)
        found = [*self.judge.validate(request), *self.judge.generate(request)]
        asked = [_asked(one, resource, resource) for one in found if one.is_noted]
        bound = [one for one in asked if one.policy.kind == "ValidatingAdmissionPolicy"]
        return [one for one in asked if one.policy.kind != "ValidatingAdmissionPolicy"], bound

    def verify(self, resource: Resource, operation: str) -> Iterator[Asked]:
        """The answers of policies that validate images."""
        for found in self.judge.verify(self._request(resource, operation)):
            yield _asked(found, resource, resource)

    def delete(self, resource: Resource) -> Iterator[Asked]:
        """Whether policies would delete the resource."""
        for found in self.judge.delete(self._request(resource, "")):
            if found.is_noted:
                yield _asked(found, resource, resource)

    def judge_json(self, payload: Resource) -> Iterator[Asked]:
        """The answers of a test to a JSON document; raises FileError where that ends the reference."""
        yield from chain(self.validate_json(payload), self.verify_json(payload), self.delete_json(payload, "resource"))

    def validate_json(self, payload: Resource) -> Iterator[Asked]:
        """The answers of policies that validate any JSON document."""
        self._check(payload)
        for policy, response in self.judge.validate_json(payload.value):
            yield Asked(policy, Phase.VALIDATE, payload, payload, (response,))

    def verify_json(self, payload: Resource) -> Iterator[Asked]:
        """The answers of policies that validate images in any."""
        try:
            found = self.judge.verify_json(payload.value)
        except PolicyError as error:
            raise FileError(f"failed to apply image validating policies on JSON payload: {error}") from error
        for policy, response in found:
            yield Asked(policy, Phase.VALIDATE, payload, payload, (response,))

    def delete_json(self, payload: Resource, what: str = "json") -> Iterator[Asked]:
        """Whether policies would delete a JSON document, which their answers call ``what``."""
        for policy, response in self.judge.delete_json(payload.value, what):
            yield Asked(policy, Phase.CLEANUP, payload, payload, (response,))

    def _check(self, resource: Resource) -> None:
        """Raise FileError where a policy does not compile, which ends the reference."""
        for policy, problem in self.judge.problems:
            text = f"failed to compile policy {policy.name} ({problem.message})"
            raise FileError(f"failed to apply policies on resource {resource.name} ({text})")

    def _request(self, resource: Resource, explicit: str) -> Request:
        operation = operation_of(explicit or self._values.operation)
        subresource = self._values.subresource_of(resource) if self._values.subresources else None
        labels = self._values.namespaces.get(resource.namespace) or self._cluster.namespace_labels(resource.namespace)
        return Request(
            operation=operation,
            new=None if operation is Operation.DELETE else resource,
            old=None if operation is Operation.CREATE else resource,
            namespace=resource.namespace,
            namespace_labels=labels,
            user=self._user,
            parent=subresource.parent if subresource else None,
        )


def _is_ours(found: CelResponse) -> bool:
    """Whether a policy that mutates is Kyverno's own, and not one of Kubernetes'."""
    return found.policy.family == "MutatingPolicy"


def _asked(found: CelResponse, before: Resource, after: Resource) -> Asked:
    policy: AnyPolicy = found.policy
    rules: tuple[RuleResponse, ...] = found.rules
    return Asked(policy, _PHASES.get(found.policy.family, Phase.VALIDATE), before, after, rules)
