"""Properties of the parts of ``apply`` and ``test``, and what a case file cannot say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.dropin import compare, filters, strict, values, yaml_text
from bot.dropin.counts import policy_action
from bot.dropin.strict import Fields, FileError, Leaf, Many
from bot.dropin.test_file import Expected
from engine import documents, policy_reading

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\x85\ufeff"), max_size=12)
KEYS = st.text("abcdefg-_.", min_size=1, max_size=6)
LEAVES = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXT | st.just("two\nlines\n") | st.just("a\n\nb")
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_yaml_reads_back(value: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text.resource_yaml(value)) == value
    assert yaml.safe_load(yaml_text.report_yaml(value)) == value


@given(VALUES)
def test_a_value_is_the_same_as_its_json(value: Any) -> None:
    floats = json.loads(json.dumps(value), parse_int=float)
    assert compare.same(value, floats)
    assert compare.same(floats, value)


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), ([1], [1, 1]), ({"a": 1}, {"b": 1}), ("1", 1)])
def test_values_that_are_not_the_same(one: Any, other: Any) -> None:
    assert not compare.same(one, other)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("y", '"y"'),
        ("on", '"on"'),
        ("1:20", '"1:20"'),
        ("~", '"~"'),
        ("", '""'),
        ("* * *", "'* * *'"),
        ("*", "'*'"),
        ("!", "'!'"),
        ("a: b", "'a: b'"),
        ("=", "="),
        ("<<", "<<"),
        ("0:30", '"0:30"'),
        ("8080:80", "8080:80"),
        ("08", '"08"'),
        ("0o17", '"0o17"'),
        ("1e3", '"1e3"'),
        ("1_0.5", '"1_0.5"'),
        ("2020-1-1", '"2020-1-1"'),
        ("2020-13-45", "2020-13-45"),
        ("2020-01-01T00:00:00Z", '"2020-01-01T00:00:00Z"'),
        ("a\tb", '"a\\tb"'),
        ("\U0001f680 up", '"\\U0001F680 up"'),
        ("a \nb", '"a \\nb"'),
        ("a\nb ", '"a\\nb "'),
        ("a\n\tb", "|-\n    a\n    \tb"),
        (" a\nb", "|4-\n     a\n    b"),
    ],
)
def test_texts_are_quoted_once_where_they_must_and_twice_where_they_would_be_something_else(text, written):
    assert yaml_text.resource_yaml({"a": text}) == f"a: {written}\n"


def test_keys_are_ordered_by_letters_and_the_numbers_among_them() -> None:
    ordered = ["~", "1", "01", "9", "9a", "10", "10a", "A", "B", "a", "a-b", "a.b", "a_b", "a1", "a1b", "a01", "a2"]
    ordered += ["a10", "aB", "ab", "b"]
    written = yaml_text.resource_yaml(dict.fromkeys(sorted(ordered), 0))
    assert [line.removesuffix(": 0").strip('"') for line in written.splitlines()] == ordered


def test_floats_are_printed_as_go_prints_them() -> None:
    assert yaml_text.resource_yaml({"a": 80.0, "b": 0.5, "c": 1e21}) == "a: 80\nb: 0.5\nc: 1e+21\n"


def test_pairs_that_are_none_are_ignored() -> None:
    pairs = ["a = b", "a=c", "d", "=e", "f=", "g=h=i", "request.object.x=y", "request.operation=DELETE"]
    assert values.parse_set(pairs) == {"a": "b", "request.operation": "DELETE"}


def test_rule_values_go_to_autogen_too_and_elements_get_the_first() -> None:
    rule = {"name": "r", "values": {"a.b": 1.0}, "foreachValues": {"image": ["x", "y"]}}
    found = values.of_spec({"policies": [{"name": "p", "rules": [rule]}]})
    for name in ("r", "autogen-r", "autogen-cronjob-r"):
        assert found.of_rule("p", name) == {"a.b": 1.0, "image": "x"}
    assert found.of_rule("p", "s") == {}


def test_an_operation_that_cannot_be_simulated() -> None:
    with pytest.raises(FileError, match=r'invalid request\.operation value "PATCH"'):
        values.of_spec({"globalValues": {"request.operation": "PATCH"}})


SHAPE = Fields("Test", {"name": Leaf.TEXT, "flag": Leaf.BOOL, "labels": Leaf.LABELS, "list": Many(Leaf.TEXT)})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NAME: 1\nlabels: {a: true, b: 2}", {"name": "1", "labels": {"a": "true", "b": "2"}}),
        ("name: null\nlist: [1.5, x]", {"list": ["1.5", "x"]}),
        ("name: []", "cannot unmarshal array into Go struct field Test.name of type string"),
        ("flag: x", "cannot unmarshal string into Go struct field Test.flag of type bool"),
        ("list: {}", "cannot unmarshal object into Go struct field Test.list of type []"),
        ("other: 1", 'unknown field "other"'),
        ("name: a\nname: b", "a key stands twice"),
        ("- 1", "cannot unmarshal array into Go value of type Test"),
    ],
)
def test_strict_reading(text: str, expected: Any) -> None:
    document = documents.load(text, "f.yaml").documents[0]
    if isinstance(expected, dict):
        assert strict.decoded(document, SHAPE) == expected
    else:
        with pytest.raises(FileError) as raised:
            strict.decoded(document, SHAPE)
        assert expected in str(raised.value)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file or directory"):
        strict.read(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("selector", "admitted"),
    [
        ("policy=*,rule=*,resource=*", True),
        ("policy=p", True),
        ("policy=q", False),
        ("rule=r?", False),
        ("resource=b*", True),
        ("resource=c", False),
        ("", True),
    ],
)
def test_selectors(selector: str, admitted: bool) -> None:
    row = Expected(policy="p", rule="r", resources=("a", "b1"))
    assert filters.parse(selector).admits(row) is admitted


@pytest.mark.parametrize("selector", ["policy", "a=b", "policy=a=b"])
def test_selectors_that_are_none(selector: str) -> None:
    assert len(filters.parse(selector).problems) == 1


POLICY = """
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: p}
spec:
  validationFailureAction: Audit
  rules:
    - name: first
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {failureActionOverrides: [{action: Enforce, namespaces: [prod]}], deny: {}}
    - name: second
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {failureAction: %s, deny: {}}
"""


@pytest.mark.parametrize(
    ("namespace", "stated", "action"), [("prod", "Audit", "Enforce"), ("dev", "Enforce", "Enforce")]
)
def test_the_action_of_a_policy_is_that_of_the_first_rule_that_states_one(
    namespace: str, stated: str, action: str
) -> None:
    policy = policy_reading.read(documents.load(POLICY % stated, "p.yaml").documents).policies[0]
    assert policy_action(policy, namespace, {}) == action


def test_letters_that_were_booleans_once_are_quoted() -> None:
    assert yaml_text.resource_yaml({"n": 1, "a": "y", "b": "N", "c": "no", "d": "x"}) == (
        'a: "y"\nb: "N"\nc: "no"\nd: x\n"n": 1\n'
    )
    assert yaml_text.report_yaml({"a": "y", "b": "x"}) == 'a: "y"\nb: x\n'
