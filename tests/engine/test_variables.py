"""Variables and references: the cases of tests/cases/variables."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import pointer, variables
from engine.errors import EngineError
from engine.values.numbers import floats
from tests.engine.contexts import cases, context


@pytest.mark.parametrize("case", cases("variables/substitution.yaml"))
def test_substitution(case):
    template = variables.compile(case["document"])
    where = context(case["root"], case.get("operation", "CREATE"))
    if "gives" in case:
        assert template(where) == case["gives"]
        return
    with pytest.raises(EngineError) as caught:
        template(where)
    if "fails" in case:
        assert str(caught.value) == case["fails"]
    else:
        assert str(caught.value).startswith(case["fails_with"])


@pytest.mark.parametrize("case", cases("variables/references.yaml"))
def test_references(case):
    template = variables.compile(case["document"])
    if "gives" in case:
        assert template.constant
        assert template(context({})) == case["gives"]
        return
    with pytest.raises(EngineError) as caught:
        template(context({}))
    assert str(caught.value) == case["fails"]


json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(json)
def test_a_document_without_variables_is_constant_or_unescaped(document):
    text = str(document)
    if "{{" in text or "$(" in text:
        return
    template = variables.compile(document)
    assert template.constant
    assert template(context({})) == document


@given(json, st.text())
def test_no_document_and_no_value_raises_anything_else(value, text):
    template = variables.compile({"a": f"x {{{{ value }}}} {text}", "b": text})
    with contextlib.suppress(EngineError):
        template(context({"value": value}))


@given(json)
def test_floats_share_what_has_no_integer(value):
    assert floats(value) is value
    assert floats({"deep": [1, value]}) == {"deep": [1.0, value]}


def test_components_of_a_path_undo_escapes():
    assert pointer.components("/metadata/labels/" + pointer.escape("a/b")) == ["metadata", "labels", "a/b"]


def test_unusual_keys_are_quoted_in_an_expression():
    assert pointer.expression(["request", "object", "a-b", "0", "c"]) == 'request.object."a-b"[0].c'
