"""``validate.cel`` (upstream: pkg/engine/handlers/validation/validate_cel.go)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import methodcaller

from engine.cel.errors import EvaluationError
from engine.cel.libraries.kubernetes.authorizer import Attributes, Authorizer, Decision, ResourceCheck
from engine.cel_policies import environments, parameters, validator
from engine.cel_policies.kubernetes_expressions import Expression, KubernetesCompiler
from engine.cel_policies.request import CelRequest
from engine.cel_policies.sharing import looks_at
from engine.cel_policies.validator import Validator, Verdict
from engine.context import Context
from engine.errors import EngineError
from engine.inventory import Place
from engine.model import Path, RuleResponse, RuleType, Value
from engine.policies import Rule
from engine.rules import sharing
from engine.rules.reply import Body, Reply, Scope

_NOWHERE = Place("", "", "")
_NAMESPACE = ("", "v1", "Namespace")


def compile(rule: Rule) -> Body:
    """A rule body that holds the expressions against the request; what does not compile fails it."""
    cel = rule.raw["validate"]["cel"]
    reply = Reply(rule.name, RuleType.VALIDATION)
    has_params = _has_params(cel)
    asked = _validator(rule)
    passed = reply.passed(f"Validation rule '{rule.name}' passed.")

    def judge(context: Context, _scope: Scope | None) -> RuleResponse:
        request, read = _shared(context)
        try:
            given: Sequence[Value] = (None,)
            if has_params:
                given = parameters.collect(context.cluster, cel["paramKind"], cel["paramRef"], _namespace(request))
        except EngineError as error:
            return reply.error("error in parameterized resource", error)
        for params in given:
            decisions = asked.decide({**read, "params": params})
            if decisions is None:
                return reply.skipped("cel preconditions not met")
            for decision in decisions:
                if decision.verdict is not Verdict.ADMIT:
                    return reply.failed(decision.message, decision.path)
        return passed

    part = None if has_params else looks_at(asked.programs())
    return judge if part is None else sharing.share(judge, methodcaller("content", part))


def faults(rule: Rule) -> Iterator[tuple[Path, int, str]]:
    """What of a rule does not compile: its path in the policy, the line in its text, and why.

    The reference's webhook warns of it when the policy is made, and lets the rule fail every resource
    (pkg/validation/policy/validate.go).
    """
    asked = _validator(rule)
    base: Path = ("spec", "rules", rule.index)
    inside: Path = (*base, "validate", "cel")
    places: list[tuple[Path, Expression]] = []
    for n, one in enumerate(asked.conditions):
        places.append(((*base, "celPreconditions", n, "expression"), one))
    for n, one in enumerate(asked.compiler.named.values()):
        places.append(((*inside, "variables", n, "expression"), one))
    for n, made in enumerate(asked.validations):
        places.append(((*inside, "expressions", n, "expression"), made.expression))
        if made.message_expression is not None:
            places.append(((*inside, "expressions", n, "messageExpression"), made.message_expression))
    yield from ((path, one.line, one.fault) for path, one in places if one.program is None)


def _validator(rule: Rule) -> Validator:
    raw = rule.raw["validate"]
    has_params = _has_params(raw["cel"])
    compiler = KubernetesCompiler(
        environments.kubernetes(params=has_params, authorizer=True), environments.kubernetes(params=has_params)
    )
    conditions = rule.raw.get("celPreconditions")
    return validator.compile(
        raw["cel"], compiler, conditions=conditions, validations="expressions", message=raw.get("message") or ""
    )


def _has_params(cel: Mapping[str, Value]) -> bool:
    return cel.get("paramKind") is not None and cel.get("paramRef") is not None


def _shared(context: Context) -> tuple[CelRequest, dict[str, Value]]:
    """The request as expressions see it, made once for all rules."""
    found = context.memo.get("cel")
    if not isinstance(found, tuple):
        request = CelRequest(context.request, context.cluster)
        found = context.memo["cel"] = (request, _readable(request, context))
    return found


def _namespace(request: CelRequest) -> str:
    """The resource's namespace; a Namespace has none."""
    return "" if request.kind == _NAMESPACE else request.namespace


def _readable(request: CelRequest, context: Context) -> dict[str, Value]:
    """What the expressions read; offline, the reference knows of a namespace only its name, and no resource."""
    namespace = _namespace(request)
    place = None if context.cluster.as_cluster else _NOWHERE
    known = request.namespace_object if context.cluster.as_cluster else None
    if known is None and namespace:
        known = {"metadata": {"name": namespace}, "spec": {}, "status": {}}
    admission = request.admission(context.request.user, namespace=namespace, place=place)
    user = admission["userInfo"]
    ask = _nobody if context.cluster.as_cluster else _deny
    return {
        "object": request.object,
        "oldObject": request.old_object,
        "request": admission,
        "namespaceObject": known,
        "authorizer": Authorizer(Attributes(user=user), ask),
        "authorizer.requestResource": ResourceCheck(_resource(request, user), ask),
    }


def _resource(request: CelRequest, user: Value) -> Attributes:
    place = request.place
    return Attributes(
        user=user, group=place.group, resource=place.plural, namespace=request.namespace, name=request.name
    )


def _deny(_attributes: Attributes) -> Decision:
    """What the reference's offline client answers to every review."""
    return Decision(allowed=False)


def _nobody(_attributes: Attributes) -> Decision:
    raise EvaluationError("nobody can be asked for permissions without a cluster")
