"""The six operators on sets (upstream: in.go, notin.go, anyin.go, anynotin.go, allin.go, allnotin.go)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, NoReturn

from engine.errors import PolicyError
from engine.model import Value
from engine.pattern import operators as prefixes
from engine.pattern import scalar
from engine.values import golang, wildcard

Test = Callable[[Value], bool]
Found = Callable[[str], bool]
Maybe = Callable[[str], bool | None]
"""Whether one key is among the value; None where the value cannot hold anything, which is neither in nor not in."""
Verdict = Callable[[list[str]], bool]
Counted = Callable[[Iterable[bool]], bool]

_COUNTED: dict[str, Counted] = {
    "In": all,
    "NotIn": lambda found: not all(found),
    "AnyIn": any,
    "AllIn": all,
    "AnyNotIn": lambda found: not all(found),
    "AllNotIn": lambda found: not any(found),
}
_NEGATIVE = frozenset({"NotIn", "AnyNotIn", "AllNotIn"})
_DEPRECATED = frozenset({"In", "NotIn"})


def is_member(name: str, key: Value, value: Value) -> bool:
    """The operator for one key, a scalar or a list whose items are counted, and one value."""
    exact = name in _DEPRECATED
    if isinstance(key, list):
        many = _many_exact(name, value) if exact else _many(name, value)
        return many(_texts(name, key) if exact else [golang.sprint(item) for item in key])
    if key is None or isinstance(key, dict):
        return False
    return _one(value, exact=exact)(golang.sprint(key)) is (name not in _NEGATIVE)


def member_of(name: str, value: Value) -> Test:
    """The operator for a constant value as a predicate over keys."""
    exact, wanted = name in _DEPRECATED, name not in _NEGATIVE
    one = _one(value, exact=exact)
    many = _many_exact(name, value) if exact else _many(name, value)

    def holds(key: Value) -> bool:
        if isinstance(key, str):
            return one(key) is wanted
        if isinstance(key, list):
            return many(_texts(name, key) if exact else [golang.sprint(item) for item in key])
        return key is not None and not isinstance(key, dict) and one(golang.sprint(key)) is wanted

    return holds


def _texts(name: str, key: list[Value]) -> list[str]:
    for item in key:
        if not isinstance(item, str):  # upstream panics; the rule must not pass for it
            raise PolicyError(f"operator {name}: the key holds a {golang.type_name(item)} where only strings can stand")
    return key


def _finder(values: list[str]) -> Found:
    """Whether a text is among the values, either side being a wildcard for the other."""
    literals = frozenset(value for value in values if not wildcard.contains(value))
    globs = tuple(wildcard.compile(value) for value in values if wildcard.contains(value))

    def found(key: str) -> bool:
        if key in literals:
            return True
        for matches in globs:
            if matches(key):
                return True
        return wildcard.contains(key) and any(map(wildcard.compile(key), values))

    return found


_FEW: Final = 8
_SHORT: Final = 256


@lru_cache(maxsize=256)
def _known_finder(values: tuple[str, ...]) -> Found:
    """What expressions give is mostly a short list, and mostly the same for one resource after another."""
    return _finder(list(values))


def _one(value: Value, *, exact: bool) -> Maybe:
    if isinstance(value, list):
        values = [golang.sprint(item) for item in value]
        is_short = len(values) <= _FEW and all(len(text) <= _SHORT for text in values)
        return _known_finder(tuple(values)) if is_short else _finder(values)
    if not isinstance(value, str):
        return lambda key: None
    matches = wildcard.compile(value)
    if not exact and _is_range(value):
        within = scalar.compile(value)
        return lambda key: matches(key) or within(key)
    listed = _listed(value, exact=exact)
    return lambda key: True if matches(key) else None if listed is None else key in listed


def _many(name: str, value: Value) -> Verdict:
    if isinstance(value, str):
        return _many_in_text(name, value)
    if isinstance(value, list):
        values = value
    elif isinstance(value, (bool, int, float)) and name in ("AnyIn", "AnyNotIn"):
        values = [value]
    else:
        return _never
    return _counted(name, _finder([golang.sprint(item) for item in values]))


def _many_in_text(name: str, value: str) -> Verdict:
    """A range such as 1-10, a list in JSON, or the text itself; a single key that is the text is in it first."""
    inside = name not in _NEGATIVE
    if _is_range(value):
        verdict = _ranged(name, value)
    else:
        listed = _listed(value, exact=False)
        verdict = _never if listed is None else _counted(name, _finder(listed))
    return lambda keys: inside if len(keys) == 1 and keys[0] == value else verdict(keys)


def _ranged(name: str, value: str) -> Verdict:
    if name == "AnyNotIn":  # upstream turns the first dash, which may be a sign, into the operator
        outside = scalar.compile(value.replace("-", "!-", 1))
        return lambda keys: any(map(outside, keys))
    return _counted(name, scalar.compile(value))


def _many_exact(name: str, value: Value) -> Verdict:
    """Strings compared as they are; a single key that is the text itself makes even NotIn true."""
    if isinstance(value, list):
        listed = value if all(isinstance(item, str) for item in value) else None
    else:
        listed = _listed(value, exact=True) if isinstance(value, str) else None
    verdict = _never if listed is None else _counted(name, frozenset(listed).__contains__)
    if not isinstance(value, str):
        return verdict
    return lambda keys: (len(keys) == 1 and keys[0] == value) or verdict(keys)


def _counted(name: str, found: Found) -> Verdict:
    count = _COUNTED[name]
    return lambda keys: count(map(found, keys))


def _never(keys: list[str]) -> bool:
    return False


def _is_range(value: str) -> bool:
    return prefixes.parse(value)[0] is prefixes.Operator.IN_RANGE


def _listed(text: str, *, exact: bool) -> list[str] | None:
    """The strings of a JSON list; a text that is no JSON stands for itself, unless only lists will do."""
    try:
        found = json.loads(text, parse_int=float, parse_constant=_refuse)
    except ValueError:
        return None if exact else [text]
    except RecursionError:
        return None
    if found is None:
        return []
    if not isinstance(found, list) or any(not isinstance(item, str | None) for item in found):
        return None
    return [item or "" for item in found]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
