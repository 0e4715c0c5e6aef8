"""Go's two kinds of numbers: ``float`` is a float64, ``int`` an int64 (engine/model.py)."""

from __future__ import annotations

from engine.model import Value

_INT64 = 2**63


def renumber(value: Value) -> Value:
    """The value with every float that is an int64 made an int, as it comes back from JSON; shares what has none.

    upstream: unstructured.UnmarshalJSON after each mutation (pkg/engine/mutate/mutation.go); nothing is converted
    where no patch applied.
    """
    kind = type(value)
    if kind is float:
        return int(value) if value.is_integer() and -_INT64 <= value < _INT64 else value
    if kind is dict:
        return _renumbered_map(value)
    if kind is list:
        items = [renumber(item) for item in value]
        return value if all(map(_unchanged, items, value)) else items
    return value


def _renumbered_map(value: dict[str, Value]) -> dict[str, Value]:
    changed: dict[str, Value] | None = None
    for key, item in value.items():
        if type(item) is str:
            continue
        new = renumber(item)
        if new is not item:
            changed = changed or dict(value)
            changed[key] = new
    return changed or value


def _unchanged(one: Value, other: Value) -> bool:
    return one is other


def floats(value: Value) -> Value:
    """The value with every number a float64, as encoding/json decodes it; shares what has no int."""
    kind = type(value)
    if kind is int:
        return float(value)
    if kind is dict:
        items = {key: floats(item) for key, item in value.items()}
        return value if all(map(_unchanged, items.values(), value.values())) else items
    if kind is list:
        elements = [floats(item) for item in value]
        return value if all(map(_unchanged, elements, value)) else elements
    return value
