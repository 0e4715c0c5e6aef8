"""Cleanup policies: whether one would delete a resource (upstream: applyCleanupPolicies in commands/apply/command.go,
cmd/cleanup-controller/handlers). Nothing is deleted, and when it would be is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from engine import context_entries, match
from engine.cluster import Cluster
from engine.conditions import blocks
from engine.context import Context
from engine.errors import EngineError
from engine.images import IMAGES
from engine.match import Predicate
from engine.model import Operation, RuleResponse, RuleType
from engine.policies import Policy
from engine.request import Request
from engine.resources import Resource
from engine.rules.reply import Reply


class Cleanup(Struct, frozen=True):
    """A cleanup policy ready to be asked; ``excludes`` and ``conditions`` are None where it has none."""

    policy: Policy
    matches: Predicate
    excludes: Predicate | None
    entries: context_entries.Declared
    conditions: blocks.Condition | None
    reply: Reply

    def answer(self, resource: Resource, cluster: Cluster, namespace_labels: Mapping[str, str]) -> RuleResponse:
        """Passes where the policy would delete the resource, fails where it would not.

        ``namespace_labels`` are those of the resource's namespace.
        """
        request = Request(Operation.CREATE, new=resource, namespace_labels=namespace_labels)
        try:
            deletes = self._selects(request) and self._meets(request, cluster)
        except EngineError as error:
            return self.reply.error(str(error))
        return self.reply.passed("resource matched") if deletes else self.reply.failed("resource did not match")

    def _selects(self, request: Request) -> bool:
        namespace = self.policy.namespace
        if namespace and request.resource.namespace != namespace:
            return False
        subject = request.subject()
        return self.matches(subject) and not (self.excludes is not None and self.excludes(subject))

    def _meets(self, request: Request, cluster: Cluster) -> bool:
        if self.conditions is None:
            return True
        resource = request.resource
        root = {"target": resource.value, "request": {"namespace": resource.namespace}}
        context = Context(request, cluster, root, None)
        context.add([*self.entries.available(context), *IMAGES])
        return self.conditions(context)


def compile(policy: Policy) -> Cleanup:
    """Compile a CleanupPolicy or ClusterCleanupPolicy; it answers under its own name."""
    spec = policy.spec
    exclude, conditions = spec.get("exclude"), spec.get("conditions")
    return Cleanup(
        policy=policy,
        matches=match.compile_cleanup(spec["match"]),
        excludes=None if exclude is None else match.compile_cleanup(exclude),
        entries=context_entries.compile(spec.get("context"), ""),
        conditions=None if conditions is None else blocks.compile_all_any(conditions),
        reply=Reply(policy.name, RuleType.DELETION),
    )
