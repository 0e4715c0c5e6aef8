"""Which paths differ between two trees, and which lines of a file can carry a review comment: pure, from contents.

A comment outside the diff makes GitHub refuse a whole review, and GitHub's own ``patch`` is missing for large files,
so the diff is computed here. Several shortest diffs of the same texts may exist; a line counts as commentable only
where all likely ones agree: a line whose text the base lacks is added in every diff, and a block of changes that could
as well stand some lines higher or lower (git slides it by taste) vouches only for the lines that its hunk shows at
each of those places. That is no proof: who posts a review must still be ready for a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.model import Entry, LineRange, Tree

CONTEXT = 3
"""Unchanged lines around a change, as in git's and GitHub's diffs."""

LIMIT = 1000
"""Differing lines (beyond those that one side lacks altogether) after which the shortest diff is no longer sought."""

_BINARY_PROBE = 8000  # git looks for a NUL in so many first bytes


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines ``old_start:old_end`` of the base become ``new_start:new_end`` of the head; half-open, from 0."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def changed(base: Tree, head: Tree) -> tuple[str, ...]:
    """The paths that were added, changed or deleted, sorted; a rename is both a deletion and an addition."""
    old, new = base.entries(), head.entries()
    here = [path for path, entry in new.items() if (other := old.get(path)) is not entry and _differ(other, entry)]
    return tuple(sorted([*here, *(path for path in old if path not in new)]))


def _differ(old: Entry | None, new: Entry) -> bool:
    return old is None or (old.sha, old.mode) != (new.sha, new.mode)


def commentable(base: bytes | None, head: bytes) -> tuple[LineRange, ...]:
    """The head's lines that stand in the diff, one range a hunk; ``base`` is None for a new file."""
    if b"\0" in head[:_BINARY_PROBE] or b"\0" in (base or b"")[:_BINARY_PROBE]:
        return ()
    old, new = split_lines(base or b""), split_lines(head)
    known = set(old)
    sure = [(n - CONTEXT, n + 1 + CONTEXT) for n, line in enumerate(new) if line not in known]
    found = edits(old, new)
    if found is None:
        return _merged(sure, len(new))
    ahead = _merged([*sure, *_shown(found, old, new)], len(new))
    back = _merged([*sure, *_shown(_edits_from_the_end(old, new), old, new)], len(new))
    return tuple(both(ahead, back))


def nearest(wanted: int, within: LineRange | None, ranges: Iterable[LineRange]) -> int | None:
    """The commentable line nearest to ``wanted`` among the lines ``within``; of two equally near ones the first."""
    if within is None:
        return wanted if any(wanted in hunk for hunk in ranges) else None
    reach = [(max(hunk.first, within.first), min(hunk.last, within.last)) for hunk in ranges]
    lines = [min(max(wanted, first), last) for first, last in reach if first <= last]
    return min(lines, key=lambda line: (abs(line - wanted), line), default=None)


def split_lines(text: bytes) -> list[bytes]:
    """Lines with their ends, divided as git does: at line feeds only."""
    lines = text.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def edits(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[Edit, ...] | None:
    """A shortest edit script, None past the limit."""
    start, old_end, new_end = _trim(old, new)
    shared = set(old[start:old_end]) & set(new[start:new_end])
    kept_old = [n for n in range(start, old_end) if old[n] in shared]
    kept_new = [n for n in range(start, new_end) if new[n] in shared]
    pairs = _common([old[n] for n in kept_old], [new[n] for n in kept_new])
    if pairs is None:
        return None
    matched = [(kept_old[i], kept_new[j]) for i, j in pairs]
    return tuple(_gaps(matched, start, old_end, new_end))


def _edits_from_the_end(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[Edit, ...]:
    """The script that aligns equal lines as late as it can, where ``edits`` does so as early."""
    found = edits(old[::-1], new[::-1]) or ()
    n, m = len(old), len(new)
    return tuple(Edit(n - e.old_end, n - e.old_start, m - e.new_end, m - e.new_start) for e in reversed(found))


def _trim(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[int, int, int]:
    """Leave out what both sides begin and end with."""
    start, shortest = 0, min(len(old), len(new))
    while start < shortest and old[start] == new[start]:
        start += 1
    end = 0
    while end < shortest - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, len(old) - end, len(new) - end


def _gaps(matched: list[tuple[int, int]], start: int, old_end: int, new_end: int) -> Iterator[Edit]:
    i = j = start
    for old, new in [*matched, (old_end, new_end)]:
        if i < old or j < new:
            yield Edit(i, old, j, new)
        i, j = old + 1, new + 1


def _common(a: list[bytes], b: list[bytes]) -> list[tuple[int, int]] | None:
    """Pairs of indices of a longest common subsequence (Myers' greedy algorithm), None past the limit."""
    furthest = {1: 0}  # by diagonal (index in a minus index in b): the index in a that is reached
    trace: list[dict[int, int]] = []
    for cost in range(min(len(a) + len(b), LIMIT) + 1):
        trace.append(furthest)
        reached: dict[int, int] = {}
        for k in range(-min(cost, len(b) * 2 - cost), min(cost, len(a) * 2 - cost) + 1, 2):
            x = _step(furthest, k)
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            reached[k] = x
            if x >= len(a) and x - k >= len(b):
                return _walk_back(trace, len(a), len(b))
        furthest = reached
    return None


def _step(furthest: dict[int, int], k: int) -> int:
    """Where diagonal ``k`` begins: from below by an insertion, or from the left by a deletion, whichever is further."""
    down, right = furthest.get(k + 1, -1), furthest.get(k - 1, -2) + 1
    return max(down, right)


def _walk_back(trace: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for furthest in reversed(trace):
        k = x - y
        before = _step(furthest, k)
        while x > before and y > 0:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if furthest.get(k + 1, -1) >= furthest.get(k - 1, -2) + 1:
            y -= 1
        else:
            x -= 1
    return pairs[::-1]


def _shown(script: Iterable[Edit], old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    for edit in script:
        yield from _spans(edit, old, new)


def _spans(edit: Edit, old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Half-open spans of the head that the hunk of this edit shows wherever its blocks are slid."""
    if edit.new_start < edit.new_end:
        up, down = _slides(new, edit.new_start, edit.new_end)
        yield edit.new_start - CONTEXT + down, edit.new_end + CONTEXT - up
    if edit.old_start < edit.old_end:
        up, down = _slides(old, edit.old_start, edit.old_end)
        at = edit.new_end if edit.new_start == edit.new_end else edit.new_start
        yield at - CONTEXT + down, at + CONTEXT - up


def _slides(lines: Sequence[bytes], start: int, end: int) -> tuple[int, int]:
    """By how many lines the block could stand higher and lower with the same effect."""
    up = down = 0
    most = (end - start) + 2 * CONTEXT
    while up < most and start - up > 0 and lines[start - up - 1] == lines[end - up - 1]:
        up += 1
    while down < most and end + down < len(lines) and lines[start + down] == lines[end + down]:
        down += 1
    return up, down


def both(some: Sequence[LineRange], others: Sequence[LineRange]) -> Iterator[LineRange]:
    """The lines that stand in both, each sorted."""
    i = j = 0
    while i < len(some) and j < len(others):
        first, last = max(some[i].first, others[j].first), min(some[i].last, others[j].last)
        if first <= last:
            yield LineRange(first, last)
        if some[i].last < others[j].last:
            i += 1
        else:
            j += 1


def _merged(spans: list[tuple[int, int]], length: int) -> tuple[LineRange, ...]:
    ranges: list[LineRange] = []
    for start, end in sorted(spans):
        first, last = max(start, 0) + 1, min(end, length)
        if first > last:
            continue
        if ranges and first <= ranges[-1].last + 1:
            ranges[-1] = LineRange(ranges[-1].first, max(last, ranges[-1].last))
        else:
            ranges.append(LineRange(first, last))
    return tuple(ranges)
