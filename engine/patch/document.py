"""A JSON document under a JSON patch: reads, and writes that copy only the containers on their way.

upstream: partialDoc, partialArray, findObject and ensurePathExists of github.com/evanphx/json-patch/v5 (5.9.11,
v5/patch.go), with the options of pkg/engine/mutate/patch/patchJSON6902.go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.errors import LimitError
from engine.model import Value
from engine.patch.scalars import MISSING, PatchError, json_kind
from engine.regex import later

MISSING_VALUE = "missing value"
MOST_PADDING = 10_000
"""Nulls that one operation may put before a new element; upstream has no bound."""

_INDEX = later(r"[-+]?[0-9]+", re.ASCII)


def tokens(path: str) -> list[str] | None:
    """The undecoded tokens of a pointer; None for a path without a slash. What precedes the first is ignored."""
    parts = path.split("/")
    return parts[1:] if len(parts) > 1 else None


def decoded(token: str) -> str:
    """A token with ``~1`` and ``~0`` undone."""
    return token.replace("~1", "/").replace("~0", "~") if "~" in token else token


def index(token: str) -> int:
    """strconv.Atoi; PatchError where it fails."""
    if not _INDEX.fullmatch(token):
        raise PatchError(f'strconv.Atoi: parsing "{token}": invalid syntax')
    if len(token) > 18:
        raise PatchError(f'strconv.Atoi: parsing "{token}": value out of range')
    return int(token)


def _out_of_range(place: int) -> PatchError:
    return PatchError(f"Unable to access invalid index: {place}: invalid index referenced")


def get(container: Value, key: str) -> Value:
    """The value at a key or index; PatchError with upstream's text if there is none. The empty key reads null."""
    if key == "":
        return None
    if type(container) is dict:
        if key not in container:
            raise PatchError(f"unable to get nonexistent key: {key}: {MISSING_VALUE}")
        return container[key]
    place = index(key)
    if not -len(container) <= place < len(container):
        raise _out_of_range(place)
    return container[place]


class Document:
    """One run of a patch; ``root`` is the document so far, ``before`` as it was. Neither is changed in place."""

    __slots__ = ("_own", "before", "root")

    def __init__(self, root: Value) -> None:
        self.before = root
        self.root = root
        self._own: dict[int, Value] = {}

    def parent(self, path: Sequence[str]) -> Value:
        """The map or list that holds the last token, MISSING where the way there does not exist."""
        found = self.root
        for token in path[:-1]:
            try:
                found = get(found, decoded(token))
            except PatchError:
                return MISSING
            if type(found) not in (dict, list):
                return MISSING
        return found

    def own_parent(self, path: Sequence[str]) -> Value:
        """The same container, which must exist, ready to be changed: it and those above it are copies."""
        self.root = found = self._copy(self.root)
        for token in path[:-1]:
            key: str | int = decoded(token)
            if type(found) is list:
                key = index(str(key))
            child = self._copy(found[key])
            found[key] = child
            found = child
        return found

    def _copy(self, container: Value) -> Value:
        if id(container) in self._own:
            return container
        new = container.copy()
        self._own[id(new)] = new
        return new

    def replace_all(self, value: Value) -> None:
        """Put another document in the place of this one."""
        if value is None:
            raise PatchError("invalid value, expected object")
        if type(value) not in (dict, list):
            kind = json_kind(value)
            raise PatchError(f"json: cannot unmarshal {kind} into Go value of type map[string]*jsonpatch.lazyNode")
        self.root = value

    def share(self, value: Value) -> Value:
        """The value, which is about to stand in two places: from now on all containers are copied again on writes."""
        self._own = {}
        return value

    def add(self, path: Sequence[str], value: Value) -> None:
        """Set a key, or insert into a list: "-" and -1 append."""
        insert(self.own_parent(path), decoded(path[-1]), value)

    def set(self, path: Sequence[str], value: Value) -> None:
        """Set a key or replace an element that exists."""
        container = self.own_parent(path)
        key = decoded(path[-1])
        if type(container) is dict:
            container[key] = value
        else:
            container[index(key)] = value

    def remove(self, path: Sequence[str]) -> None:
        """Remove a key or an element; what is not there is removed already."""
        container, key = self.parent(path), decoded(path[-1])
        if type(container) is dict:
            if key in container:
                del self.own_parent(path)[key]
            return
        place = index(key)
        if -len(container) <= place < len(container):
            del self.own_parent(path)[place]

    def ensure(self, path: Sequence[str]) -> None:
        """Make the containers on the way to the last token: a list where an index or "-" follows, else a map."""
        for depth in range(1, len(path)):
            token, following = path[depth - 1], path[depth]
            container = self.parent(path[:depth])
            if container is MISSING:
                # Upstream goes on in containers that hang nowhere, which can only be refused.
                _made_for(following)
                continue
            try:
                found = get(container, decoded(token))
            except PatchError:
                found = None
            if found is None:
                self._make(path[:depth], token, following)
            elif type(found) not in (dict, list):
                raise PatchError("invalid state detected")

    def _make(self, path: Sequence[str], token: str, following: str) -> None:
        container = self.own_parent(path)
        if type(container) is list and _INDEX.fullmatch(token):
            _pad(container, index(token))
        made = self._copy(_made_for(following))
        try:
            # The token is taken as it is written, so that a "~1" in it makes a key that the patch does not find.
            insert(container, token, made)
        except PatchError:
            return


def _made_for(following: str) -> Value:
    if following == "-":
        return []
    try:
        place = index(following)
    except PatchError:
        return {}
    if place < -1:
        raise PatchError(
            f"Unable to ensure path for negative index other than -1: {place}: invalid index referenced",
        )
    made: list[Value] = []
    _pad(made, place)
    return made


def _pad(container: list[Value], length: int) -> None:
    if length - len(container) > MOST_PADDING:
        raise LimitError(f"a JSON patch may not fill a list with more than {MOST_PADDING} nulls")
    container.extend([None] * (length - len(container)))


def insert(container: Value, key: str, value: Value) -> None:
    """Set a key of a map, or insert before an index of a list; a negative one counts behind the last element."""
    if type(container) is dict:
        container[key] = value
        return
    if key == "-":
        container.append(value)
        return
    try:
        place = index(key)
    except PatchError as error:
        raise PatchError(f"value was not a proper array index: '{key}': {error}") from error
    room = len(container) + 1
    if not -room <= place < room:
        raise _out_of_range(place)
    container.insert(place + room if place < 0 else place, value)
