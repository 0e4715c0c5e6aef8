"""The diff: valid and shortest scripts, and no line outside what git shows."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.diff import LIMIT, commentable, edits, nearest, split_lines
from bot.model import LineRange

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases/diff/commentable.yaml").read_text())
LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n"]), max_size=14)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_commentable(case: dict[str, Any]) -> None:
    base = None if case["base"] is None else case["base"].encode()
    assert [[r.first, r.last] for r in commentable(base, case["head"].encode())] == case["lines"]


@given(LINES, LINES)
def test_the_script_makes_the_head_and_is_shortest(old: list[bytes], new: list[bytes]) -> None:
    found = edits(old, new)
    assert found is not None
    made, at = [], 0
    for edit in found:
        made += [*old[at : edit.old_start], *new[edit.new_start : edit.new_end]]
        at = edit.old_end
    assert made + old[at:] == new
    cost = sum(e.old_end - e.old_start + e.new_end - e.new_start for e in found)
    assert cost == len(old) + len(new) - 2 * longest_common(old, new)


def longest_common(old: list[bytes], new: list[bytes]) -> int:
    """The length of a longest common subsequence, by the textbook's table."""
    row = [0] * (len(new) + 1)
    for line in old:
        before = row
        row = [0]
        for j, other in enumerate(new):
            row.append(before[j] + 1 if line == other else max(before[j + 1], row[j]))
    return row[-1]


def git_lines(base: bytes, head: bytes, folder: Path) -> set[int]:
    """The head's lines that `git diff` shows."""
    (folder / "a").write_bytes(base)
    (folder / "b").write_bytes(head)
    command = ["git", "diff", "--no-index", "--unified=3", "--no-color", "--text", "a", "b"]
    shown = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout
    found: set[int] = set()
    for start, count in re.findall(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", shown, re.MULTILINE):
        found |= set(range(int(start), int(start) + int(count or b"1")))
    return found


def numbers(ranges: tuple[LineRange, ...]) -> Iterator[int]:
    """All lines of the ranges."""
    for hunk in ranges:
        yield from range(hunk.first, hunk.last + 1)


Container = tuple[str, str, bool]


def change(chance: random.Random) -> tuple[list[Container], list[Container]]:
    """A stream of documents before and after edits, deletions and insertions that keep the order of the rest."""
    old = [(name, chance.choice(["nginx", "redis:7"]), chance.random() < 0.5) for name in "abcdefgh"]
    old = old[: chance.randint(0, 8)]
    new = [(name, image, flag != (chance.random() < 0.2)) for name, image, flag in old if chance.random() < 0.85]
    for name in "ijk"[: chance.randint(0, 3)]:
        new.insert(chance.randint(0, len(new)), (name, "nginx", chance.random() < 0.5))
    return old, new


def manifest(containers: list[Container]) -> bytes:
    """A stream of manifests that repeat most of each other's lines."""
    documents = [
        f"---\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n  - name: c\n    image: {image}\n"
        f"    securityContext:\n      privileged: {str(flag).lower()}\n"
        for name, image, flag in containers
    ]
    return "".join(documents).encode()


def test_hardly_ever_a_line_outside_gits_diff(tmp_path: Path) -> None:
    """Documents that repeat each other align in many shortest ways, of which git's can be none of the two compared."""
    chance = random.Random(7)
    pairs = [tuple(map(manifest, change(chance))) for _ in range(200)]
    outside = [pair for pair in pairs if set(numbers(commentable(*pair))) - git_lines(*pair, tmp_path)]
    assert len(outside) <= 2


@settings(max_examples=60, deadline=None)
@given(LINES, LINES)
def test_past_the_limit_only_what_any_diff_shows(
    tmp_path_factory: pytest.TempPathFactory, old: list[bytes], new: list[bytes]
) -> None:
    base, head = b"".join(old), b"".join(new)
    with mock.patch("bot.diff.LIMIT", 0):
        assert set(numbers(commentable(base, head))) <= git_lines(base, head, tmp_path_factory.getbasetemp())


def test_most_of_what_git_shows_is_commentable(tmp_path: Path) -> None:
    base = manifest([(name, "nginx", False) for name in "abcdef"])
    head = manifest([(name, "nginx", name == "c") for name in "abzcdf"])
    assert git_lines(base, head, tmp_path) - set(numbers(commentable(base, head))) == set()


@pytest.mark.parametrize(
    ("wanted", "within", "line"),
    [(5, (1, 20), 5), (12, (8, 20), 10), (12, (11, 20), 15), (13, (1, 14), 10), (1, (1, 3), None), (12, None, None)],
)
def test_nearest(wanted: int, within: tuple[int, int] | None, line: int | None) -> None:
    hunks = (LineRange(4, 10), LineRange(15, 18))
    assert nearest(wanted, LineRange(*within) if within else None, hunks) == line


def test_lines_end_at_line_feeds_only() -> None:
    assert split_lines(b"a\rb\x0cc\r\nd\xe2\x80\xa8e") == [b"a\rb\x0cc\r\n", b"d\xe2\x80\xa8e"]
    assert split_lines(b"") == []


def test_hostile_texts_take_bounded_time() -> None:
    base = b"".join(b"%d\n" % (n * 7919 % 20011) for n in range(20_011))
    head = b"".join(b"%d\n" % (n * 104729 % 20011) for n in range(20_000)) + b"new\n"
    assert edits(split_lines(base), split_lines(head)) is None
    assert commentable(base, head)[-1] == LineRange(19_998, 20_001)
    assert LIMIT <= 1000
