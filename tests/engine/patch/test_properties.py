"""What holds for every patch and every resource."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError, LimitError
from engine.patch import difference, json_patch, strategic_merge
from engine.patch.scalars import MISSING, PatchError, same
from engine.values.numbers import renumber

NAMES = ("name", "spec", "containers", "metadata", "labels", "finalizers", "env", "ports", "containerPort", "$patch")
ANCHORS = ("({})", "<({})", "+({})", "X({})", "^({})", "=({})")
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "a", "b", "*", "1", "delete", "replace", "(x)"]),
)
fields = st.sampled_from(NAMES)
anchored = st.one_of(fields, st.builds(str.format, st.sampled_from(ANCHORS), fields))


def values(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
        max_leaves=12,
    )


maps = st.recursive(
    scalars, lambda inner: st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3), max_leaves=10
)
kinds = st.sampled_from([("v1", "Pod"), ("apps/v1", "Deployment"), ("example.com/v1", "Thing")])


@st.composite
def resources(draw: st.DrawFn) -> dict[str, Any]:
    version, kind = draw(kinds)
    return {"apiVersion": version, "kind": kind, **draw(st.dictionaries(fields, values(fields), max_size=4))}


pointers = st.lists(
    st.sampled_from([*NAMES, "0", "1", "-", "-1", "-9", "a~1b", "~0", "", "99999999999999999999"]), max_size=4
).map(lambda parts: "".join(f"/{part}" for part in parts))
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "other"]), "path": pointers},
    optional={"value": values(fields), "from": pointers},
)


@given(resources(), st.dictionaries(anchored, values(anchored), max_size=4))
@settings(max_examples=150, deadline=None)
def test_a_merge_changes_neither_resource_nor_patch(resource: dict[str, Any], patch: dict[str, Any]) -> None:
    before = copy.deepcopy((resource, patch))
    with suppress(EngineError):
        strategic_merge.compile(patch)(resource)
    assert (resource, patch) == before


alike = st.recursive(
    st.sampled_from(["a", "*"]),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["name", "spec"]), inner)),
    max_leaves=5,
)
"""Values that are often nearly the same."""
asking = st.dictionaries(st.sampled_from(["spec", "(spec)", "+(spec)", "<(spec)", "(name)"]), alike, min_size=1)
patches = st.fixed_dictionaries(
    {"spec": st.one_of(asking, st.lists(asking, min_size=1, max_size=2))}, optional={"(name)": alike}
)


@given(st.lists(st.fixed_dictionaries({"spec": alike, "name": alike}), min_size=4, max_size=8), patches)
@settings(max_examples=300, deadline=None)
def test_a_patch_makes_of_each_resource_what_it_makes_of_it_alone(
    found: list[dict[str, Any]], patch: dict[str, Any]
) -> None:
    apply = strategic_merge.compile(patch)
    for varied in found:
        resource = {"apiVersion": "v1", "kind": "Pod", **varied}
        assert _outcome(apply, resource) == _outcome(strategic_merge.compile(patch), resource)


def _outcome(apply: Callable[[Any], Any], resource: dict[str, Any]) -> str:
    try:
        return repr(apply(resource))
    except EngineError as error:
        return f"{type(error).__name__}: {error}"


@given(resources(), st.dictionaries(st.sampled_from(["spec", "metadata"]), maps, max_size=2))
@settings(max_examples=100, deadline=None)
def test_a_merge_of_maps_is_idempotent(resource: dict[str, Any], patch: dict[str, Any]) -> None:
    apply = strategic_merge.compile(patch)
    try:
        once = apply(resource)
        twice = None if once is None else apply(once)
    except EngineError:
        return
    assert twice is None


@given(resources(), st.lists(operations, max_size=4))
@settings(max_examples=150, deadline=None)
def test_a_json_patch_changes_neither_resource_nor_operations(
    resource: dict[str, Any], steps: list[dict[str, Any]]
) -> None:
    before = copy.deepcopy((resource, steps))
    with suppress(EngineError):
        json_patch.compile(steps)(resource)
    assert (resource, steps) == before


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        below = range(len(value)) if isinstance(value, list) else value
        if not isinstance(below, dict | range) or key not in below:
            return MISSING
        value = value[key]
    return value


@given(values(fields), values(fields))
@settings(max_examples=150, deadline=None)
def test_a_difference_is_empty_only_for_the_same(before: Any, after: Any) -> None:
    paths = difference.changed_paths(before, after)
    assert (paths == ()) is same(before, after)
    assert all(at(before, path) is not MISSING or at(after, path) is not MISSING for path in paths)
    assert difference.changed_paths(before, copy.deepcopy(before)) == ()


@given(values(fields))
@settings(max_examples=100, deadline=None)
def test_renumbering_keeps_the_value(value: Any) -> None:
    again = renumber(value)
    assert same(again, value)
    assert renumber(again) is again


def test_numbers_become_integers_only_where_they_fit() -> None:
    assert [type(item) for item in renumber([1.0, -0.0, 1.5, 1e20, True, 2])] == [int, int, float, float, bool, int]


def nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"a": value, "b": "c"}
    return value


def test_deep_nesting_is_refused() -> None:
    deep = {"kind": "A", **nested(5000)}
    with pytest.raises(LimitError):
        strategic_merge.compile({"a": 1, **nested(5000)})(deep)
    with pytest.raises((LimitError, PatchError)):
        json_patch.compile([{"op": "test", "path": "/a", "value": nested(4999)["a"]}])(deep)


def test_padding_is_bounded() -> None:
    with pytest.raises(LimitError):
        json_patch.compile('[{"op": "add", "path": "/a/999999999/b", "value": 1}]')({"kind": "A"})


def test_what_a_patch_does_not_touch_is_shared() -> None:
    resource: dict[str, Any] = {"kind": "A", "spec": {"a": {"b": 1.0}, "c": {"d": 2.0}}}
    for apply in (
        strategic_merge.compile({"spec": {"a": {"b": 2.0}}}),
        json_patch.compile([{"op": "replace", "path": "/spec/a/b", "value": 2.0}]),
    ):
        patched = apply(resource)
        assert patched is not None
        assert patched["spec"]["c"] is resource["spec"]["c"]
        assert patched["spec"]["a"] == {"b": 2.0}
