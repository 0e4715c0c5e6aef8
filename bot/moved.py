"""Lines of the judged files as lines of the change's own: a merge moves them where others wrote above."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from msgspec.structs import replace as replaced

from bot.diff import edits, split_lines
from bot.locate import Place
from bot.model import LineRange, Suggestion, Tree
from engine.model import Problem

Lines = tuple[int, ...]
"""For each line of a judged file, in order, the line of the head that is the same one; 0 where there is none."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The files whose lines stand elsewhere in the head; all others are as they are there."""

    files: Mapping[str, Lines] = field(default_factory=dict)

    def exact(self, file: str, line: int) -> int:
        """The head's line that is this one, 0 where the head has none."""
        lines = self.files.get(file)
        if lines is None:
            return line
        return lines[line - 1] if 0 < line <= len(lines) else 0

    def near(self, file: str, line: int) -> int:
        """The same, or the nearest line before it that the head has, or the first one."""
        lines = self.files.get(file)
        if lines is None or line < 1:
            return line
        return next((found for found in reversed(lines[:line]) if found), 1)

    def place(self, file: str, place: Place) -> Place:
        """A place in the head."""
        if file not in self.files:
            return place
        first = self.near(file, place.lines.first)
        lines = LineRange(first, max(first, self.near(file, place.lines.last)))
        return replace(place, line=self.near(file, place.line), lines=lines)

    def suggestion(self, file: str, edit: Suggestion | None) -> Suggestion | None:
        """The same edit in the head, None where the head has not the lines that it replaces, side by side."""
        if edit is None or file not in self.files:
            return edit
        found = [self.exact(file, line) for line in range(edit.first_line, edit.last_line + 1)]
        if not all(found) or any(after != before + 1 for before, after in pairwise(found)):
            return None
        return Suggestion(found[0], found[-1], edit.text)

    def problems(self, found: Iterable[Problem]) -> tuple[Problem, ...]:
        """Problems at their places in the head."""
        return tuple(replaced(one, line=self.near(one.file, one.line)) for one in found)

    def hunks(
        self, file: str, ranges: Iterable[LineRange], kept: Iterable[bytes], content: bytes
    ) -> Iterator[LineRange]:
        """Commentable ranges of a judged file as the head's: the part of each that is whole around an added line.

        ``kept`` are the lines that the base has. Where others wrote or deleted lines inside a range, the head's diff
        shows only what is near to the change.
        """
        if file not in self.files:
            yield from ranges
            return
        lines, known = split_lines(content), set(kept)
        for hunk in ranges:
            runs = list(self._runs(file, hunk))
            for first, last in runs:
                whole = (first, last) == (hunk.first, hunk.last)
                if whole or any(line not in known for line in lines[first - 1 : last]):
                    yield LineRange(self.exact(file, first), self.exact(file, last))

    def _runs(self, file: str, hunk: LineRange) -> Iterator[tuple[int, int]]:
        """The pieces of a range whose lines stand side by side in the head."""
        first = previous = 0
        for line in range(hunk.first, hunk.last + 1):
            found = self.exact(file, line)
            if first and found != previous + 1:
                yield first, line - 1
                first = 0
            if found and not first:
                first = line
            previous = found
        if first:
            yield first, hunk.last


NOWHERE: Final = Moved()
"""Every line stands in the head where it is."""


def between(merged: Tree, head: Tree, contents: Mapping[str, bytes]) -> Moved:
    """Compare the judged files, with ``contents``, with the head's; one that the head lacks keeps its lines."""
    if merged is head or not contents:
        return NOWHERE
    judged, written = merged.entries(), head.entries()
    other = {path: written[path] for path in contents if path in written and written[path].sha != judged[path].sha}
    texts = head.read(other.values())
    return Moved({path: aligned(contents[path], texts[entry.sha]) for path, entry in other.items()})


def aligned(merged: bytes, head: bytes) -> Lines:
    """The head's line for each line of the merged text; none where they differ too much to be compared."""
    old, new = split_lines(merged), split_lines(head)
    script = edits(old, new)
    if script is None:
        return (0,) * len(old)
    lines = [0] * len(old)
    at = shift = 0
    for edit in script:
        lines[at : edit.old_start] = [number + shift + 1 for number in range(at, edit.old_start)]
        at, shift = edit.old_end, edit.new_end - edit.old_end
    lines[at:] = [number + shift + 1 for number in range(at, len(old))]
    return tuple(lines)
