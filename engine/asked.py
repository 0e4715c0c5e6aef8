"""Which kinds of resources policies look up beside the admitted one: what of a tree has to be read for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.cel_records import CelPolicySet
from engine.kind_selector import kind_of
from engine.model import Value
from engine.policies import Policy, PolicyException
from engine.regex import later

ANY = "*"
NO_CEL = CelPolicySet()

_ASKS = later(r"\bresource\.(?:[Gg]et|[Ll]ist)\(")
_LOOK_UP = later(r"""\bresource\.(?:[Gg]et|[Ll]ist)\(\s*["'][^"']*["']\s*,\s*["']([^"']*)["']""")


def kinds(
    policies: Iterable[Policy], exceptions: Iterable[PolicyException] = (), cel: CelPolicySet = NO_CEL
) -> frozenset[str] | None:
    """The kinds in lower case, None where it may be any; all that may be meant where a path only has a plural."""
    written = _written(policies, exceptions, cel)
    found = frozenset(kind.lower() for spec in written for kind in _walk(spec))
    return None if any(ANY in kind or "{{" in kind for kind in found) else found


def config_maps(
    policies: Iterable[Policy], exceptions: Iterable[PolicyException] = (), cel: CelPolicySet = NO_CEL
) -> frozenset[tuple[str, str]] | None:
    """The ConfigMaps that are looked up, by namespace and name; None where it may be any of them."""
    written = _written(policies, exceptions, cel)
    others = {kind.lower() for spec in written for kind in _walk(spec, without="configMap")}
    entries = [(str(one.get("namespace") or "default"), str(one.get("name"))) for one in _entries(written)]
    is_any = any(ANY in kind or "{{" in kind for kind in others) or any("{{" in text for one in entries for text in one)
    return None if is_any or others & {"configmap", "configmaps"} else frozenset(entries)


def _written(
    policies: Iterable[Policy], exceptions: Iterable[PolicyException], cel: CelPolicySet
) -> list[dict[str, Value]]:
    written = [*(policy.spec for policy in policies), *(item.raw["spec"] for item in exceptions)]
    written += [policy.spec for policy in cel.policies]
    written += [binding.spec for binding in cel.bindings]
    return written + [exception.spec for exception in cel.exceptions]


def _entries(node: Value) -> Iterator[dict[str, Value]]:
    """What stands below ``configMap``, wherever that is."""
    if isinstance(node, list):
        for item in node:
            yield from _entries(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "configMap" and isinstance(value, dict):
                yield value
            yield from _entries(value)


def _walk(node: Value, without: str = "") -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _walk(item, without)
    elif isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str):
                yield from _called(value)
            elif value:
                if key != without:
                    yield from _named(key, value)
                yield from _walk(value, without)


def _named(key: str, value: Value) -> Iterator[str]:
    """The kinds that a field of a policy asks for. What a GlobalContextEntry holds is only known once it is read."""
    match key, value:
        case "configMap", dict():
            yield "ConfigMap"
        case "namespaceSelector", dict():
            yield "Namespace"
        case "globalReference", {"name": str()}:
            yield ANY
        case "apiCall", {"urlPath": str(path)}:
            yield from _of_path(path)
        case "targetMatchConstraints", {"resourceRules": list(rules)}:
            for text in (text for rule in rules for text in rule.get("resources") or ()):
                yield from _singulars(text.partition("/")[0])
        case "paramKind", {"kind": str(kind)}:
            yield kind
        case "applyConfiguration", dict():
            yield "CustomResourceDefinition"
        case "targets" | "foreach", list():
            yield from (str(item["kind"]) for item in value if isinstance(item, dict) and item.get("kind"))
        case "generate", {"kind": str(kind)}:
            yield kind
        case "cloneList", {"kinds": list(selectors)}:
            yield from (kind_of(str(text)) for text in selectors)


def _called(text: str) -> Iterator[str]:
    """The kinds that an expression in CEL asks for."""
    if "namespaceObject" in text:
        yield "Namespace"
    if "globalContext." in text:
        yield ANY
    plurals = _LOOK_UP.findall(text)
    for plural in plurals:
        yield from _singulars(plural.partition("/")[0])
    if len(plurals) < len(_ASKS.findall(text)):
        yield ANY  # what is asked for is only known when it is asked


def _of_path(path: str) -> Iterator[str]:
    match path.partition("?")[0].removeprefix("/").split("/"):
        case ["api", _, *rest] | ["apis", _, _, *rest]:
            inner = rest[2:] if rest[:1] == ["namespaces"] and len(rest) > 2 else rest
            yield from _singulars(inner[0]) if inner else ()
        case _:
            if "{{" in path:
                yield ANY


def _singulars(plural: str) -> Iterator[str]:
    if "{{" in plural:
        yield ANY
    yield plural
    for suffix, singular in (("ies", "y"), ("es", ""), ("s", "")):
        if plural.endswith(suffix):
            yield plural.removesuffix(suffix) + singular
