"""Kubernetes' authorization checks (upstream: library/authz.go): what to ask is built here, who answers is given.

An expression gets the answers through the variables ``authorizer`` and ``authorizer.requestResource``, whose values are
``Authorizer(Attributes(user=...), ask)`` and a ``ResourceCheck``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from engine.cel.costs import LIST, OBJECT, traversal
from engine.cel.errors import EvaluationError
from engine.cel.functions import Cost, Library, Overload, function, member
from engine.cel.libraries.costs import fixed
from engine.cel.libraries.kubernetes.names import dns_label_faults, dns_subdomain_faults
from engine.cel.types import BOOL, STRING, Type, object_type
from engine.cel.values import Opaque, Value
from engine.values import golang

AUTHORIZER_TYPE: Final = object_type("kubernetes.authorization.Authorizer")
PATH_CHECK_TYPE: Final = object_type("kubernetes.authorization.PathCheck")
GROUP_CHECK_TYPE: Final = object_type("kubernetes.authorization.GroupCheck")
RESOURCE_CHECK_TYPE: Final = object_type("kubernetes.authorization.ResourceCheck")
DECISION_TYPE: Final = object_type("kubernetes.authorization.Decision")
_CHECK_COST: Final = 350_000
"""So that an expression can afford two."""


class Attributes(Struct, frozen=True):
    """What is asked: may the ``user`` do ``verb`` to the path or resource; ``user`` is as in a request's userInfo."""

    user: Value = None
    verb: str = ""
    path: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    field_selector: str = ""
    label_selector: str = ""


class Decision(Struct, frozen=True):
    """The answer; ``error`` is empty unless there was one."""

    allowed: bool
    reason: str = ""
    error: str = ""


Ask = Callable[[Attributes], Decision]


class _Step(Opaque):
    """A question that is being built, and who answers it."""

    __slots__ = ("ask", "attributes")

    def __init__(self, attributes: Attributes, ask: Ask) -> None:
        self.attributes = attributes
        self.ask = ask


class Authorizer(_Step):
    """Knows the user."""

    cel_type: ClassVar[Type] = AUTHORIZER_TYPE


class PathCheck(_Step):
    """Knows the path too."""

    cel_type: ClassVar[Type] = PATH_CHECK_TYPE


class GroupCheck(_Step):
    """Knows the API group too."""

    cel_type: ClassVar[Type] = GROUP_CHECK_TYPE


class ResourceCheck(_Step):
    """Knows the resource too."""

    cel_type: ClassVar[Type] = RESOURCE_CHECK_TYPE


class DecisionValue(Opaque):
    """A decision as expressions see it."""

    __slots__ = ("decision",)
    cel_type: ClassVar[Type] = DECISION_TYPE

    def __init__(self, decision: Decision) -> None:
        self.decision = decision


def _path(step: Authorizer, path: str) -> PathCheck:
    if not golang.trim_space(path):
        raise EvaluationError("path must not be empty")
    return PathCheck(replace(step.attributes, path=path), step.ask)


def _group(step: Authorizer, group: str) -> GroupCheck:
    return GroupCheck(replace(step.attributes, group=group), step.ask)


def _service_account(step: Authorizer, namespace: str, name: str) -> Authorizer:
    if dns_subdomain_faults(name):
        raise EvaluationError("Invalid service account name")
    if dns_label_faults(namespace):
        raise EvaluationError("Invalid service account namespace")
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}"]
    user = {"username": f"system:serviceaccount:{namespace}:{name}", "groups": groups}
    return Authorizer(replace(step.attributes, user=user), step.ask)


def _resource(step: GroupCheck, resource: str) -> ResourceCheck:
    if not golang.trim_space(resource):
        raise EvaluationError("resource must not be empty")
    return ResourceCheck(replace(step.attributes, resource=resource), step.ask)


def _check(step: _Step, verb: str) -> DecisionValue:
    return DecisionValue(step.ask(replace(step.attributes, verb=verb)))


def _narrowing(id: str, attribute: str, cost: Cost | None = None) -> Overload:
    def narrow(step: ResourceCheck, value: str) -> ResourceCheck:
        return ResourceCheck(replace(step.attributes, **{attribute: value}), step.ask)

    return member(id, (RESOURCE_CHECK_TYPE, STRING), RESOURCE_CHECK_TYPE, narrow, cost)


def _selector(_step: ResourceCheck, selector: str) -> int:
    """A list, a walk over the text, and a requirement (a list and an object) for every two characters."""
    return LIST + traversal(len(selector)) + (len(selector) + 1) // 2 * (LIST + OBJECT)


AUTHORIZER: Final = Library(
    "kubernetes.authz",
    functions=(
        function("path", member("authorizer_path", (AUTHORIZER_TYPE, STRING), PATH_CHECK_TYPE, _path)),
        function("group", member("authorizer_group", (AUTHORIZER_TYPE, STRING), GROUP_CHECK_TYPE, _group)),
        function(
            "serviceAccount",
            member("authorizer_serviceaccount", (AUTHORIZER_TYPE, STRING, STRING), AUTHORIZER_TYPE, _service_account),
        ),
        function("resource", member("groupcheck_resource", (GROUP_CHECK_TYPE, STRING), RESOURCE_CHECK_TYPE, _resource)),
        function("subresource", _narrowing("resourcecheck_subresource", "subresource")),
        function("namespace", _narrowing("resourcecheck_namespace", "namespace")),
        function("name", _narrowing("resourcecheck_name", "name")),
        function("fieldSelector", _narrowing("authorizer_fieldselector", "field_selector", _selector)),
        function("labelSelector", _narrowing("authorizer_labelselector", "label_selector", _selector)),
        function(
            "check",
            member("pathcheck_check", (PATH_CHECK_TYPE, STRING), DECISION_TYPE, _check, fixed(_CHECK_COST)),
            member("resourcecheck_check", (RESOURCE_CHECK_TYPE, STRING), DECISION_TYPE, _check, fixed(_CHECK_COST)),
        ),
        function("allowed", member("decision_allowed", (DECISION_TYPE,), BOOL, lambda it: it.decision.allowed)),
        function("errored", member("decision_errored", (DECISION_TYPE,), BOOL, lambda it: bool(it.decision.error))),
        function("error", member("decision_error", (DECISION_TYPE,), STRING, lambda it: it.decision.error)),
        function("reason", member("decision_reason", (DECISION_TYPE,), STRING, lambda it: it.decision.reason)),
    ),
)
