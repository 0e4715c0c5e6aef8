"""Paths as text and as places in a file; keys that stay."""

from __future__ import annotations

import pytest

from bot.locate import finding_key, locate, path_text
from bot.model import LineRange
from engine import documents, resources
from engine.model import Path

TEXT = b"""\
# a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
spec:
  template:
    spec:
      containers:
      - name: web
        image: nginx
        securityContext:
          privileged: true
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata:
    name: a
  spec:
    containers: [{name: a, image: x}]
- apiVersion: v1
  kind: Pod
  metadata:
    name: b
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("spec", "template", "spec", "containers", 0, "image"), 13),
        (("spec", "template", "spec", "containers", 0), 12),
        (("spec", "template", "spec", "containers", 0, "securityContext"), 14),
        (("spec", "template", "spec", "containers", 0, "securityContext", "privileged"), 15),
        (("metadata", "labels", "CostCenter"), 6),
        (("metadata", "annotations", "x"), 4),
        (("spec", "template", "spec", "containers", 7, "image"), 11),
        (("status", "x"), 2),
    ],
)
def test_line_of_the_key_or_of_the_nearest_ancestor(path: Path, line: int) -> None:
    place = locate(documents.load(TEXT, "f.yaml").documents[0], (), path)
    assert (place.line, place.lines) == (line, LineRange(2, 15))


def test_items_of_a_list() -> None:
    document = documents.load(TEXT, "f.yaml").documents[1]
    first = locate(document, ("items", 0), ("spec", "containers", 0, "image"))
    assert (first.line, first.lines) == (25, LineRange(20, 25))
    second = locate(document, ("items", 1), ("spec",))
    assert (second.line, second.lines) == (26, LineRange(26, 29))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("spec", "containers", 0, "image"), "spec.containers[0].image"),
        (("metadata", "labels", "a.b/c"), 'metadata.labels["a.b/c"]'),
        (("data", 'q"\\'), 'data["q\\"\\\\"]'),
        (("odd key",), '["odd key"]'),
        ((0, 1), "[0][1]"),
    ],
)
def test_path_text(path: Path, text: str) -> None:
    assert path_text(path) == text


def test_keys_tell_findings_apart_but_do_not_move_with_lines() -> None:
    def key(text: bytes, file: str = "f.yaml", rule: str = "r", path: Path = ()) -> str:
        found, _ = resources.read(documents.load(text, file).documents)
        return finding_key("p", rule, found[0], path)

    assert key(TEXT) == key(b"\n\n" + TEXT)
    different = {key(TEXT), key(TEXT, "g.yaml"), key(TEXT, rule="s"), key(TEXT, path=("a",)), key(TEXT, path=("b",))}
    assert len(different) == 5
    assert all(len(one) == 20 for one in different)
