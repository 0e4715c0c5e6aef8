"""PolicyExceptions, as the reference's webhook validates them (upstream: api/kyverno/v2/policy_exception_types.go)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Problem
from engine.policies import PolicyException
from engine.schema import Fault
from engine.validation.faults import problem, required
from engine.validation.pod_security import check_exclude
from engine.validation.structure import match_block, no_users


def validate_exception(exception: PolicyException) -> tuple[Problem, ...]:
    """What a cluster refuses of an exception; the reference's CLI does not look."""
    return tuple(problem(exception.document, exception.base, fault) for fault in _faults(exception))


def _faults(exception: PolicyException) -> Iterator[Fault]:
    spec = exception.raw["spec"]
    if spec.get("background") is not False:
        yield from no_users(spec["match"], ("spec", "match"))
    yield from match_block(spec["match"], ("spec", "match"), False)
    for index, entry in enumerate(spec["exceptions"]):
        if not entry["policyName"]:
            yield required(("spec", "exceptions", index, "policyName"), "An exception requires a policy name")
    for index, exclude in enumerate(spec.get("podSecurity") or ()):
        yield from check_exclude(exclude, ("spec", "podSecurity", index))
