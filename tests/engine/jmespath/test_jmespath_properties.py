"""Whatever the expression and the value: an answer, or a QueryError."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import jmespath
from engine.errors import QueryError
from engine.jmespath import json_text
from engine.jmespath.evaluation import Evaluation, deep_equal
from engine.jmespath.functions import CUSTOM, FUNCTIONS, STANDARD
from tests.engine.jmespath.answers import RUNTIME, ask

SCALARS = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
LEAVES = st.sampled_from(
    ["a", "b", "@", "*", "`1`", "'x'", "'1Gi'", "`null`", "`[1, 2]`", '`{"a": 1}`', "[0]", "[]", "[*]", "[::-1]"]
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    names = st.sampled_from(sorted(FUNCTIONS))
    return st.one_of(
        st.tuples(inner, KEYS).map(".".join),
        pairs.map(" || ".join),
        pairs.map(" && ".join),
        pairs.map(" | ".join),
        pairs.map(" == ".join),
        pairs.map(" < ".join),
        pairs.map(lambda pair: f"{pair[0]}[?{pair[1]}]"),
        pairs.map(lambda pair: f"[{pair[0]}, {pair[1]}]"),
        inner.map("({})[]".format),
        inner.map("!{}".format),
        inner.map("{{a: {}}}".format),
        st.tuples(names, st.lists(inner, max_size=3)).map(lambda call: f"{call[0]}({', '.join(call[1])})"),
        st.tuples(st.sampled_from(["sort_by", "max_by", "min_by"]), inner, inner).map("{0[0]}({0[1]}, &{0[2]})".format),
    )


EXPRESSIONS = st.recursive(LEAVES, _larger, max_leaves=8)


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, VALUES)
def test_expressions_answer_or_refuse(expression: str, value: Any) -> None:
    before = json.dumps(value)
    with suppress(QueryError):
        json.dumps(ask(expression, value))
    assert json.dumps(value) == before


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab.[]*?|&!<>='\"`(){}@,:0-1\\ é\n", max_size=20))
def test_any_text_compiles_or_is_refused(expression: str) -> None:
    with suppress(QueryError):
        jmespath.compile(expression)


@settings(max_examples=200)
@given(VALUES)
def test_literals_read_what_json_writes(value: Any) -> None:
    text = json.dumps(value)
    assert deep_equal(json_text.parse(text), value, Evaluation(RUNTIME))
    assert ask("`" + text.replace("`", "\\`").replace("\\\\", "\\\\") + "`") == value


@settings(max_examples=300)
@given(st.text(alphabet='{}[]:,"\\tfn019.eE+- \x01', max_size=8))
def test_json_is_read_or_explained(text: str) -> None:
    with suppress(QueryError):
        json_text.parse(text)


@given(st.lists(st.dictionaries(st.just("a"), st.floats(allow_nan=False)), max_size=5))
def test_projections_drop_what_is_missing(items: list[dict[str, float]]) -> None:
    assert ask("[].a", items) == [item["a"] for item in items if "a" in item]


def test_the_table_has_every_function() -> None:
    assert sum(len(names.split()) for names in CUSTOM.values()) == 51
    assert sum(len(names.split()) for names in STANDARD.values()) == 25
    for name, function in FUNCTIONS.items():
        assert function.name == name
        assert function.doc
        assert "\n" not in function.doc
    assert FUNCTIONS["split"].signature == "split(string, string) array[string]"
