"""Go's time layouts (``2006-01-02T15:04:05Z07:00``): their elements, and times written with them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from engine.jmespath.instants import Instant

RFC3339: Final = "2006-01-02T15:04:05Z07:00"

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

_ELEMENT: Final = re.compile(
    r"""
    January | Jan(?![a-z]) | Monday | Mon(?![a-z]) | MST
    | 0[1-6] | 002 | 15 | 1 | 2006 | 2 | (?<=_)2006 | _2(?!006) | __2
    | 3 | 4 | 5 | PM | pm
    | [-Z]070000 | [-Z]07:00:00 | [-Z]0700 | [-Z]07:00 | [-Z]07
    | [.,](?:0+|9+)(?![0-9])
    """,
    re.VERBOSE,
)


class Element(Struct, frozen=True):
    """A literal text, and the element of the layout that follows it (empty at the end)."""

    prefix: str
    text: str

    @property
    def fraction(self) -> bool:
        """Whether the element is a fraction of a second."""
        return self.text[:1] in (".", ",")


@lru_cache(maxsize=256)
def elements(layout: str) -> tuple[Element, ...]:
    """The elements of a layout; the last one has no text."""
    found: list[Element] = []
    end = 0
    for match in _ELEMENT.finditer(layout):
        found.append(Element(layout[end : match.start()], match.group()))
        end = match.end()
    found.append(Element(layout[end:], ""))
    return tuple(found)


def zone_shape(element: str) -> tuple[str, bool]:
    """Of a numeric zone, whether a colon separates its parts, and whether seconds belong to it."""
    return (":" if ":" in element else ""), len(element.replace(":", "")) == 7


def format_time(instant: Instant, layout: str) -> str:
    """The instant in a layout (upstream: time/format.go, appendFormat)."""
    parts: list[str] = []
    for element in elements(layout):
        parts.append(element.prefix)
        if element.text:
            parts.append(_written(instant, element.text))
    return "".join(parts)


def _padded(number: int, width: int) -> str:
    sign = "-" if number < 0 else ""
    return sign + str(abs(number)).rjust(width, "0")


def _written(instant: Instant, element: str) -> str:
    civil = instant.civil()
    hour12 = civil.hour % 12 or 12
    match element:
        case "2006":
            return _padded(civil.year, 4)
        case "06":
            return _padded(abs(civil.year) % 100, 2)
        case "January" | "Jan":
            return MONTHS[civil.month - 1][: None if element == "January" else 3]
        case "Monday" | "Mon":
            return DAYS[civil.weekday][: None if element == "Monday" else 3]
        case "PM" | "pm":
            return ("AM" if element == "PM" else "am") if civil.hour < 12 else element
        case "MST":
            return instant.zone or _zone(instant.offset, "-0700")
        case "_2" | "__2":
            return str(civil.day if element == "_2" else civil.yearday).rjust(len(element))
    if element[0] in ".,":
        return _fraction(civil.nanosecond, element)
    if element[0] in "-Z":
        return _zone(instant.offset, element)
    number = {
        "01": civil.month, "1": civil.month, "02": civil.day, "2": civil.day, "002": civil.yearday, "15": civil.hour,
        "03": hour12, "3": hour12, "04": civil.minute, "4": civil.minute, "05": civil.second, "5": civil.second,
    }[element]  # fmt: skip
    return _padded(number, len(element))


def _fraction(nanosecond: int, element: str) -> str:
    digits = f"{nanosecond:09d}"[: len(element) - 1].ljust(len(element) - 1, "0")
    if element[1] == "9":
        digits = digits.rstrip("0")
        return element[0] + digits if digits else ""
    return element[0] + digits


def _zone(offset: int, element: str) -> str:
    if offset == 0 and element[0] == "Z":
        return "Z"
    colon, seconds = zone_shape(element)
    minutes = abs(offset) // 60
    # Go looks at the whole minutes for the sign.
    text = ("-" if offset < 0 and minutes else "+") + _padded(minutes // 60, 2)
    if len(element) > 3:
        text += colon + _padded(minutes % 60, 2)
    return text + colon + _padded(abs(offset) % 60, 2) if seconds else text
