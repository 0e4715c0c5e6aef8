"""Excludes of podSecurity (upstream: PodSecurityStandard.Validate and ValidatePSaControlNames in api/kyverno/v1)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Path, Value
from engine.schema import Fault
from engine.validation.faults import bad_value, forbidden

_OF_CONTAINERS = frozenset(
    {"Capabilities", "Privileged Containers", "Host Ports", "/proc Mount Type", "Privilege Escalation"}
)
_OF_PODS = frozenset({"Host Namespaces", "HostPath Volumes", "Sysctls", "Volume Types"})
_RESTRICTED_ONLY = frozenset(
    {"Volume Types", "Privilege Escalation", "Running as Non-root", "Running as Non-root user"}
)


def check(pod_security: dict[str, Value] | None, rule: Path) -> Iterator[Fault]:
    """The excluded controls of a rule, and whether its level has them."""
    if pod_security is None:
        return
    for index, exclude in enumerate(pod_security.get("exclude") or ()):
        shown = (*rule, "podSecurity", "exclude", index)
        place = (*rule, "validate", "podSecurity", "exclude", index)
        for fault in check_exclude(exclude, shown):
            yield fault._replace(path=(*place, *fault.path[len(shown) :]))
        name = exclude.get("controlName", "")
        if pod_security.get("level") == "baseline" and name in _RESTRICTED_ONLY:
            fault = bad_value((*shown, "controlName"), "Invalid control name defined at the given level", name)
            yield fault._replace(path=(*place, "controlName"))


def check_exclude(exclude: dict[str, Value], path: Path) -> Iterator[Fault]:
    """One excluded control; also those of a PolicyException."""
    name, images = exclude.get("controlName", ""), exclude.get("images")
    if name in _OF_CONTAINERS and not images:
        text = "exclude.images must be specified for the container level control"
        yield bad_value((*path, "controlName"), text, name)
    elif name in _OF_PODS and images:
        text = "exclude.images must not be specified for the pod level control"
        yield bad_value((*path, "controlName"), text, name)
    if exclude.get("restrictedField") and not exclude.get("values"):
        yield forbidden((*path, "values"), "values is required")
    if not exclude.get("restrictedField") and exclude.get("values"):
        yield forbidden((*path, "restrictedField"), "restrictedField is required")
