"""``matchConstraints`` as predicates (upstream: pkg/cel/matching/matcher.go, apiserver's webhook/predicates)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from engine import selectors
from engine.errors import EngineError
from engine.inventory import Place
from engine.model import Value
from engine.selectors import Selector

_ANY: Final = "*"
_MOST_KNOWN: Final = 1024
_NAMESPACES: Final = Place("", "v1", "namespaces")


class Attributes(Struct, frozen=True):
    """What constraints are held against.

    ``labels`` are those of the object; ``old_labels`` of the old object, None where there is none.
    ``namespace_labels`` are None where nothing is known of the namespace.
    """

    place: Place
    operation: str
    name: str
    namespace: str
    labels: Mapping[str, Value]
    old_labels: Mapping[str, Value] | None = None
    namespace_labels: Mapping[str, str] | None = None
    generate_name: str = ""
    subresource: str = ""


Constraints = Callable[[Attributes], bool]
"""Whether a request is meant; raises EngineError where a selector is malformed."""

_Test = Callable[[Attributes], bool]


def compile(raw: dict[str, Value] | None, *, any_operation: bool = False) -> Constraints:
    """Constraints as a predicate; ``any_operation`` takes no notice of the operations that rules name."""
    block = raw or {}
    in_namespace = _namespace(block.get("namespaceSelector"))
    fits_object = _object(block.get("objectSelector"))
    fits_rules = _rules(block, any_operation=any_operation)
    fault = next(filter(None, (_fault(block, name) for name in ("namespaceSelector", "objectSelector"))), "")
    if in_namespace is fits_object is _always and not fault:
        return fits_rules

    def matches(attributes: Attributes) -> bool:
        if not (in_namespace(attributes) and fits_object(attributes) and fits_rules(attributes)):
            return False
        if fault:
            raise EngineError(fault)
        return True

    return matches


def _rules(block: dict[str, Value], *, any_operation: bool) -> _Test:
    """Whether no rule excludes a request, and one means it where there are some."""
    excluding, including = block.get("excludeResourceRules") or (), block.get("resourceRules") or ()
    excludes = [_rule(rule, any_operation=False) for rule in excluding]
    rules = [_rule(rule, any_operation=any_operation) for rule in including]

    def fits(found: Attributes) -> bool:
        if any(excluded(found) for excluded in excludes):
            return False
        return not rules or any(meant(found) for meant in rules)

    has_names = any(rule.get("resourceNames") for rule in (*excluding, *including))
    return fits if has_names else _remembered(fits)


def _remembered(meant: _Test) -> _Test:
    """Rules without names, which ask for nothing that differs among resources of a kind but being in a namespace."""
    known: dict[tuple[Place, str, str, bool], bool] = {}

    def matches(found: Attributes) -> bool:
        key = (found.place, found.operation, found.subresource, bool(found.namespace))
        answer = known.get(key)
        if answer is None:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            answer = known[key] = meant(found)
        return answer

    return matches


def is_plain(raw: dict[str, Value] | None) -> bool:
    """Whether the constraints are one rule and nothing but: then a policy that is not meant leaves no trace.

    Upstream: hasSelector in cmd/cli/kubectl-kyverno/processor/policy_processor.go, whose name says the opposite.
    """
    if raw is None or raw.get("excludeResourceRules"):
        return False
    if any(not selectors.is_empty(raw.get(name) or {}) for name in ("namespaceSelector", "objectSelector")):
        return False
    rules = raw.get("resourceRules") or []
    return len(rules) == 1 and not rules[0].get("resourceNames")


def never(_attributes: Attributes) -> bool:
    """What a policy without constraints matches."""
    return False


def _fault(block: dict[str, Value], name: str) -> str:
    selector = block.get(name)
    found = selectors.fault(selector) if selector else ""
    return found and f"Internal error occurred: {found}"


def _always(_attributes: Attributes) -> bool:
    return True


def _selector(raw: dict[str, Value] | None) -> Selector | None:
    """The selector; None where it asks for nothing, or is malformed, which counts once the rules match."""
    if raw is None or selectors.is_empty(raw) or selectors.fault(raw):
        return None
    return selectors.compile(raw)


def _object(raw: dict[str, Value] | None) -> _Test:
    """Either object may fit; upstream's engine always passes an old one, which may be empty."""
    selects = _selector(raw)
    if selects is None:
        return _always
    return lambda found: selects(found.labels) or (found.old_labels is not None and selects(found.old_labels))


def _namespace(raw: dict[str, Value] | None) -> _Test:
    selects = _selector(raw)
    if selects is None:
        return _always

    def matches(found: Attributes) -> bool:
        if found.place.plural == "namespaces":
            if not found.subresource and found.operation in ("CREATE", "UPDATE"):
                return selects(found.labels)
        elif not found.namespace:
            return True
        return selects(_known(found))

    return matches


def _known(found: Attributes) -> Mapping[str, str]:
    if found.namespace_labels is not None:
        return found.namespace_labels
    return {"kubernetes.io/metadata.name": found.namespace}


def _rule(raw: dict[str, Value], *, any_operation: bool) -> _Test:
    """A rule of names, each ``*`` or literal (upstream: predicates/rules/rules.go)."""
    groups, versions = frozenset(raw.get("apiGroups") or ()), frozenset(raw.get("apiVersions") or ())
    operations = frozenset((_ANY,) if any_operation else raw.get("operations") or ())
    resources = [_resource(text) for text in raw.get("resources") or ()]
    names = frozenset(raw.get("resourceNames") or ())
    scope = raw.get("scope") or _ANY

    def meant(found: Attributes) -> bool:
        place = found.place
        return (
            (_ANY in groups or place.group in groups)
            and (_ANY in versions or place.version in versions)
            and (_ANY in operations or found.operation in operations)
            and any(fits(place.plural, found.subresource) for fits in resources)
            and _in_scope(scope, found)
            and (not names or _named(names, found))
        )

    return meant


def _resource(text: str) -> Callable[[str, str], bool]:
    wanted, _, below = text.partition("/")
    return lambda plural, subresource: wanted in (_ANY, plural) and below in (_ANY, subresource)


def _in_scope(scope: str, found: Attributes) -> bool:
    has_namespace = found.place != _NAMESPACES and bool(found.namespace)
    match scope:
        case "*":
            return True
        case "Namespaced":
            return has_namespace
        case "Cluster":
            return not has_namespace
    return False


def _named(names: frozenset[str], found: Attributes) -> bool:
    if found.name:
        return found.name in names
    return any(found.generate_name.startswith(name) for name in names)
