"""Any pattern against any resource: never raises, and agrees with the naive walk to the letter."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import pattern
from engine.pattern import anchors
from tests.engine.pattern import naive
from tests.engine.pattern.test_cases import _verdict

TEXTS = (
    "* ?* a a* !a !a* a|b a&* >5 <10 >=1Mi <=1h 1-10 5!-10 1h-2h 100m 10 0 60s 1Gi 1024Mi true 8E+01 8? >a ! -5-5 m",
    "a | !b & ?* | >= 5 | conditional anchor mismatch | negation anchor matched in resource",
)
texts = st.sampled_from([*TEXTS[0].split(" "), *TEXTS[1].split(" | "), "", "a |b", "1 - 5", ">5 & <80"])
scalars = texts | st.sampled_from([None, True, False, 0.0, 1.0, 5.0, 80.0, 1.5, 0, 5, 80])
names = st.sampled_from("abc")
raw_keys = st.builds(
    str.format, st.sampled_from(["{}"] * 4 + ["({})", "=({})", "^({})", "X({})", "<({})", "+({})"]), names
)
patterns = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(raw_keys, inner, max_size=3), max_leaves=8
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, Any]:
    """A pattern and a resource that resembles it."""
    wanted = draw(patterns)
    return _resource(draw, wanted), wanted


def _resource(draw: st.DrawFn, wanted: Any) -> Any:
    if draw(st.integers(0, 9)) == 0:
        return draw(anything)
    if isinstance(wanted, dict):
        return {
            anchors.parse(key).key: _resource(draw, value) for key, value in wanted.items() if draw(st.integers(0, 5))
        }
    if isinstance(wanted, list):
        return [_resource(draw, wanted[0] if wanted else None) for _ in range(draw(st.integers(0, 3)))]
    return wanted if draw(st.booleans()) else draw(scalars)


@settings(max_examples=400)
@given(cases())
def test_the_compiled_walk_agrees_with_the_naive_one(case: tuple[Any, Any]) -> None:
    resource, wanted = case
    assert _verdict(resource, wanted) == naive.verdict(resource, wanted)


@settings(max_examples=400)
@given(scalars, scalars)
def test_scalars_agree_with_the_naive_reading(value: Any, wanted: Any) -> None:
    assert pattern.matches_scalar(value, wanted) is naive.scalar(value, wanted)


json_keys = (
    st.text(max_size=6) | raw_keys | st.sampled_from(["metadata", "=(metadata)", "labels", "(annotations)", "a*"])
)
json_values = st.recursive(
    scalars | st.text(), lambda inner: st.lists(inner) | st.dictionaries(json_keys, inner), max_leaves=12
)


@given(json_values, json_values)
def test_nothing_raises(resource: Any, wanted: Any) -> None:
    matches = pattern.compile(wanted)
    assert matches(resource) == matches(resource)


@given(st.text())
def test_anchors_are_taken_apart_and_put_together(key: str) -> None:
    anchor = anchors.parse(key)
    assert str(anchor) in (key, key.strip())
