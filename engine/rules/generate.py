"""``generate`` rules: which resources they make (upstream: pkg/background/generate/{generator,clone,data}.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import Struct, field

from engine import context_entries, selectors, variables
from engine.conditions import blocks
from engine.context import Context
from engine.errors import EngineError
from engine.inventory import Inventory, Place, place_of
from engine.kind_selector import parse
from engine.kinds import group_of
from engine.model import Value
from engine.resources import Resource
from engine.rules.validate_foreach import element_values, listed
from engine.values.numbers import floats, renumber
from engine.variables import Template

Generator = Callable[[Context, "Stock"], list[Value]]
"""Makes the resources of a rule; raises EngineError where one of them cannot be made."""

_PATTERN = ("apiVersion", "kind", "name", "namespace", "uid", "data", "clone", "cloneList")
_FORGOTTEN = ("uid", "selfLink", "creationTimestamp", "managedFields", "resourceVersion")
_LABEL = "generate.kyverno.io"


class Spot(NamedTuple):
    """A resource by what identifies it, whatever its version."""

    group: str
    kind: str
    namespace: str
    name: str


class Stock(Struct, frozen=True):
    """The resources that there are while a policy generates: the trigger, what can be cloned, and what came in."""

    trigger: Resource
    sources: tuple[Inventory, ...]
    made: dict[Spot, Value] = field(default_factory=dict)

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> Value | None:
        """The resource, None where there is none."""
        spot = Spot(group_of(api_version), kind, namespace, name)
        if spot in self.made:
            return self.made[spot]
        if spot == tuple(self.trigger.identity):
            return self.trigger.value
        places = ((source, place) for source in self.sources for place in source.of_kind(kind))
        found = (source.get(place, namespace, name) for source, place in places if place.group == spot.group)
        return next((value for value in found if value is not None), None)

    def listed(self, api_version: str, kind: str, namespace: str) -> Iterator[Value]:
        """The resources of a kind in a namespace, "" for all, by namespace and name."""
        found: dict[tuple[str, str], Value] = {}
        for source in self.sources:
            for place in (place for place in source.of_kind(kind) if place.group == group_of(api_version)):
                found = {_key(value): value for value in source.listed(place, namespace)} | found
        for spot, value in self._own():
            if spot[:2] == (group_of(api_version), kind) and namespace in ("", spot.namespace):
                found[_key(value)] = value
        return iter([found[key] for key in sorted(found)])

    def _own(self) -> Iterator[tuple[Spot, Value]]:
        yield Spot(*self.trigger.identity), self.trigger.value
        yield from self.made.items()

    def add(self, value: Value) -> None:
        """Put a resource that was made among the others."""
        api_version, kind = str(value.get("apiVersion") or ""), str(value.get("kind") or "")
        self.made[Spot(group_of(api_version), kind, *_key(value))] = value


def _key(value: Value) -> tuple[str, str]:
    metadata = value.get("metadata") or {}
    return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")


class Origin(Struct, frozen=True):
    """Who generates: what the labels of a generated resource say."""

    policy: str
    policy_namespace: str
    rule: str
    synchronizes: bool


def compile(raw_rule: dict[str, Value], policy: str, policy_namespace: str) -> Generator:
    """The generator of a rule; preconditions of the rule itself are not its concern."""
    raw = raw_rule["generate"]
    origin = Origin(policy, policy_namespace, raw_rule["name"], bool(raw.get("synchronize")))
    if raw.get("foreach") is not None:
        loops = [_loop(item, index, origin) for index, item in enumerate(raw["foreach"])]
        return lambda context, stock: [value for loop in loops for value in loop.make(context, stock)]
    pattern = _pattern(raw)
    return lambda context, stock: _generated(pattern(context), stock, origin)


def _pattern(raw: dict[str, Value]) -> Template:
    return variables.compile(floats({key: raw[key] for key in _PATTERN if raw.get(key) is not None}))


class Loop(Struct, frozen=True):
    """One compiled foreach of a generate rule."""

    index: int
    expression: str
    entries: context_entries.Declared
    preconditions: blocks.Block
    pattern: Template
    origin: Origin

    def make(self, context: Context, stock: Stock) -> list[Value]:
        """The resources of all elements; raises EngineError if one fails."""
        try:
            elements = listed(self.expression, context)
        except EngineError as error:
            raise EngineError(f"failed to evaluate {self.index} foreach list: {error}") from error
        made: list[Value] = []
        for index, element in enumerate(elements):
            if element is None:
                continue
            below = context.child(values=element_values(element, index, 0))
            below.add(self.entries.available(below))
            try:
                met, _ = self.preconditions(below)
                made += _generated(self.pattern(below), stock, self.origin) if met else []
            except EngineError as error:
                where = f"failed to process {self.index} foreach in rule {self.origin.rule}"
                raise EngineError(f"{where}: failed to process {index} element: {error}") from error
        return made


def _loop(raw: dict[str, Value], index: int, origin: Origin) -> Loop:
    return Loop(
        index=index,
        expression=str(raw.get("list") or ""),
        entries=context_entries.compile(raw.get("context"), origin.policy_namespace),
        preconditions=blocks.compile(raw.get("preconditions")),
        pattern=_pattern(raw),
        origin=origin,
    )


def _generated(pattern: dict[str, Value], stock: Stock, origin: Origin) -> list[Value]:
    """What one pattern makes: nothing where the target is there already."""
    clone, clone_list = pattern.get("clone") or {}, pattern.get("cloneList") or {}
    if clone.get("name"):
        source = {**pattern, "namespace": clone.get("namespace"), "name": clone["name"]}
        wanted = [(pattern, _cloned(pattern, source, stock))]
    elif clone_list.get("kinds"):
        wanted = list(_clones(pattern, clone_list, stock))
    else:
        wanted = [(pattern, pattern.get("data", {}))]  # none makes a resource of nothing but its identity
    made = []
    for target, content in wanted:
        if content is not None:
            made += _created(target, content, stock, origin)
    return made


def _created(target: dict[str, Value], content: Value, stock: Stock, origin: Origin) -> list[Value]:
    if not isinstance(content, dict):
        raise EngineError("the data of a generated resource is no map")
    value = _resource(target, content, stock.trigger, origin)
    exists = stock.get(*_reference(target)) is not None
    if not exists or origin.synchronizes:
        stock.add(value)
    return [] if exists else [value]


def _reference(spec: dict[str, Value]) -> tuple[str, str, str, str]:
    """apiVersion, kind, namespace and name; a kind may carry its version itself (getGroupVersionMapper)."""
    api_version, kind = str(spec.get("apiVersion") or ""), str(spec.get("kind") or "")
    if not api_version:
        place, kind = _place(kind)
        api_version = place.api_version
    return api_version, kind, str(spec.get("namespace") or ""), str(spec.get("name") or "")


def _place(selector: str) -> tuple[Place, str]:
    """A kind as a cloneList names it: ``v1/Secret``, ``apps/v1/Deployment``."""
    group, version, kind, _ = parse(selector)
    found = place_of("" if group == "*" else group, "" if version == "*" else version, kind)
    return found, kind


def _cloned(target: dict[str, Value], source: dict[str, Value], stock: Stock) -> Value | None:
    """The content of a clone; None where a resource would be cloned onto itself."""
    api_version, kind, namespace, name = _reference(source)
    if (namespace, name) == _reference(target)[2:]:
        return None
    found = stock.get(api_version, kind, namespace, name)
    if found is None:
        shown = "/".join((api_version, kind, *_reference(target)[2:]))
        missing = f'{place_of(group_of(api_version), "", kind).qualified} "{name}" not found'
        raise EngineError(f"source resource {shown} not found: {missing}")
    return _copy(found, str(target.get("namespace") or ""))


def _clones(
    pattern: dict[str, Value], clone_list: dict[str, Value], stock: Stock
) -> Iterator[tuple[dict[str, Value], Value | None]]:
    """The targets of a cloneList, each with its content."""
    selector, into = clone_list.get("selector"), pattern.get("namespace")
    selects = selectors.compile(selector) if selector is not None else None
    for text in clone_list["kinds"]:
        place, kind = _place(text)
        for source in stock.listed(place.api_version, kind, str(clone_list.get("namespace") or "")):
            metadata = source.get("metadata") or {}
            if selects is not None and not selects(metadata.get("labels") or {}):
                continue
            target = {key: source.get(key) for key in ("apiVersion", "kind")} | {"name": metadata.get("name")}
            itself = (metadata.get("namespace") or "") == (into or "")
            yield {**target, "namespace": into}, None if itself else _copy(source, str(into or ""))


def _copy(source: Value, namespace: str) -> Value:
    """The source without what is its own, labelled with where it came from (addSourceLabels)."""
    metadata = dict(source.get("metadata") or {})
    if (metadata.get("namespace") or "") != namespace:
        metadata.pop("ownerReferences", None)
    origin = {
        "clone-source": "",
        "source-group": group_of(str(source.get("apiVersion") or "")),
        "source-version": str(source.get("apiVersion") or "").rpartition("/")[2],
        "source-kind": source.get("kind") or "",
        "source-namespace": metadata.get("namespace") or "",
        "source-uid": metadata.get("uid") or "",
    }
    labels = (metadata.get("labels") or {}) | {f"{_LABEL}/{key}": value for key, value in origin.items()}
    kept = {key: value for key, value in metadata.items() if key not in _FORGOTTEN}
    return {**source, "metadata": {**kept, "labels": labels}}


def _resource(target: dict[str, Value], content: dict[str, Value], trigger: Resource, origin: Origin) -> Value:
    """The content with the identity of the target and labels that say where it came from (common/labels.go)."""
    api_version, kind, namespace, name = _reference(target)
    metadata = {key: value for key, value in (content.get("metadata") or {}).items() if key != "resourceVersion"}
    metadata.pop("namespace", None)
    marks = {
        "policy-name": origin.policy,
        "policy-namespace": origin.policy_namespace,
        "rule-name": origin.rule,
        "trigger-version": trigger.version,
        "trigger-group": trigger.group,
        "trigger-kind": trigger.kind,
        "trigger-namespace": trigger.namespace,
        "trigger-uid": (trigger.value.get("metadata") or {}).get("uid") or "",
    }
    labels = {**(metadata.get("labels") or {}), "app.kubernetes.io/managed-by": "kyverno"}
    labels |= {f"{_LABEL}/{key}": value for key, value in marks.items()}
    identity = {"name": name, **({"namespace": namespace} if namespace else {})}
    rest = {key: value for key, value in content.items() if key not in ("apiVersion", "kind", "metadata")}
    kinds = {"apiVersion": api_version, "kind": content.get("kind") or kind}
    return renumber({**kinds, "metadata": {**metadata, **identity, "labels": labels}, **rest})
