"""Which kinds of resources policies look up beside the admitted one: what of a tree has to be read for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.kind_selector import kind_of
from engine.model import Value
from engine.policies import Policy, PolicyException

ANY = "*"


def kinds(policies: Iterable[Policy], exceptions: Iterable[PolicyException] = ()) -> frozenset[str] | None:
    """The kinds in lower case, None where it may be any; all that may be meant where a path only has a plural."""
    written = (*(policy.spec for policy in policies), *(item.raw["spec"] for item in exceptions))
    found = frozenset(kind.lower() for spec in written for kind in _walk(spec))
    return None if any(ANY in kind or "{{" in kind for kind in found) else found


def _walk(node: Value) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _walk(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if value:
                yield from _named(key, value)
                yield from _walk(value)


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
        case "targets" | "foreach", list():
            yield from (str(item["kind"]) for item in value if isinstance(item, dict) and item.get("kind"))
        case "generate", {"kind": str(kind)}:
            yield kind
        case "cloneList", {"kinds": list(selectors)}:
            yield from (kind_of(str(text)) for text in selectors)


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
