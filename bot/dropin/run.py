"""One resource through the judge, as the reference's CLI simulates its admission (processor/policy_processor.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from bot.dropin.strict import FileError
from bot.dropin.values import Values
from engine.cluster import Cluster
from engine.judge import EngineResponse, Judge, unanswered
from engine.match import UserInfo
from engine.model import Operation, Problem, RuleResponse, Value
from engine.policies import AnyPolicy, Policy, PolicyException
from engine.request import Request, document
from engine.resources import Resource

if TYPE_CHECKING:
    from bot.dropin.cel_run import CelRun

_OPERATIONS = {"UPDATE": Operation.UPDATE, "DELETE": Operation.DELETE}


class Phase(Enum):
    """What policies are asked for, in the order in which they are."""

    MUTATE = "mutate"
    MUTATE_EXISTING = "mutateExisting"
    VERIFY = "verifyImages"
    VALIDATE = "validate"
    GENERATE = "generate"
    CLEANUP = "cleanup"


class Asked(Struct, frozen=True):
    """What one policy answered in one phase; ``after`` is the resource as the policy left it."""

    policy: AnyPolicy
    phase: Phase
    before: Resource
    after: Resource
    rules: tuple[RuleResponse, ...]

    def parted(self) -> tuple[Asked, list[Problem]]:
        """What was answered, and the rules that nobody could be asked about."""
        if not any(response.unjudged for response in self.rules):
            return self, []
        answered = tuple(response for response in self.rules if not response.unjudged)
        open_ = [unanswered(self.policy, response, self.before) for response in self.rules if response.unjudged]
        return replace(self, rules=answered), open_


Ask = Callable[[Resource], Iterator[Asked]]
"""Asks policies about one resource."""


class _Bench(Struct, frozen=True):
    """Policies that see the same request, and their judge."""

    policies: tuple[Policy, ...]
    judge: Judge
    mutating: tuple[Policy, ...]


class Run:
    """Asks policies about resources. ``operation`` goes before what the values say; it is "" where nothing is set."""

    def __init__(
        self,
        policies: Sequence[Policy],
        exceptions: Sequence[PolicyException],
        values: Values,
        cluster: Cluster,
        user: UserInfo | None = None,
        cel: CelRun | None = None,
    ) -> None:
        self.policies = tuple(policies)
        self._cel = cel
        self._values = values
        self._user = user
        cluster = replace(cluster, rule_values=values.of_rule if values.rules else None)
        self._cluster = cluster
        self._mutates = any(rule.has_mutate for policy in policies for rule in policy.rules)
        self._verifies = any(rule.has_verify_images for policy in policies for rule in policy.rules)
        self._generates = any(rule.has_generate for policy in policies for rule in policy.rules)
        groups = [(policy,) for policy in policies] if values.differs_by_policy else [self.policies]
        self._benches = [_Bench(group, Judge(group, cluster, exceptions), _mutating(group)) for group in groups]

    def ask(self, resource: Resource, operation: str = "", *, silent: bool = False) -> Iterator[Asked]:
        """The answers to one resource; ``silent`` also gives those of policies that were asked and said nothing.

        Of mutating policies every one is given, since the resource is shown after each.
        """
        for at, bench in enumerate(self._benches if self._mutates else ()):
            request = self._request(bench, resource, operation)
            responses, patched = bench.judge.mutate(request)
            yield from _mutated(bench, responses, request.resource)
            if patched is None:  # upstream goes on with an empty resource, which nothing matches
                for other in self._benches[at + 1 :]:
                    yield from _mutated(other, (), emptied(resource))
                return
            resource = patched.resource
        unverified: frozenset[tuple[str, str]] = frozenset()
        for bench in self._benches if self._verifies else ():
            request = self._request(bench, resource, operation)
            responses, verified = bench.judge.verify(request)
            yield from _verified(bench, responses, request.resource, silent)
            resource = verified.resource
            unverified |= verified.unverified
        for bench in self._benches:
            request = replace(self._request(bench, resource, operation), unverified=unverified)
            resource = request.resource
            yield from _validated(bench, bench.judge.validate(request), resource, silent)
        bound: Sequence[Asked] = ()
        if self._cel is not None:
            mutated, resource = self._cel.mutate(resource, operation)
            yield from mutated
            if not resource.value:
                return  # what is deleted is nothing to policies after one that mutates
            asked, bound = self._cel.validate(resource, operation)
            yield from asked
        for bench in self._benches if self._generates else ():
            request = self._request(bench, resource, operation)
            for response in bench.judge.generate(request):
                yield Asked(response.policy, Phase.GENERATE, request.resource, request.resource, response.rules)
        yield from bound

    def verify_images(self, resource: Resource, operation: str = "") -> Iterator[Asked]:
        """The answers of image validating policies, which see the resource as it was given."""
        return self._cel.verify(resource, operation) if self._cel is not None else iter(())

    def delete(self, resource: Resource) -> Iterator[Asked]:
        """Whether policies would delete a resource, whatever happens to it."""
        return self._cel.delete(resource) if self._cel is not None else iter(())

    def passes(self, *, are_payloads: bool) -> tuple[Ask, ...]:
        """What is asked of all resources, or JSON payloads, before the next is asked of any (apply/command.go)."""
        if are_payloads:
            cel = self._cel
            return () if cel is None else (cel.validate_json, cel.verify_json, cel.delete_json)
        return (self.ask,) if self._cel is None else (self.ask, self.verify_images, self.delete)

    def _request(self, bench: _Bench, resource: Resource, explicit: str) -> Request:
        name = bench.policies[0].name if self._values.differs_by_policy else ""
        variables = self._values.of(name, _own_name(resource))
        if explicit:
            variables["request.operation"] = explicit
        asked = variables.get("request.operation")
        operation = _OPERATIONS.get(asked, Operation.CREATE) if isinstance(asked, str) else Operation.CREATE
        if asked == str(operation):
            del variables["request.operation"]
        labels = self._values.namespaces.get(resource.namespace) or self._cluster.namespace_labels(resource.namespace)
        subresource = self._values.subresource_of(resource) if self._values.subresources else None
        request = Request(
            operation=operation,
            new=None if operation is Operation.DELETE else resource,
            old=None if operation is Operation.CREATE else resource,
            namespace="" if operation is Operation.DELETE else resource.namespace,
            namespace_labels=labels,
            user=self._user,
            subresource=subresource.name if subresource else "",
            parent=subresource.parent if subresource else None,
            variables=variables,
        )
        return _injected(request) if variables else request


def with_registry(cluster: Cluster) -> Cluster:
    """The cluster with registries that may be asked; raises FileError where docker's credentials cannot be read."""
    from bot import registry  # only with --registry
    from engine.registry import RegistryError

    try:
        return replace(cluster, registry=registry.client())
    except RegistryError as error:
        raise FileError(str(error)) from error


def operation_of(text: str) -> Operation:
    """The operation of that name; creation where it is none that is simulated."""
    return _OPERATIONS.get(text, Operation.CREATE)


def cleaned_up(
    policies: Iterable[Policy], resources: Sequence[Resource], values: Values, cluster: Cluster
) -> Iterator[Asked]:
    """What cleanup policies would delete; without a cluster they know no ConfigMap and no GlobalContextEntry."""
    if not policies or not resources:
        return
    from engine import cleanup  # only a few policies need it

    known = replace(cluster, config_maps=None, global_context=None, registry=None)
    for compiled in map(cleanup.compile, policies):
        for resource in resources:
            response = compiled.answer(resource, known, values.namespaces.get(resource.namespace) or {})
            yield Asked(compiled.policy, Phase.CLEANUP, resource, resource, (response,))


def _own_name(resource: Resource) -> str:
    name = (resource.value.get("metadata") or {}).get("name")
    return name if isinstance(name, str) else ""


def _injected(request: Request) -> Request:
    """The request with the variables that are parts of the object put into it, where patterns see them too."""
    if not any(key.startswith("request") and key != "request.operation" for key in request.variables):
        return request
    root: Mapping[str, Value] = document(request)["request"]
    rest = {key: value for key, value in request.variables.items() if not _is_part_of_object(key)}
    new, old = _with(request.new, root.get("object")), _with(request.old, root.get("oldObject"))
    return replace(request, new=new, old=old, variables=rest)


def _is_part_of_object(key: str) -> bool:
    return key == "request" or key.startswith(("request.object", "request.oldObject"))


def _with(resource: Resource | None, value: Value) -> Resource | None:
    if resource is None or value is resource.value or not isinstance(value, dict):
        return resource
    return Resource(value, resource.document, resource.base)


def _mutating(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    return tuple(policy for policy in policies if any(rule.has_mutate for rule in policy.rules))


def _mutated(bench: _Bench, responses: Sequence[EngineResponse], resource: Resource) -> Iterator[Asked]:
    by_policy = {id(response.policy): response for response in responses}
    for policy in bench.mutating:
        response = by_policy.get(id(policy))
        rules = response.rules if response else ()
        after = response.resource if response else resource
        if any(rule.emptied for rule in rules):
            after = emptied(resource)
        yield Asked(policy, Phase.MUTATE, resource, after, rules)
        resource = after


def emptied(resource: Resource) -> Resource:
    """What a mutation that fails leaves of a resource (pkg/engine/mutate/mutation.go: NewErrorResponse)."""
    return Resource({}, resource.document, resource.base)


def _verified(bench: _Bench, responses: Sequence[EngineResponse], resource: Resource, silent: bool) -> Iterator[Asked]:
    by_policy = {id(response.policy): response for response in responses}
    for policy in bench.policies:
        response = by_policy.get(id(policy))
        if response is not None:
            yield Asked(policy, Phase.VERIFY, resource, response.resource, response.rules)
            resource = response.resource
        elif silent and any(rule.has_verify_images for rule in policy.rules):
            yield Asked(policy, Phase.VERIFY, resource, resource, ())


def _validated(bench: _Bench, responses: Sequence[EngineResponse], resource: Resource, silent: bool) -> Iterator[Asked]:
    if not silent:
        for response in responses:
            yield Asked(response.policy, Phase.VALIDATE, resource, resource, response.rules)
        return
    by_policy = {id(response.policy): response for response in responses}
    for policy in bench.policies:
        if any(rule.has_validate or rule.checks_images for rule in policy.rules):
            answered = by_policy.get(id(policy))
            yield Asked(policy, Phase.VALIDATE, resource, resource, answered.rules if answered else ())
