"""match and exclude blocks, compiled to one predicate (upstream: pkg/engine/utils/match.go, pkg/utils/match).

Within a filter everything is ANDed, within a list ORed; the tests have no effects, so the cheap ones come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

from engine import kind_selector, selectors
from engine.kind_selector import KindSelector
from engine.model import Operation, Value
from engine.policies import Rule
from engine.resources import Resource
from engine.values import wildcard


class UserInfo(Struct, frozen=True):
    """Who makes the request; ``roles`` are written ``namespace:name``."""

    username: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    cluster_roles: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Subject(Struct, frozen=True):
    """What a rule is held against. ``parent`` is group, version, kind of the resource that has the ``subresource``."""

    resource: Resource
    operation: Operation
    user: UserInfo | None
    namespace_labels: Mapping[str, str]
    subresource: str = ""
    parent: tuple[str, str, str] | None = None


Predicate = Callable[[Subject], bool]

_NOBODY = UserInfo()
_POD = ("", "v1", "Pod")
_MOST_KNOWN = 1024


def compile(rule: Rule, policy_namespace: str) -> Predicate:
    """Whether a rule applies; ``policy_namespace`` is "" for cluster-wide policies."""
    matches = _matched(rule.raw.get("match") or {})
    excludes = _excluded(rule.raw.get("exclude") or {})
    if excludes is not None:
        matches = _both(matches, excludes)
    if policy_namespace:
        return _within(policy_namespace, matches)
    return matches


def compile_exception(block: dict[str, Value]) -> Predicate:
    """The match block of a PolicyException (upstream: pkg/engine/utils/exceptions.go).

    It differs from a rule's: operations are not looked at, users are never ignored, a namespaceSelector is no obstacle
    to a Namespace, and an empty block matches nothing.
    """
    filters = block.get("any") or block.get("all") or ()
    tests = [_exception_filter(item) for item in filters]
    if block.get("any"):
        return _any(tests)
    return _all(tests) if tests else _never


def compile_cleanup(block: dict[str, Value]) -> Predicate:
    """A match or exclude block of a cleanup policy: an exception's, but an empty one matches everything (match.go)."""
    return compile_exception(block) if block.get("any") or block.get("all") else _always


def kinds(rule: Rule) -> frozenset[str] | None:
    """The kinds that the rule can match, None where it may be any: for an index by kind."""
    block = rule.raw.get("match") or {}
    filters = block.get("any") or block.get("all") or (block,)
    found: set[str] = set()
    for item in filters:
        selected = (item.get("resources") or {}).get("kinds")
        if not selected:
            return None
        for text in selected:
            kind = kind_selector.parse(text).kind
            if wildcard.contains(kind):
                return None
            found.add(kind)
    return frozenset(found)


def is_called(rule: Rule, operation: Operation) -> bool:
    """Whether the rule has a webhook called for an operation (upstream: collectResourceDescriptions)."""
    block = rule.raw.get("match") or {}
    named = [
        (item.get("resources") or {}).get("operations") for item in block.get("any") or block.get("all") or (block,)
    ]
    return any(not operations or operation in operations for operations in named)


def _never(_subject: Subject) -> bool:
    return False


def _always(_subject: Subject) -> bool:
    return True


def _both(matches: Predicate, excludes: Predicate) -> Predicate:
    return lambda subject: matches(subject) and not excludes(subject)


def _within(namespace: str, matches: Predicate) -> Predicate:
    return lambda subject: subject.resource.namespace == namespace and matches(subject)


def _any(tests: list[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]
    return lambda subject: any(test(subject) for test in tests)


def _all(tests: list[Predicate]) -> Predicate:
    if not tests:
        return _always
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda subject: first(subject) and second(subject)
    return lambda subject: all(test(subject) for test in tests)


def _matched(block: dict[str, Value]) -> Predicate:
    if block.get("any"):
        return _any([_match_filter(item) for item in block["any"]])
    if block.get("all"):
        return _all([_match_filter(item) for item in block["all"]])
    return _match_filter(block)


def _excluded(block: dict[str, Value]) -> Predicate | None:
    """An empty filter excludes nothing, also where all of several have to exclude."""
    if block.get("any"):
        return _any([_exclude_filter(item) for item in block["any"]])
    if block.get("all"):
        return _all([_exclude_filter(item) for item in block["all"]])
    return None if _is_empty(block) else _exclude_filter(block)


def _is_empty(item: dict[str, Value]) -> bool:
    return not (_description(item) or _users(item))


def _match_filter(item: dict[str, Value]) -> Predicate:
    """A filter of match: without any user in the request, what it says of users is left out."""
    tests = _description(item)
    users = _users(item)
    described = _all(tests) if tests else _never
    if not users:
        return described
    complete = _all([*tests, *users])
    return lambda subject: complete(subject) if _has_user(subject) else described(subject)


def _exclude_filter(item: dict[str, Value]) -> Predicate:
    return _never if _is_empty(item) else _all([*_description(item), *_users(item)])


def _exception_filter(item: dict[str, Value]) -> Predicate:
    if _is_empty(item):
        return _never
    resources = {key: value for key, value in (item.get("resources") or {}).items() if key != "operations"}
    tests = _description({"resources": resources})
    if resources.get("namespaceSelector") is not None:
        tests[-1] = _unless_namespace(tests[-1])
    return _all([*tests, *_users(item)])


def _unless_namespace(test: Predicate) -> Predicate:
    return lambda subject: subject.resource.kind == "Namespace" or test(subject)


def _has_user(subject: Subject) -> bool:
    return subject.user is not None and subject.user != _NOBODY


def _description(item: dict[str, Value]) -> list[Predicate]:
    """The tests of ``resources``; the namespaceSelector's is the last."""
    resources = item.get("resources") or {}
    tests: list[Predicate] = []
    if resources.get("operations"):
        tests.append(_operations(resources["operations"]))
    if resources.get("kinds"):
        tests.append(_kinds(resources["kinds"]))
    if resources.get("name"):
        tests.append(_names([resources["name"]]))
    if resources.get("names"):
        tests.append(_names(resources["names"]))
    if resources.get("namespaces"):
        tests.append(_namespaces(resources["namespaces"]))
    if resources.get("annotations"):
        tests.append(_annotations(resources["annotations"]))
    if resources.get("selector") is not None:
        tests.append(_selector(resources["selector"]))
    if resources.get("namespaceSelector") is not None:
        tests.append(_namespace_selector(resources["namespaceSelector"]))
    return tests


def _operations(wanted: Iterable[str]) -> Predicate:
    operations = frozenset(wanted)
    return lambda subject: subject.operation in operations


def _kinds(texts: Iterable[str]) -> Predicate:
    """Plain kinds cost one set look-up, others the same once they are known; Pods match with ephemeral containers."""
    parsed = [kind_selector.parse(text) for text in texts]
    plain = frozenset(
        item.kind
        for item in parsed
        if item[:2] == ("*", "*") and not wildcard.contains(item.kind + item.subresource) and not item.subresource
    )
    others = tuple(item for item in parsed if item.subresource or item.kind not in plain)

    known: dict[tuple[str, str], bool] = {}

    def selected(subject: Subject) -> bool:
        resource = subject.resource
        if subject.subresource or subject.parent is not None:
            return _selects(parsed, subject)
        if resource.kind in plain:
            return True
        found = known.get((resource.kind, resource.api_version))
        if found is None:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            found = any(item.matches(resource.group, resource.version, resource.kind, "") for item in others)
            known[resource.kind, resource.api_version] = found
        return found

    if others:
        return selected
    return lambda subject: (
        subject.resource.kind in plain
        if not subject.subresource and subject.parent is None
        else _selects(parsed, subject)
    )


def _selects(parsed: Iterable[KindSelector], subject: Subject) -> bool:
    """For a subresource: the kind is its parent's."""
    resource, subresource = subject.resource, subject.subresource
    found = subject.parent or (resource.group, resource.version, resource.kind)
    if (
        found == _POD
        and subresource == "ephemeralcontainers"
        and any(item.matches(*found, item.subresource) for item in parsed)
    ):
        return True
    return any(item.matches(*found, subresource) for item in parsed)


def _globs(texts: Iterable[str]) -> Callable[[str], bool]:
    matchers = [wildcard.compile(text) for text in texts]
    if len(matchers) == 1:
        return matchers[0]
    return lambda text: any(matcher(text) for matcher in matchers)


def _names(texts: Iterable[str]) -> Predicate:
    fits = _globs(texts)
    return lambda subject: fits(subject.resource.name)


def _namespaces(texts: Iterable[str]) -> Predicate:
    """A Namespace is in itself."""
    fits = _globs(texts)
    return lambda subject: fits(
        subject.resource.namespace if subject.resource.kind != "Namespace" else _own_name(subject.resource)
    )


def _own_name(resource: Resource) -> str:
    name = (resource.value.get("metadata") or {}).get("name")
    return name if type(name) is str else ""


def _annotations(expected: dict[str, str]) -> Predicate:
    pairs = [(wildcard.compile(key), wildcard.compile(value)) for key, value in expected.items()]

    def present(subject: Subject) -> bool:
        found = strings_of(subject.resource.annotations)
        return all(any(key(name) and value(text) for name, text in found.items()) for key, value in pairs)

    return present


def strings_of(found: dict[str, Value]) -> dict[str, Value]:
    """Labels or annotations as Go reads them: null is "", and of a map with another value it reads none."""
    if all(type(value) is str for value in found.values()):
        return found
    strings = {key: "" if value is None else value for key, value in found.items()}
    return strings if all(type(value) is str for value in strings.values()) else {}


def _selector(raw: dict[str, Value]) -> Predicate:
    selects = selectors.compile(raw)
    return lambda subject: selects(strings_of(subject.resource.labels))


def _namespace_selector(raw: dict[str, Value]) -> Predicate:
    selects = selectors.compile(raw)
    return lambda subject: subject.resource.kind != "Namespace" and selects(subject.namespace_labels)


def _users(item: dict[str, Value]) -> list[Predicate]:
    tests: list[Predicate] = []
    if item.get("roles"):
        roles = frozenset(item["roles"])
        tests.append(lambda subject: subject.user is not None and not roles.isdisjoint(subject.user.roles))
    if item.get("clusterRoles"):
        cluster = frozenset(item["clusterRoles"])
        tests.append(lambda subject: subject.user is not None and not cluster.isdisjoint(subject.user.cluster_roles))
    if item.get("subjects"):
        people = [_person(entry) for entry in item["subjects"]]
        tests.append(lambda subject: any(is_meant(subject.user or _NOBODY) for is_meant in people))
    return tests


def _person(entry: dict[str, str]) -> Callable[[UserInfo], bool]:
    name = entry.get("name", "")
    match entry.get("kind"):
        case "ServiceAccount":
            account = wildcard.compile(f"system:serviceaccount:{entry.get('namespace', '')}:{name}")
            return lambda user: account(user.username)
        case "Group":
            group = wildcard.compile(name)
            return lambda user: any(group(found) for found in user.groups)
        case "User":
            person = wildcard.compile(name)
            return lambda user: person(user.username)
    return lambda _user: False
