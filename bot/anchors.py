"""The lines that can carry a review comment, file by file, as GitHub shows the change.

An added file that resembles a deleted one is shown as that one renamed, with nothing but the lines that differ. Which
files are paired is GitHub's affair (git's ``diffcore-rename`` asks for half of the bytes), so a line of such a file
counts only where it stands in the diff against every deleted file that comes near.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from typing import Final

from bot.diff import both, commentable, split_lines
from bot.model import Entry, LineRange, Tree
from bot.moved import NOWHERE, Moved

MOST_FILES: Final = 200
"""Files that are looked at: a review has fewer comments than that."""

MOST_SOURCES: Final = 1_000
_MOST_BYTES: Final = 1 << 20
_NEAR: Final = 0.4
"""What two files must share to be taken for a rename, with some distance from git's half."""


@dataclass(frozen=True, slots=True)
class _Gone:
    """A deleted file: its bytes, and how often it has each line."""

    content: bytes
    lines: Counter[bytes]


def find(
    base: Tree, head: Tree, files: Iterable[str], contents: Mapping[str, bytes], moved: Moved = NOWHERE
) -> dict[str, tuple[LineRange, ...]]:
    """The commentable lines of the first of the ``files``, whose ``contents`` are those of the tree ``head``.

    Where that is a merge, ``moved`` tells which lines of the change they are.
    """
    asked = list(islice(dict.fromkeys(files), MOST_FILES))
    old = {path: entry for path in asked if (entry := base.entries().get(path)) is not None and entry.is_file}
    kept = base.read(old.values())
    deleted, added = _only_in(base, head), _only_in(head, base)
    renamed = {entry.sha for entry in deleted} & {entry.sha for entry in added}
    gone = _gone(base, deleted, added, [contents[path] for path in asked if path not in old])
    found: dict[str, tuple[LineRange, ...]] = {}
    for path in asked:
        before = kept[old[path].sha] if path in old else None
        if before is not None:
            ranges = commentable(before, contents[path])
        elif head.entries()[path].sha not in renamed:
            ranges = _of_added(contents[path], gone)
        else:
            continue
        found[path] = tuple(moved.hunks(path, ranges, split_lines(before or b""), contents[path]))
    return found


def _only_in(tree: Tree, other: Tree) -> list[Entry]:
    entries = other.entries()
    return [entry for path, entry in tree.entries().items() if path not in entries]


def _of_added(content: bytes, gone: Iterable[_Gone]) -> tuple[LineRange, ...]:
    lines = Counter(split_lines(content))
    ranges = [commentable(source.content, content) for source in gone if _are_near(source, content, lines)]
    return reduce(lambda some, more: tuple(both(some, more)), ranges, commentable(None, content))


def _gone(base: Tree, deleted: Iterable[Entry], added: Iterable[Entry], contents: Iterable[bytes]) -> list[_Gone]:
    """The deleted files that, by their size, may be near to one of the added ``contents``."""
    sizes = sorted({len(content) for content in contents})
    left = Counter(entry.sha for entry in added)  # files that were only moved are paired before all others
    sources: list[Entry] = []
    for entry in deleted:
        left[entry.sha] -= 1
        if left[entry.sha] < 0 and _is_near_in_size(entry, sizes):
            sources.append(entry)
    found = base.read(sources[:MOST_SOURCES])
    return [_Gone(content, Counter(split_lines(content))) for content in found.values()]


def _is_near_in_size(entry: Entry, sizes: list[int]) -> bool:
    if not entry.is_file or not 0 < entry.size <= _MOST_BYTES:
        return False
    return any(_NEAR <= size / entry.size <= 1 / _NEAR for size in sizes)


def _are_near(source: _Gone, content: bytes, lines: Counter[bytes]) -> bool:
    longest, shortest = max(len(source.content), len(content)), min(len(source.content), len(content))
    if shortest < _NEAR * longest:
        return False
    return sum(len(line) * min(count, source.lines[line]) for line, count in lines.items()) >= _NEAR * longest
