"""generate rules (upstream: Generation.Validate in api/kyverno/v1, pkg/policy/generate/validate.go)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import Namespaced, group_of, is_namespaced
from engine.model import Path, Value
from engine.policies import Policy, Rule
from engine.schema import Fault
from engine.validation.faults import forbidden, invalid
from engine.validation.patterns import first_refused, shown


def check_shape(
    generate: dict[str, Value], rule: Path, policy: Policy, namespaced: Namespaced | None
) -> Iterator[Fault]:
    """What is generated, and that it is said in one way."""
    ways = (
        generate.get("data") is not None,
        bool(generate.get("clone")),
        (generate.get("cloneList") or {}).get("kinds") is not None,
        generate.get("foreach") is not None,
    )
    if sum(ways) > 1:
        text = "only one of generate patterns(data, clone, cloneList and foreach) can be specified"
        yield forbidden(rule, text)
    elif generate.get("foreach") is not None:
        for index, loop in enumerate(generate["foreach"]):
            yield from _target(loop, (*rule, "foreach", index), ("generate", "foreach", index), policy, namespaced)
    else:
        yield from _target(generate, rule, ("generate",), policy, namespaced)


def _target(
    target: dict[str, Value], shown: Path, inner: Path, policy: Policy, namespaced: Namespaced | None
) -> Iterator[Fault]:
    place = (*shown[:3], *inner)
    for fault in (
        *_scope(target, shown, policy, namespaced),
        *_names(target, shown),
        *_clone_list(target, shown, policy, namespaced or is_namespaced),
    ):
        yield fault._replace(path=(*place, *fault.path[len(shown) :]))


def _scope(target: dict[str, Value], path: Path, policy: Policy, namespaced: Namespaced | None) -> Iterator[Fault]:
    """A target has a namespace where its kind lives in one; a Policy's is its own."""
    namespace = target.get("namespace", "")
    if policy.is_namespaced and namespace != policy.namespace:
        text = (
            "target resource scope mismatched: a namespaced policy cannot generate resources in other namespaces, "
            f"expected: {policy.namespace}, received: {namespace} "
        )
        yield forbidden((*path, "namespace"), text)
    if not target.get("kind"):
        return
    lives_in_one = namespaced is None or namespaced(group_of(target.get("apiVersion", "")), target["kind"])
    if lives_in_one and not namespace:
        yield forbidden((*path, "namespace"), "target namespace must be set for a namespaced resource")
    elif namespace and not lives_in_one:
        yield forbidden((*path, "namespace"), "target namespace must not be set for a cluster-wide resource")


def _names(target: dict[str, Value], path: Path) -> Iterator[Fault]:
    if not (target.get("cloneList") or {}).get("kinds"):
        for name in ("kind", "name", "apiVersion"):
            if not target.get(name):
                yield forbidden((*path, name), f"{name} can not be empty")


def _clone_list(target: dict[str, Value], path: Path, policy: Policy, namespaced: Namespaced) -> Iterator[Fault]:
    clones = target.get("cloneList") or {}
    if not clones.get("kinds"):
        return
    namespace = clones.get("namespace", "")
    if policy.is_namespaced and namespace != policy.namespace:
        text = (
            "a namespaced policy cannot clone resources from other namespace, "
            f"expected: {policy.namespace}, received: {namespace}"
        )
        yield forbidden((*path, "cloneList", "namespace"), text)
    scopes = {namespaced(group_of(kind.rpartition("/")[0]), kind.rpartition("/")[2]) for kind in clones["kinds"]}
    if len(scopes) > 1:
        yield forbidden((*path, "cloneList", "kinds"), "mixed scope of target resources is forbidden")
    elif True in scopes and not namespace:
        text = "namespace is required for namespaced target resources"
        yield forbidden((*path, "cloneList", "namespace"), text)


def check_rule(rule: Rule) -> Iterator[Fault]:
    """The data, which is no pattern, and the kind, which must not set off the rule again."""
    generate = rule.raw["generate"]
    path: Path = ("spec", "rules", rule.index, "generate")
    refused = first_refused(generate.get("data"), ("data",), frozenset())
    if refused is not None:
        text, place = refused
        where = f"path: spec.rules[{rule.index}].generate.data.{shown(place, 1)}"
        yield invalid(f"{where}.: anchors not supported on generate resources: {text}", *path, *place)
    if generate.get("kind", "") in ((rule.raw["match"].get("resources") or {}).get("kinds") or ()):
        yield invalid("generation kind and match resource kind should not be the same", *path, "kind")
