"""Kind selectors: ``Pod``, ``apps/v1/Deployment``, ``Pod/exec``, ``*`` (upstream: pkg/utils/kube/kind.go)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from engine.regex import later
from engine.values import wildcard

_VERSION = later(r"(v[0-9]+((alpha|beta)[0-9]+)?|\*)")


class KindSelector(NamedTuple):
    """The four parts, each a wildcard; ``subresource`` is "" for the resource itself."""

    group: str
    version: str
    kind: str
    subresource: str

    def matches(self, group: str, version: str, kind: str, subresource: str) -> bool:
        """Whether a resource, or a subresource of it, is selected."""
        return (
            wildcard.match(self.kind, kind)
            and wildcard.match(self.group, group)
            and wildcard.match(self.version, version)
            and wildcard.match(self.subresource, subresource)
        )


@lru_cache(maxsize=4096)
def parse(text: str) -> KindSelector:
    """The parts; the first is read as a version where it looks like one, hence ``*/*/Deployment`` is kind ``*``."""
    *head, last = text.split("/")
    match [*head, *last.split(".")]:
        case [kind]:
            return KindSelector("*", "*", kind, "")
        case ["*", "*"]:
            return KindSelector("*", "*", "*", "*")
        case ["*", subresource] if subresource.lower() == subresource:
            return KindSelector("*", "*", "*", subresource)
        case [version, kind] if _is_version(version):
            return KindSelector("*", version, kind, "")
        case [kind, subresource]:
            return KindSelector("*", "*", kind, subresource)
        case [version, kind, subresource] if _is_version(version):
            return KindSelector("*", version, kind, subresource)
        case [group, version, kind]:
            return KindSelector(group, version, kind, "")
        case [group, version, kind, subresource]:
            return KindSelector(group, version, kind, subresource)
    return KindSelector("", "", "", "")


def _is_version(text: str) -> bool:
    return _VERSION.fullmatch(text) is not None


def kind_of(text: str) -> str:
    """The kind alone, as policy validation and autogen read it (GetKindFromGVK, SplitSubresource).

    Unlike ``parse`` this keeps what follows a slash only where there is more than one.
    """
    parts = text.split("/")
    match parts:
        case [only]:
            kind = only.replace(".", "/", 1)
        case ["*", "*"]:
            kind = text
        case [version, name] if _is_version(version):
            kind = name.replace(".", "/", 1)
        case [_, _]:
            kind = text
        case [version, name, subresource] if _is_version(version):
            kind = f"{name}/{subresource}"
        case [_, _, name]:
            kind = name.replace(".", "/", 1)
        case [_, _, name, subresource]:
            kind = f"{name}/{subresource}"
        case _:
            kind = ""
    pieces = kind.split("/")
    return pieces[0] if len(pieces) == 2 else kind


def contains_kind(selectors: list[str], kind: str) -> bool:
    """Whether one of the selectors names the kind."""
    return any(kind_of(text) == kind for text in selectors)
