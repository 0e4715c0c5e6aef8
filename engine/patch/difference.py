"""Where two values differ, for the path of a mutation and for suggestions."""

from __future__ import annotations

from engine.model import Path, Value
from engine.patch.scalars import same


def changed_paths(before: Value, after: Value) -> tuple[Path, ...]:
    """The shortest list of paths below which everything that differs lies, in the order of ``before``.

    What is only in one of the two is named by its own path, in ``after`` or, if it is gone, in ``before``. Elements of
    lists are compared by ``name`` where all have one of their own, so that one that is put before the others is one
    change; an element's path then counts in ``after``. A list whose elements stand in another order is one change.
    """
    paths: list[Path] = []
    _compare(before, after, (), paths)
    return tuple(paths)


def _compare(before: Value, after: Value, path: Path, paths: list[Path]) -> None:
    if same(before, after):
        return
    if type(before) is dict and type(after) is dict:
        _maps(before, after, path, paths)
    elif type(before) is list and type(after) is list:
        _lists(before, after, path, paths)
    else:
        paths.append(path)


def _maps(before: dict[str, Value], after: dict[str, Value], path: Path, paths: list[Path]) -> None:
    for key, value in before.items():
        if key in after:
            _compare(value, after[key], (*path, key), paths)
        else:
            paths.append((*path, key))
    paths.extend((*path, key) for key in after if key not in before)


def _lists(before: list[Value], after: list[Value], path: Path, paths: list[Path]) -> None:
    old, new = _named(before), _named(after)
    if old is None or new is None:
        _by_place(before, after, path, paths)
        return
    if [name for name in old if name in new] != [name for name in new if name in old]:
        paths.append(path)
        return
    for place, (name, value) in enumerate(new.items()):
        if name in old:
            _compare(old[name], value, (*path, place), paths)
        else:
            paths.append((*path, place))
    paths.extend((*path, place) for place, name in enumerate(old) if name not in new)


def _by_place(before: list[Value], after: list[Value], path: Path, paths: list[Path]) -> None:
    if len(before) > len(after):
        paths.append(path)
        return
    for place, value in enumerate(before):
        _compare(value, after[place], (*path, place), paths)
    paths.extend((*path, place) for place in range(len(before), len(after)))


def _named(items: list[Value]) -> dict[str, Value] | None:
    """The elements by name, None unless each has one of its own."""
    found = {item["name"]: item for item in items if type(item) is dict and type(item.get("name")) is str}
    return found if len(found) == len(items) else None
