"""Schedules in cron's five fields, as a cleanup policy states them (github.com/robfig/cron v1, ParseStandard)."""

from __future__ import annotations

from engine.regex import later
from engine.values import duration

_NUMBER = later(r"[+-]?[0-9]{1,18}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
"""Least and greatest value of minute, hour, day of the month, month and day of the week, and names of values."""
_DESCRIPTORS = frozenset(
    ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"),
)
_EVERY = "@every "


def is_schedule(text: str) -> bool:
    """Whether a text is a schedule: five fields, a word such as ``@daily``, or ``@every`` with a Go duration."""
    if text.startswith(_EVERY):
        return duration.try_parse(text.removeprefix(_EVERY)) is not None
    if text.startswith("@"):
        return text in _DESCRIPTORS
    fields = text.split()
    return len(fields) == len(_FIELDS) and all(map(_is_field, fields, _FIELDS))


def _is_field(text: str, bounds: tuple[int, int, tuple[str, ...]]) -> bool:
    return all(_is_range(part, *bounds) for part in text.split(",") if part)


def _is_range(text: str, least: int, greatest: int, names: tuple[str, ...]) -> bool:
    span, *steps = text.split("/")
    bounds = span.split("-")
    if bounds[0] in ("*", "?"):
        start, end = least, greatest
    elif len(bounds) > 2:
        return False
    else:
        numbers = [_number(part, least, names) for part in bounds]
        if None in numbers:
            return False
        start, end = numbers[0] or 0, numbers[-1] or 0
    if steps and len(bounds) == 1:
        end = greatest
    return least <= start <= end <= greatest and (not steps or (len(steps) == 1 and bool(_number(steps[0], 0, ()))))


def _number(text: str, first: int, names: tuple[str, ...]) -> int | None:
    """A number that is not negative, or that of a name, of which the first stands for ``first``."""
    if text.lower() in names:
        return names.index(text.lower()) + first
    if _NUMBER.fullmatch(text) is None:
        return None
    number = int(text)
    return number if number >= 0 else None
