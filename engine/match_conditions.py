"""``webhookConfiguration.matchConditions``: whether a policy is asked at all (upstream: pkg/engine/internal/match.go).

In a cluster they are asked twice: by the API server before it calls the webhook of the policy, and by the engine, which
sees the request with other eyes. What errs for the API server is refused, unless ``failurePolicy`` ignores it
(apiserver's webhook/matchconditions/matcher.go); what errs for the engine is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from engine.cel.errors import EvaluationError
from engine.cel_policies import environments
from engine.cel_policies.kubernetes_expressions import Expression, KubernetesCompiler, unmet
from engine.cel_policies.request import CelRequest, background_user
from engine.cluster import Cluster
from engine.inventory import Place
from engine.match import UserInfo
from engine.model import Result, RuleResponse, RuleType, Value
from engine.policies import Policy
from engine.request import Request

_NOWHERE = Place("", "", "")
_FAILED = "match conditions could not be evaluated"
_WHO = "not evaluated: its match conditions look at who asks, which is not known"
_ODD = "not evaluated: Kyverno cannot evaluate its match conditions"


class Gate(Struct, frozen=True):
    """The match conditions of a policy, compiled."""

    conditions: tuple[Expression, ...]
    ignores_errors: bool

    def lets(self, request: Request, cluster: Cluster) -> bool:
        """Whether the policy is asked; conditions that err keep it from being asked, as in the reference."""
        try:
            return all(not self._unmet(read) for read in _views(request, cluster))
        except EvaluationError:
            return False

    def refuses(self, request: Request, cluster: Cluster) -> RuleResponse | None:
        """What a cluster says to a request where conditions err, or where it is not known what they say."""
        seen = CelRequest(request, cluster)
        known = request.user or background_user(None)
        try:
            if self._unmet(_as_server(seen, known)):
                hidden = request.user is None and self._errs(_as_server(seen, UserInfo()))
                return _response(_WHO, unjudged=True) if hidden else None
        except EvaluationError as error:
            return None if self.ignores_errors else _response(f"{_FAILED}: {error}")
        try:
            self._unmet(_as_engine(seen, known))
        except EvaluationError as error:
            return None if self.ignores_errors else _response(f"{_ODD}: {error}", unjudged=True)
        return None

    def _unmet(self, read: Mapping[str, Value]) -> bool:
        return unmet(self.conditions, read, ignores_errors=False)

    def _errs(self, read: Mapping[str, Value]) -> bool:
        try:
            self._unmet(read)
        except EvaluationError:
            return True
        return False


def compile(policy: Policy) -> Gate:
    """The gate of a policy; it stays shut where a condition does not compile, of which ``faults`` tells."""
    return Gate(_compiled(policy), policy.ignores_errors)


def faults(policy: Policy) -> Iterator[tuple[int, str]]:
    """What of the conditions does not compile: its index, and why."""
    for index, condition in enumerate(_compiled(policy)):
        if condition.program is None:
            yield index, condition.fault


def _compiled(policy: Policy) -> tuple[Expression, ...]:
    """Without an authorizer: the API server has one, the engine not."""
    return KubernetesCompiler(environments.kubernetes()).conditions(policy.match_conditions)


def _views(request: Request, cluster: Cluster) -> Iterator[Mapping[str, Value]]:
    """What conditions read, in each of the places that ask them."""
    seen = CelRequest(request, cluster)
    if not cluster.as_cluster:
        yield _as_engine(seen, request.user)
        return
    user = request.user or background_user(None)
    yield _as_server(seen, user)
    yield _as_engine(seen, user)


def _as_server(seen: CelRequest, user: UserInfo) -> dict[str, Value]:
    """The request as the API server has it; it hands no namespace to conditions."""
    return _readable(seen.object, seen.old_object, seen.admission(user))


def _as_engine(seen: CelRequest, user: UserInfo | None) -> dict[str, Value]:
    """The request as the engine has it: both objects are there, be they without content, and named by the new one."""
    group, version, kind = seen.kind
    type_ = {"apiVersion": f"{group}/{version}" if group else version, "kind": kind}
    request = seen.admission(user, place=None if seen.in_cluster else _NOWHERE)
    if seen.request.new is None:
        request = {key: value for key, value in request.items() if key not in ("name", "namespace")}
    return _readable({**(seen.object or {}), **type_}, {**(seen.old_object or {}), **type_}, request)


def _readable(new: Value, old: Value, request: Value) -> dict[str, Value]:
    return {"object": new, "oldObject": old, "request": request, "namespaceObject": None}


def _response(message: str, *, unjudged: bool = False) -> RuleResponse:
    return RuleResponse("", RuleType.VALIDATION, Result.ERROR, message, unjudged=unjudged)
