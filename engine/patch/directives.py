"""``$patch`` in a strategic merge patch (upstream: kyaml/yaml/merge2/smpdirective.go).

kyaml knows no ``$retainKeys``, ``$setElementOrder`` or ``$deleteFromPrimitiveList``: they are fields like any other.
"""

from __future__ import annotations

from enum import Enum

from engine.model import Value
from engine.patch.scalars import MISSING, PatchError, text

_KEY = "$patch"


class Directive(Enum):
    """What a patch asks for at a map or a keyed list."""

    MERGE = "merge"
    REPLACE = "replace"
    DELETE = "delete"


def of_map(patch: dict[str, Value], *, strict: bool) -> tuple[Directive, dict[str, Value]]:
    """The directive of a map and the map without it; an unknown one raises PatchError, or stays if not ``strict``."""
    if _KEY not in patch:
        return Directive.MERGE, patch
    word = text(patch[_KEY])
    directive = _known(word)
    if directive is None:
        if strict:
            raise PatchError(f"unknown patch strategy '{word}'")
        return Directive.MERGE, patch
    return directive, {key: value for key, value in patch.items() if key != _KEY}


def of_list(patch: list[Value]) -> tuple[Directive, list[Value]]:
    """The directive of a keyed list and the list without the elements that carry it.

    It stands alone in an element; in an element with other fields it belongs to the element.
    """
    carrier = next((item for item in patch if type(item) is dict and _KEY in item), None)
    if carrier is None or len(carrier) > 1:
        return Directive.MERGE, patch
    word = text(carrier[_KEY])
    directive = _known(word)
    if directive is None:
        raise PatchError(f"unknown patch strategy '{word}'")
    rest = [item for item in patch if item is not None and item != {} and not _carries(item, word)]
    return directive, rest


def _carries(item: Value, word: str) -> bool:
    return type(item) is dict and text(item.get(_KEY, MISSING)) == word


def _known(word: str) -> Directive | None:
    return next((directive for directive in Directive if directive.value == word), None)
