"""The policy engine: Kyverno's answers, computed without a cluster. docs/ENGINE.md shows how it is used alone.

What is named here is what users of the engine may rely on; each name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.admission import Admission, Answer, admit, events, scan
    from engine.cluster import Cluster
    from engine.cluster import from_resources as cluster_of
    from engine.documents import Document, load
    from engine.errors import EngineError
    from engine.jmespath import Runtime
    from engine.judge import EngineResponse, Judge
    from engine.match import UserInfo
    from engine.model import Action, Operation, Problem, Result, RuleResponse
    from engine.policies import Policy, PolicyException, PolicySet
    from engine.policy_reading import read as read_policies
    from engine.report import entry, policy_report
    from engine.request import Request
    from engine.resources import Resource
    from engine.resources import read as read_resources
    from engine.validation import validate, validate_exception

_PLACES = {
    "Action": "model",
    "Admission": "admission",
    "Answer": "admission",
    "Cluster": "cluster",
    "Document": "documents",
    "EngineError": "errors",
    "EngineResponse": "judge",
    "Judge": "judge",
    "Operation": "model",
    "Policy": "policies",
    "PolicyException": "policies",
    "PolicySet": "policies",
    "Problem": "model",
    "Request": "request",
    "Resource": "resources",
    "Result": "model",
    "RuleResponse": "model",
    "Runtime": "jmespath",
    "UserInfo": "match",
    "admit": "admission",
    "cluster_of": "cluster.from_resources",
    "entry": "report",
    "events": "admission",
    "load": "documents",
    "policy_report": "report",
    "read_policies": "policy_reading.read",
    "read_resources": "resources.read",
    "scan": "admission",
    "validate": "validation",
    "validate_exception": "validation",
}
"""Name to module, and to the name within it where that is another."""

__all__ = [
    "Action",
    "Admission",
    "Answer",
    "Cluster",
    "Document",
    "EngineError",
    "EngineResponse",
    "Judge",
    "Operation",
    "Policy",
    "PolicyException",
    "PolicySet",
    "Problem",
    "Request",
    "Resource",
    "Result",
    "RuleResponse",
    "Runtime",
    "UserInfo",
    "admit",
    "cluster_of",
    "entry",
    "events",
    "load",
    "policy_report",
    "read_policies",
    "read_resources",
    "scan",
    "validate",
    "validate_exception",
]


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, inner = place.partition(".")
    found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), inner or name)
    return found
