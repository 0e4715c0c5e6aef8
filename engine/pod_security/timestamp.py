"""Timestamps as Go reads them into a metav1.Time: RFC 3339, with time.Parse's own words for what is wrong."""

from __future__ import annotations

import re

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LAYOUT = "2006-01-02T15:04:05Z07:00"
_STEPS = (
    ("2006", r"\d{4}"),
    ("-", "-"),
    ("01", r"\d\d"),
    ("-", "-"),
    ("02", r"\d\d"),
    ("T", "T"),
    ("15", r"\d\d?"),
    (":", ":"),
    ("04", r"\d\d"),
    (":", ":"),
    ("05", r"\d\d(?:[.,]\d+)?"),
    ("Z07:00", r"Z|[+-]\d\d:\d\d"),
)
_COMPILED = tuple((name, re.compile(pattern, re.ASCII)) for name, pattern in _STEPS)
_BOUNDS = {"01": (1, 12, "month"), "15": (0, 23, "hour"), "04": (0, 59, "minute"), "05": (0, 59, "second")}


def complaint(text: str) -> str | None:
    """What time.Parse says of the text; None where it is a timestamp."""
    parts: dict[str, str] = {}
    at = 0
    for name, pattern in _COMPILED:
        found = pattern.match(text, at)
        if found is None:
            return f'parsing time {_quoted(text)} as "{_LAYOUT}": cannot parse {_quoted(text[at:])} as "{name}"'
        parts[name] = found.group()
        at = found.end()
        if name in _BOUNDS:
            low, high, word = _BOUNDS[name]
            if not low <= int(found.group()[:2]) <= high:
                return f"parsing time {_quoted(text)}: {word} out of range"
    if at < len(text):
        return f"parsing time {_quoted(text)}: extra text: {_quoted(text[at:])}"
    return _beyond_day(text, int(parts["2006"]), int(parts["01"]), int(parts["02"])) or _zone(text, parts["Z07:00"])


def _beyond_day(text: str, year: int, month: int, day: int) -> str | None:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = 29 if leap and month == 2 else _DAYS[month - 1]
    return None if 1 <= day <= days else f"parsing time {_quoted(text)}: day out of range"


def _zone(text: str, zone: str) -> str | None:
    if zone == "Z":
        return None
    word = "hour" if int(zone[1:3]) > 24 else "minute" if int(zone[4:]) > 60 else ""
    return f"parsing time {_quoted(text)}: time zone offset {word} out of range" if word else None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
