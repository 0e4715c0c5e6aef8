"""Label selectors with wildcards, compiled (upstream: pkg/utils/match/labels.go, pkg/engine/wildcards/wildcards.go).

A wildcard in ``matchLabels`` stands for a label that the resource has; where none fits upstream puts a ``0`` in its
place and asks for that, which no label then satisfies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.errors import EngineError
from engine.model import Value
from engine.regex import later
from engine.values import wildcard

Labels = Mapping[str, Value]
Selector = Callable[[Labels], bool]

_NAME = later(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_DOMAIN = later(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_COMMA = later(r",(?![^(]*\))")
_TERM = later(r"(!)?\s*([^\s!=()]+)\s*(?:(==?|!=)\s*([^\s!=()]*)|\s(in|notin)\s*\(([^()]*)\))?")
_ARITY = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}
"""The operators, and whether they take values."""


def compile(selector: dict[str, Value]) -> Selector:
    """A selector as a predicate on labels; a malformed one never matches."""
    if has_wildcard(selector):
        plain = {key: value for key, value in _labels(selector).items() if not _is_wild(key, value)}
    else:
        plain = _labels(selector)
    if fault({**selector, "matchLabels": plain}):
        return lambda labels: False
    tests = [_equals(key, value) for key, value in plain.items()]
    tests += [_fits(key, value) for key, value in _labels(selector).items() if _is_wild(key, value)]
    tests += [_expression(entry) for entry in selector.get("matchExpressions") or ()]
    if len(tests) == 1:
        return tests[0]
    return lambda labels: all(test(labels) for test in tests)


def parse(text: str) -> dict[str, Value]:
    """The selector written as ``a=b,c!=d,e in (f,g),!h,i``; raises EngineError where it is none."""
    expressions = []
    for part in filter(None, map(str.strip, _COMMA.split(text))):
        found = _TERM.fullmatch(part)
        if found is None:
            raise EngineError(f"unable to parse requirement: {part}")
        expressions.append(_requirement(*found.groups(default="")))
    return {"matchExpressions": expressions}


def _requirement(absent: str, key: str, sign: str, value: str, word: str, values: str) -> dict[str, Value]:
    if word:
        listed = [item.strip() for item in values.split(",")]
        return {"key": key, "operator": "In" if word == "in" else "NotIn", "values": listed}
    if sign:
        return {"key": key, "operator": "NotIn" if sign == "!=" else "In", "values": [value]}
    return {"key": key, "operator": "DoesNotExist" if absent else "Exists"}


def has_wildcard(selector: dict[str, Value]) -> bool:
    """Whether ``matchLabels`` holds a wildcard."""
    return any(_is_wild(key, value) for key, value in _labels(selector).items())


def is_empty(selector: dict[str, Value]) -> bool:
    """Whether the selector asks for nothing, and so matches everything."""
    return not selector.get("matchLabels") and not selector.get("matchExpressions")


def fault(selector: dict[str, Value]) -> str:
    """What makes the selector malformed for Kubernetes, "" where nothing does (LabelSelectorAsSelector)."""
    for key, value in _labels(selector).items():
        if not is_key(key):
            return f'key: Invalid value: "{key}": name part must be a qualified name'
        if not is_value(value):
            return f'values[0][{key}]: Invalid value: "{value}": a valid label value is needed'
    for entry in selector.get("matchExpressions") or ():
        operator, values = entry["operator"], entry.get("values") or ()
        takes_values = _ARITY.get(operator)
        if takes_values is None:
            return f'"{operator}" is not a valid label selector operator'
        if takes_values and not values:
            return "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty"
        if not takes_values and values:
            return "values: Invalid value: values set must be empty for exists and does not exist"
        if not is_key(entry["key"]):
            return f'key: Invalid value: "{entry["key"]}": name part must be a qualified name'
        for value in values:
            if not is_value(value):
                return f'values[{entry["key"]}]: Invalid value: "{value}": a valid label value is needed'
    return ""


def _labels(selector: dict[str, Value]) -> dict[str, str]:
    return selector.get("matchLabels") or {}


def _is_wild(key: str, value: str) -> bool:
    return wildcard.contains(key) or wildcard.contains(value)


def is_key(key: str) -> bool:
    """Whether it is a qualified name, as keys of labels are."""
    prefix, slash, name = key.rpartition("/")
    if slash and not (len(prefix) <= 253 and _DOMAIN.fullmatch(prefix)):
        return False
    return len(name) <= 63 and _NAME.fullmatch(name) is not None


def is_value(value: str) -> bool:
    """Whether a label may have the value."""
    return not value or (len(value) <= 63 and _NAME.fullmatch(value) is not None)


def _equals(key: str, value: str) -> Selector:
    return lambda labels: labels.get(key) == value


def _fits(key: str, value: str) -> Selector:
    fits_key, fits_value = wildcard.compile(key), wildcard.compile(value)
    return lambda labels: any(fits_key(name) and fits_value(found) for name, found in labels.items())


def _expression(entry: dict[str, Value]) -> Selector:
    key, values = entry["key"], frozenset(entry.get("values") or ())
    match entry["operator"]:
        case "In":
            return lambda labels: labels.get(key) in values
        case "NotIn":
            return lambda labels: key not in labels or labels[key] not in values
        case "Exists":
            return lambda labels: key in labels
    return lambda labels: key not in labels
