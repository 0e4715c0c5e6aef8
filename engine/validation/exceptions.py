"""PolicyExceptions, as the reference's webhook validates them (upstream: api/kyverno/v2/policy_exception_types.go)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Problem
from engine.policies import PolicyException
from engine.schema import Fault
from engine.validation.faults import forbidden, required
from engine.validation.pod_security import check_exclude
from engine.validation.structure import match_block


def validate_exception(exception: PolicyException) -> tuple[Problem, ...]:
    """What a cluster refuses of an exception; the reference's CLI does not look."""
    return tuple(_problem(exception, fault) for fault in _faults(exception))


def _problem(exception: PolicyException, fault: Fault) -> Problem:
    document = exception.document
    place = document.position((*exception.base, *fault.path))
    return Problem(fault.code, fault.message, document.file, place.line, place.column, fault.advice)


def _faults(exception: PolicyException) -> Iterator[Fault]:
    spec = exception.raw["spec"]
    if spec.get("background") is not False:
        for name in ("any", "all"):
            for index, item in enumerate(spec["match"].get(name) or ()):
                for field in ("roles", "clusterRoles", "subjects"):
                    if item.get(field):
                        yield forbidden(("spec", "match", name, index, field), "Usage of user info is forbidden")
    yield from match_block(spec["match"], ("spec", "match"), False)
    for index, entry in enumerate(spec["exceptions"]):
        if not entry["policyName"]:
            yield required(("spec", "exceptions", index, "policyName"), "An exception requires a policy name")
    for index, exclude in enumerate(spec.get("podSecurity") or ()):
        yield from check_exclude(exclude, ("spec", "podSecurity", index))
