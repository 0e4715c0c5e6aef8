"""Policies for pod controllers made of policies for Pods (upstream: pkg/cel/autogen, policies/{vpol,mpol}/autogen).

The reference replaces text in the policy's JSON; no text can reach across a string's end, so that replacing in each of
its strings gives the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from msgspec.structs import replace

from engine.cel_records import CelPolicy
from engine.inventory import Place
from engine.model import Value
from engine.regex import later

_TEMPLATE: Final = "spec.template"
_JOB_TEMPLATE: Final = "spec.jobTemplate.spec.template"

_OBJECTS: Final = later(r"\b(object|oldObject|Object)\.(spec|metadata\.labels|metadata\.annotations)", re.ASCII)
_ROOTS: Final = ("object.", "oldObject.")
_LOOKALIKE: Final = later(r"(?:[A-Za-z0-9_]|\bvariables\.)(?:object|oldObject)\.(?:spec|metadata)", re.ASCII)
"""What is moved with the object's fields though it is another's."""


class _Variant(NamedTuple):
    """Pod controllers that hold their Pod at one place, sorted as their rules are."""

    template: str
    controllers: tuple[Place, ...]


_VARIANTS: Final = (
    _Variant(_JOB_TEMPLATE, (Place("batch", "v1", "cronjobs"),)),
    _Variant(
        _TEMPLATE,
        (
            Place("apps", "v1", "daemonsets"),
            Place("apps", "v1", "deployments"),
            Place("apps", "v1", "replicasets"),
            Place("apps", "v1", "statefulsets"),
            Place("batch", "v1", "jobs"),
        ),
    ),
)

Spec = dict[str, Value]


def expand(policy: CelPolicy) -> tuple[CelPolicy, ...]:
    """The policy, and what is made of it for pod controllers; all have its name."""
    return (policy, *_made_of(policy))


def _made_of(policy: CelPolicy) -> Iterator[CelPolicy]:
    lift = _LIFTS.get(policy.family)
    constraints = policy.spec.get("matchConstraints")
    if lift is None or constraints is None or not _is_possible(constraints):
        return
    controllers = ((policy.spec.get("autogen") or {}).get("podControllers") or {}).get("controllers")
    for variant in _VARIANTS:
        chosen = [place for place in variant.controllers if controllers is None or place.plural in controllers]
        if chosen:
            spec = lift({**policy.spec, "matchConstraints": _constraints(constraints, chosen)}, variant.template)
            yield replace(policy, spec=spec)


def may_break(policy: CelPolicy) -> bool:
    """Whether what is made of the policy may not compile though the policy does.

    Objects are wrapped as text; elsewhere only the fields of what is typed may not be there any longer, and all that
    ends in "object" is taken for the object.
    """
    return policy.family == "MutatingPolicy" or _is_another(policy.spec)


def _is_another(value: Value) -> bool:
    match value:
        case str():
            return _LOOKALIKE.search(value) is not None
        case dict():
            return any(_is_another(inner) for inner in value.values())
        case list():
            return any(map(_is_another, value))
    return False


def _is_possible(constraints: Spec) -> bool:
    """Whether the constraints ask for plain Pods and nothing but (upstream: pkg/cel/autogen/support.go)."""
    selector = constraints.get("objectSelector") or {}
    if selector.get("matchLabels") or selector.get("matchExpressions") or constraints.get("excludeResourceRules"):
        return False
    rules = constraints.get("resourceRules") or []
    if len(rules) != 1 or rules[0].get("resourceNames"):
        return False
    asked = tuple(tuple(rules[0].get(name) or ()) for name in ("apiGroups", "apiVersions", "resources"))
    return asked == (("",), ("v1",), ("pods",))


def _constraints(constraints: Spec, chosen: Iterable[Place]) -> Spec | None:
    operations = constraints["resourceRules"][0].get("operations")
    if not operations:
        return None
    by_version: dict[tuple[str, str], list[str]] = {}
    for group, version, plural in chosen:
        by_version.setdefault((group, version), []).append(plural)
    rules = [
        {"apiGroups": [group], "apiVersions": [version], "operations": operations, "resources": plurals}
        for (group, version), plurals in by_version.items()
    ]
    made: Spec = {"resourceRules": rules}
    if constraints.get("namespaceSelector") is not None:
        made["namespaceSelector"] = constraints["namespaceSelector"]
    return made


def _lift_all(spec: Spec, template: str) -> Spec:
    """Every string of the policy, its metadata kept where only a namespace is asked for."""
    moves = [(f"{root}{field}", f"{root}{template}.{field}") for field in ("spec", "metadata") for root in _ROOTS]

    def moved(text: str) -> str:
        for start, goal in moves:
            if start in text:
                text = _moved(text, start, goal)
        return text

    lifted: Spec = _each_string(spec, moved)
    return lifted


def _moved(text: str, start: str, goal: str) -> str:
    """The text with the goal wherever the start stands, but for ``start.namespace``."""
    head, *rest = text.split(start)
    return head + "".join((start if _asks_namespace(part) else goal) + part for part in rest)


def _asks_namespace(rest: str) -> bool:
    following = rest[len(".namespace") :][:1]
    return rest.startswith(".namespace") and not (following.isascii() and (following.isalnum() or following == "_"))


def _each_string(value: Value, change: Callable[[str], str]) -> Value:
    match value:
        case str():
            return change(value)
        case dict():
            return {change(key): _each_string(inner, change) for key, inner in value.items()}
        case list():
            return [_each_string(inner, change) for inner in value]
    return value


def _lift_mutations(spec: Spec, template: str) -> Spec:
    """The conditions and what is merged; variables and JSON patches stay as they are written."""
    lifted = {**spec}
    if spec.get("matchConditions"):
        lifted["matchConditions"] = [_lifted_entry(entry, template) for entry in spec["matchConditions"]]
    if spec.get("mutations"):
        lifted["mutations"] = [_lifted_mutation(entry, template) for entry in spec["mutations"]]
    return lifted


def _lifted_mutation(mutation: Spec, template: str) -> Spec:
    merged = mutation.get("applyConfiguration")
    return mutation if merged is None else {**mutation, "applyConfiguration": _lifted_entry(merged, template)}


def _lifted_entry(entry: Spec, template: str) -> Spec:
    text = entry.get("expression")
    return {**entry, "expression": _lifted_text(text, template)} if text else entry


def _lifted_text(text: str, template: str) -> str:
    """The expression with its fields moved, and the object that it makes wrapped (mpol/autogen/autogen.go)."""
    text = _OBJECTS.sub(lambda found: f"{found.group(1)}.{template}.{found.group(2)}", text)
    stripped = text.strip()
    content = stripped.removeprefix("Object").lstrip(" \t\r\n")
    if not stripped.startswith("Object") or not content.startswith("{"):
        return text
    end = _closing(content)
    if end <= 1:
        return text
    opening, closing = _wrapper(template)
    return opening + content[1:end] + closing + content[end + 1 :]


def _closing(content: str) -> int:
    """Where the first brace is closed; 0 where it is not."""
    depth = 0
    for index, character in enumerate(content):
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return index
    return 0


def _wrapper(template: str) -> tuple[str, str]:
    names = template.split(".")
    opening = "Object{"
    path = "Object"
    for name in names:
        path = f"{path}.{name}"
        opening += f"{name}: {path}{{"
    return opening, "}" * (len(names) + 1)


_LIFTS: Final[dict[str, Callable[[Spec, str], Spec]]] = {
    "ValidatingPolicy": _lift_all,
    "ImageValidatingPolicy": _lift_all,
    "MutatingPolicy": _lift_mutations,
}
