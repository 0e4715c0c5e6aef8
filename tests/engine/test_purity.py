"""The engine reads nothing but its arguments: no file, clock or environment by a builtin that no linter bans."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import engine

SOURCES = sorted(Path(engine.__file__).parent.rglob("*.py"))
BUILTINS = {"open", "input", "print", "exec", "eval", "__import__", "breakpoint"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_builtin_reaches_the_world(path):
    tree = ast.parse(path.read_text())
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert not (called & BUILTINS) - defined


def test_no_file_is_longer_than_a_room_should_need():
    houses = [*SOURCES, *sorted((SOURCES[0].parents[1] / "bot").rglob("*.py"))]
    longest = max(houses, key=lambda path: len(path.read_text().splitlines()))
    assert len(longest.read_text().splitlines()) <= 400, longest
