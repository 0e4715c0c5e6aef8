"""Columns as kubectl prints them, against the picture in Kyverno's workshop."""

from __future__ import annotations

from bot.formats.table import HEADER, align, cells, columns
from tests.bot.judgements import row

PICTURE = """\
NAMESPACE   NAME                                   KIND         NAME           PASS   FAIL   WARN   ERROR   SKIP
default     ea02cd57-8684-43ad-8e8f-c0140beeec2b   Deployment   nginx-public   3      1      0      0       0
            7c37b6cb-08e6-4ad3-adb3-df5f52bfb767   Namespace    shop           12     0      0      0       1"""


def test_columns() -> None:
    rows = [
        row(passed=3, failed=1),
        row(
            namespace="",
            kind="Namespace",
            name="shop",
            passed=12,
            skipped=1,
            report="7c37b6cb-08e6-4ad3-adb3-df5f52bfb767",
        ),
    ]
    assert "\n".join(columns([HEADER, *map(cells, rows)])) == PICTURE


def test_header_alone() -> None:
    line = "NAMESPACE   NAME   KIND   NAME   PASS   FAIL   WARN   ERROR   SKIP"
    assert columns([HEADER]) == [line]


def test_narrow_columns_have_six_characters() -> None:
    assert columns([("a", "b")]) == ["a     b"]


def test_align_pads_neighbouring_lines_together() -> None:
    assert align("A:\tx\nLonger:\ty\nB:\n  C:\tz") == "A:       x\nLonger:  y\nB:\n  C:  z"
