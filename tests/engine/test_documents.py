"""Loading: cases in YAML, the quick ways held against libyaml, positions, and files that mean harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.documents import Limits, Loaded, load
from engine.model import Position
from engine.yaml import lines, scalars
from engine.yaml.construct import Bounds, Constructor
from engine.yaml.faults import Fault

CASES = Path(__file__).parents[1] / "cases" / "documents"
SHARED = Path(__file__).parents[2] / ".." / "shared"


def cases(name: str) -> list[Any]:
    loaded = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in loaded]


def values(loaded: Loaded) -> list[Any]:
    return [document.value for document in loaded.documents]


def same(left: Any, right: Any) -> bool:
    """Equality that tells 1 from 1.0 and from True."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


@pytest.mark.parametrize("case", [*cases("values.yaml"), *cases("files.yaml")])
def test_case(case: dict[str, Any]) -> None:
    integers = "integers" in case
    loaded = load(case["text"].encode(), "f.yaml", numbers=int if integers else float)
    assert same(values(loaded), case["integers" if integers else "values"]), values(loaded)
    assert [[p.code, p.line, p.column] for p in loaded.problems] == case.get("problems", [])
    assert all(p.file == "f.yaml" and p.message and p.advice for p in loaded.problems)
    if "lines" in case:
        assert [document.line for document in loaded.documents] == case["lines"]


def thorough(text: str, numbers: scalars.NumberType) -> Any:
    """What libyaml says, or None where it refuses or finds fault."""
    try:
        built = Constructor(text, numbers, Bounds(100, 1000)).build()
    except Fault:
        return None
    return None if built.faults else [built.value]


TEXTS = r"""
a b kind no Off null ~ 1 010 1.0 1e3 0x1F -5 .5 8080 1_0 nginx:1.25 a:b a#b http://x/y --flag -x - -- = …
[] {} [a] [a,b] {a:b} "a" 'b' "" '' "a\"b" "\n" 'it''s' | > |- >- |+ |2 # #c &a *a !!str <<: ? : a: a:b:
"a": 'b': 1: true: - -a @ ` % {{x}} $(x) (k): =(k): <5 x*y ... --- é
"""
WORDS = st.sampled_from(TEXTS.split())
LINE = st.tuples(
    st.integers(0, 6), st.lists(WORDS, max_size=4), st.sampled_from(["", " ", "  ", ":", " #", " # c"])
).map(lambda parts: " " * parts[0] + " ".join(parts[1]) + parts[2])
TREE: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=12), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.text(max_size=6), WORDS), inner, max_size=4)
    ),
    max_leaves=12,
)


def agree(text: str) -> None:
    for numbers in (float, int):
        quick = lines.parse(text, numbers, 100)
        if quick is not lines.NOT_ORDINARY:
            assert same([quick], thorough(text, numbers)), (text, quick)


@settings(max_examples=1500, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=7))
def test_the_quick_way_is_libyamls_way_for_any_lines(some: list[str]) -> None:
    text = "\n".join(some) + "\n"
    if not any(line.startswith(("---", "...", "%")) for line in some) and text.strip():
        agree(text)


@settings(max_examples=300, deadline=None)
@given(TREE, st.sampled_from([None, "'", '"']), st.booleans())
def test_the_quick_way_is_libyamls_way_for_dumped_values(tree: Any, style: str | None, indented: bool) -> None:
    text = yaml.dump({"root": tree}, default_style=style, allow_unicode=True, indent=4 if indented else 2)
    loaded = load(text, "f")
    try:
        expected = thorough(text, float)
    except UnicodeEncodeError:
        return
    if expected is not None:
        assert same(values(loaded), expected)


def test_an_ordinary_manifest_takes_the_quick_way() -> None:
    assert lines.parse(MANIFEST, float, 100) is not lines.NOT_ORDINARY


MANIFEST = """\
# a comment
apiVersion: v1
kind: Pod
metadata:
  name: shop   # here
  annotations: {}
  labels:
    "app": 'x'
spec:
  containers:
  - name: main
    image: "nginx"
    args: ["--port", "80"]
    command:
    - sh
    - |
      echo one

      echo two

    env:
    - {name: A, value: b}
    - name: B
      value: >-
        folded
        text
  - name: side
    securityContext:
      privileged: true
  restartPolicy:
"""


def position(path: tuple[str | int, ...], prefix: str = "") -> tuple[Position, Position, int]:
    document = load(prefix + MANIFEST, "f.yaml").documents[-1]
    return document.position(path), document.key_position(path), document.last_line(path)


@pytest.mark.parametrize("shift", [0, 2])
def test_positions(shift: int) -> None:
    prefix = "a: 1\n---\n" if shift else ""

    def at(*path: str | int) -> tuple[int, int, int, int, int]:
        value, key, last = position(path, prefix)
        return value.line - shift, value.column, key.line - shift, key.column, last - shift

    assert at() == (2, 1, 2, 1, 30)
    assert at("metadata") == (5, 3, 4, 1, 8)
    assert at("metadata", "name") == (5, 9, 5, 3, 5)
    assert at("metadata", "labels", "app") == (8, 12, 8, 5, 8)
    assert at("spec", "containers", 0) == (11, 5, 11, 5, 26)
    assert at("spec", "containers", 0, "command", 1) == (16, 7, 16, 7, 19)
    assert at("spec", "containers", 0, "env", 1, "value") == (24, 14, 24, 7, 26)
    assert at("spec", "containers", 1, "securityContext", "privileged") == (29, 19, 29, 7, 29)
    assert at("spec", "containers", 1, "image") == (27, 5, 27, 5, 29), "nearest ancestor"
    assert at("metadata", "labels", "team", "x") == (8, 5, 7, 3, 8), "nearest ancestor"
    assert at("spec", "restartPolicy")[0] == 30


def test_positions_of_aliases_merges_and_json() -> None:
    merged = load("a: &a {x: 1}\nb:\n  <<: *a\n  z: *a\n", "f").documents[0]
    assert merged.position(("b", "x")) == Position(3, 7)
    assert merged.key_position(("b", "z", "x")) == Position(4, 3)
    text = load('{"a": [1,\n  {"b": "c"}\n]}', "f.json").documents[0]
    assert text.position(("a", 1, "b")) == Position(2, 9)
    assert (text.last_line(("a",)), text.last_line(())) == (3, 3)


def test_positions_count_the_lines_of_the_file() -> None:
    document = load("a: 'x\u2028 y'\nb: 1\n", "f").documents[0]
    assert document.position(("b",)) == Position(2, 4)


def test_files_that_are_no_text() -> None:
    def problem(content: bytes) -> tuple[str, int, int]:
        loaded = load(content, "f", limits=Limits(file_bytes=1000))
        assert not loaded.documents
        return loaded.problems[0].code, loaded.problems[0].line, loaded.problems[0].column

    assert problem(b"a: 1\nb: \xe9\n") == ("not-utf8", 2, 4)
    assert problem("a: 1\n".encode("utf-16")) == ("not-utf8", 1, 1)
    assert problem(b"a: 1\0\n") == ("binary-file", 1, 1)
    assert problem(b"a: 1\n" * 1000) == ("too-large", 1, 1)


def test_too_many_documents_and_levels() -> None:
    loaded = load("a: 1\n---\n" * 5, "f", limits=Limits(documents=3))
    assert [p.code for p in loaded.problems] == ["too-many-documents"]
    assert (len(loaded.documents), loaded.problems[0].line) == (3, 7)
    deep = ["[" * 101 + "]" * 101, "- " * 101 + "a", "\n".join(" " * n + "a:" for n in range(101)), '{"a":' * 9999]
    assert [load(text, "f").problems[0].code for text in deep] == ["too-deep"] * 4
    assert not load("[" * 100 + "]" * 100, "f").problems


def test_bombs_are_refused_at_once() -> None:
    laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    tower = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 200))
    assert load(laughs, "f").problems[0].code == "alias-bomb"
    assert load(tower, "f").problems[0].code == "too-deep"
    assert load("[" * 1_000_000, "f").problems[0].code == "too-deep"
    load("a: " + "1" * 1_000_000 + "\n" + "- " * 100_000, "f")


def test_aliases_are_copies() -> None:
    value = load("a: &a {x: {}}\nb: *a\n", "f").documents[0].value
    value["a"]["x"]["y"] = 1
    assert value["b"] == {"x": {}}


def test_equal_lines_share_no_collection() -> None:
    first, second = values(load("a: []\nb: {c: d}\n---\na: []\nb: {c: d}\n", "f"))
    first["a"].append(1)
    first["b"]["e"] = 1
    assert second == {"a": [], "b": {"c": "d"}}


def test_indices_count_broken_documents() -> None:
    loaded = load("a: 1\n---\nb: [\n---\nc: 1\nc: 2\n", "f")
    assert [(d.index, d.has_duplicate_keys) for d in loaded.documents] == [(0, False), (2, True)]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference's data is not beside this checkout")
def test_the_librarys_files_mean_what_libyaml_says() -> None:
    files = sorted((SHARED / "reference" / "library").rglob("*.yaml"))[::25]
    assert files
    for file in files:
        for document in load(file.read_bytes(), file.name).documents:
            assert same([document.value], thorough(document.text, float)), file
