"""Context entries of a rule (upstream: validateRuleContext in validate.go)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine import jmespath
from engine.errors import EngineError
from engine.model import Value
from engine.policies import Rule
from engine.regex import later
from engine.schema import Fault
from engine.validation.faults import invalid
from engine.validation.texts import without_variables

_PREDEFINED = ("images", "request", "serviceAccountName", "serviceAccountNamespace", "element", "elementIndex")
_KINDS = ("configMap", "apiCall", "globalReference", "imageRegistry", "variable")
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REFERENCE = later(
    rf"(?:(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?/)?{_PART}(?:/{_PART})*"
    r"(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?",
    re.ASCII,
)
"""An image reference (github.com/distribution/reference, regexp.go)."""
_PLACEHOLDER = "kyvernojmespathvariable"


def check(rule: Rule) -> Iterator[Fault]:
    """The rule's own entries."""
    entries = rule.raw.get("context") or ()
    text = ""
    if entries and (rule.raw.get("validate") or {}).get("cel"):
        text = "context variables are not supported for CEL expressions in validate rules"
    place = 0
    for index, entry in enumerate(entries):
        if text:
            break
        text, place = _entry(entry), index
    if text:
        yield invalid(f"path: spec.rules[{rule.index}]: {text}", "spec", "rules", rule.index, "context", place)


def _entry(entry: dict[str, Value]) -> str:
    name = entry["name"]
    if not name:
        return "a name is required for context entries"
    for taken in _PREDEFINED:
        if name == taken or name.startswith(f"{taken}."):
            return f"entry name {name} is invalid as it conflicts with a pre-defined variable {taken}"
    kind = next(kind for kind in _KINDS if kind in entry)  # the schema wants exactly one
    body = entry[kind]
    match kind:
        case "configMap":
            return _config_map(body)
        case "apiCall":
            if body.get("urlPath") and body.get("service") is not None:
                return "a URLPath cannot be used for service API calls"
        case "globalReference" if not body.get("name"):
            return "a name is required for globalReference context entry"
        case "imageRegistry":
            return _reference(body) or _expression(body)
        case "variable":
            return _expression(body) or _variable(body)
    return _expression(body)


def _config_map(body: dict[str, Value]) -> str:
    for name in ("name", "namespace"):
        if not body.get(name):
            return f"a {name} is required for configMap context entry"
    return ""


def _reference(body: dict[str, Value]) -> str:
    reference = body.get("reference", "")
    if not reference:
        return "a ref is required for imageRegistry context entry"
    if without_variables(reference, _PLACEHOLDER) == reference and _REFERENCE.fullmatch(reference) is None:
        return f"bad image: {reference}: invalid reference format"
    return ""


def _expression(body: dict[str, Value]) -> str:
    """The syntax of an expression that holds no variable."""
    expression = body.get("jmesPath", "")
    if not expression or without_variables(expression, _PLACEHOLDER) != expression:
        return ""
    try:
        jmespath.compile(expression)
    except EngineError as error:
        return f"failed to parse JMESPath {expression}: {error}"
    return ""


def _variable(body: dict[str, Value]) -> str:
    if body.get("jmesPath"):
        return ""
    if body.get("value") is None:
        return "a variable must define a value or a jmesPath expression"
    if body.get("default") is not None:
        return "a variable must define a default value only when a jmesPath expression is defined"
    return ""
