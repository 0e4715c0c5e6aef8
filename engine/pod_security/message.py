"""The texts and report properties of violations (upstream: pkg/pss/evaluate.go, pkg/utils/report/results.go)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from engine.pod_security.exclude import Violations
from engine.pod_security.finding import FieldError
from engine.pod_security.pod import CONTROLLERS

Images = Callable[[], Mapping[str, Mapping[str, str]]]
"""The image references of a resource, by list of containers and name of container; asked only of a violation."""

_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
_IMAGE_LISTS = ("containers", "initContainers", "ephemeralContainers")


def describe(violations: Violations, kind: str) -> str:
    """All violations as a failing rule's message lists them."""
    return "".join(
        f"(Forbidden reason: {violation.reason}, field error list: "
        f"[{', '.join(_error(error, kind) for error in violation.errors or ())}])"
        for _, violation in violations
    )


def _error(error: FieldError, kind: str) -> str:
    field = _in_resource(error.text, kind)
    if error.required:
        return f"{field}: Required value"
    if error.bad == "" and isinstance(error.bad, str):
        return f"{field}: Forbidden"
    return f"{field} is forbidden, forbidden values found: {_bad(error)}"


def _in_resource(field: str, kind: str) -> str:
    """Upstream replaces the words wherever they stand, and metadata even for a Pod (convertChecks)."""
    if kind in CONTROLLERS:
        field = field.replace("spec", "spec.template.spec")
    elif kind == "CronJob":
        field = field.replace("spec", "spec.jobTemplate.spec.template.spec")
    return field.replace("metadata", "spec.template.metadata")


def _bad(error: FieldError) -> str:
    match error.bad:
        case bool():
            return "true" if error.bad else "false"
        case tuple():
            return f"[{' '.join(error.bad)}]"
    return str(error.bad)


def properties(violations: Violations, standard: str, version: str, images: Images) -> dict[str, str]:
    """The report properties of a violation; nothing where there is none."""
    if not violations:
        return {}
    known = images() if any(violation.subject is not None for _, violation in violations) else {}
    controls = [
        {"ID": check.id, "Name": check.control, "Images": _images(violation.subject, known)}
        for check, violation in violations
    ]
    return {
        "standard": standard,
        "version": version,
        "controls": ",".join(check.id for check, _ in violations),
        "controlsJSON": json.dumps(controls, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES),
    }


def _images(subject: str | None, known: Mapping[str, Mapping[str, str]]) -> list[str] | None:
    """The images of the containers that a detail text names; a name without image stands for itself."""
    if subject is None:
        return None
    text = subject.partition("must")[0].replace('"', "").replace(" ", "")
    return [_image(name, known) for name in text.split(",")]


def _image(name: str, known: Mapping[str, Mapping[str, str]]) -> str:
    for containers in _IMAGE_LISTS:
        found = known.get(containers, {}).get(name)
        if found is not None:
            return found
    return name
