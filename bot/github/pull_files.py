"""The lines that GitHub itself shows of a pull request: where it refuses a comment, they tell which one.

It refuses a review as a whole for one comment outside them and does not say for which (rest/pulls/reviews). It shows no
line of a file whose patch it leaves out for its size, nor of files beyond 3,000 (rest/pulls/pulls).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from bot.github.client import PAGE, Client
from bot.model import LineRange, ReviewComment

MOST_FILES: Final = 3_000
"""GitHub lists no more."""

_HUNK: Final = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def shown_lines(client: Client, pull: str, paths: Collection[str]) -> Mapping[str, tuple[LineRange, ...]]:
    """The lines of those files that the pull request at ``pull`` (its API path) shows; raises GitHubError."""
    found: dict[str, tuple[LineRange, ...]] = {}
    for page in range(1, MOST_FILES // PAGE + 1):
        listed = client.get(f"{pull}/files", per_page=PAGE, page=page)
        for one in listed:
            if one["filename"] in paths:
                found[one["filename"]] = tuple(_hunks(str(one.get("patch") or "")))
        if len(listed) < PAGE or len(found) == len(paths):
            break
    return found


def is_shown(comment: ReviewComment, shown: Mapping[str, tuple[LineRange, ...]]) -> bool:
    """Whether all lines of a comment stand in one hunk."""
    lines = LineRange(comment.line if comment.start_line is None else comment.start_line, comment.line)
    return any(hunk.covers(lines) for hunk in shown.get(comment.path, ()))


def _hunks(patch: str) -> Iterator[LineRange]:
    for first, count in _HUNK.findall(patch):
        if lines := int(count or 1):
            yield LineRange(int(first), int(first) + lines - 1)
