"""What must hold of any value: nothing raises, nothing takes long, and exact arithmetic agrees with fractions."""

from __future__ import annotations

import json
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LimitError
from engine.values import duration, golang, quantity, version, wildcard

SUFFIXES = {"": 1, "m": Fraction(1, 1000), "k": 1000, "M": 10**6, "Ki": 1024, "Gi": 1024**3, "e3": 1000, "E": 10**18}
EXACT = 2.0**53  # beyond it the shortest digits of a float are no longer its integer
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(-EXACT, EXACT)
values = st.recursive(
    scalars | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(st.text() | st.text("0123456789.+-eEinumkKMGTPsh", max_size=8))
def test_parsers_never_raise(text: str) -> None:
    for parse in (quantity.try_parse, duration.try_parse, version.try_parse, golang.parse_int, golang.parse_float):
        parse(text)


amounts = st.tuples(st.integers(-(10**6), 10**6), st.sampled_from(sorted(SUFFIXES)))


@given(amounts, amounts)
def test_quantities_are_exact(one: tuple[int, str], other: tuple[int, str]) -> None:
    left, right = quantity.parse(f"{one[0]}{one[1]}"), quantity.parse(f"{other[0]}{other[1]}")
    exact_left, exact_right = one[0] * Fraction(SUFFIXES[one[1]]), other[0] * Fraction(SUFFIXES[other[1]])
    assert left.compare(right) == (exact_left > exact_right) - (exact_left < exact_right)
    for result, exact in (
        (left.add(right), exact_left + exact_right),
        (left.sub(right), exact_left - exact_right),
        (left.mul(right), exact_left * exact_right),
    ):
        assert Fraction(result.unscaled, 1) / Fraction(10) ** result.scale == exact


@given(amounts.filter(lambda amount: amount[1] != "E"))  # beyond 1e18 upstream drops the exponent in writing
def test_canonical_text_is_the_same_quantity(amount: tuple[int, str]) -> None:
    written = quantity.parse(f"{amount[0]}{amount[1]}")
    again = quantity.parse(written.canonical())
    assert again.compare(written) == 0
    assert again.canonical() == written.canonical()


@given(st.integers(-(2**63), 2**63 - 1))
def test_durations_survive_being_written(nanoseconds: int) -> None:
    assert duration.parse(duration.format(nanoseconds)) == nanoseconds


@given(st.text("ab*?é", max_size=8), st.text("abé\n", max_size=8))
def test_wildcards_as_a_regular_expression(glob: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in glob)
    assert wildcard.match(glob, text) is (re.fullmatch(expression, text, re.DOTALL) is not None)


@given(values)
def test_marshal_is_json(value: object) -> None:
    text = golang.marshal(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_read_back(number: float) -> None:
    assert float(golang.float_text(number, "E")) == number
    assert float(golang.float_text(number, "f")) == number
    assert float(golang.sprint(number)) == number
    assert float(golang.number_text(number)) == number


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999999", "1e2147483647", "9" * 900 + "E", "0." + "1" * 900])
def test_huge_quantities_stay_cheap(text: str) -> None:
    huge = quantity.parse(text)
    assert huge.compare(quantity.parse("1")) == (-1 if text.startswith("0.") or "e-" in text else 1)
    assert huge.compare(huge) == 0
    str(huge)


def test_huge_results_are_refused() -> None:
    with pytest.raises(LimitError, match="digits"):
        quantity.parse("1e999999999").add(quantity.parse("1"))


def test_long_texts_are_no_values() -> None:
    digits = "1" * 100_000
    assert quantity.try_parse(digits) is None
    assert duration.try_parse(digits + "s") is None
    assert golang.parse_float(digits) is None


def test_hostile_wildcards_stay_cheap() -> None:
    assert not wildcard.match("*a" * 50 + "?*b", "a" * 2_000)


def test_versions() -> None:
    order = ["1.0.0-1", "1.0.0-2", "1.0.0-11", "1.0.0-a", "1.0.0-a.1", "1.0.0-b", "1.0.0", "1.0.1", "1.10.0", "2.0.0"]
    assert [text for _, text in sorted((version.try_parse(text), text) for text in order)] == order
    assert version.try_parse("1.0.0+build.1") == version.try_parse("1.0.0")
    for text in ("", "1", "1.2", "v1.2.3", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3-a..b", "1.2.3 ", "1.2.x"):
        assert version.try_parse(text) is None
    assert version.try_parse(f"{2**64}.0.0") is None


def test_long_wildcards_against_long_texts_are_refused() -> None:
    glob = "*?" + "a" * 5_000 + "b*"
    assert wildcard.match(glob, "x" + "a" * 5_000 + "b")
    with pytest.raises(LimitError, match="steps"):
        wildcard.match(glob, "a" * 1_000_000)
