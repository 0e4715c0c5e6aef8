"""Times read with Go's layouts (upstream: time/format.go, parse), and Go's error texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from engine.errors import QueryError
from engine.jmespath import layouts
from engine.jmespath.instants import SECOND, Instant, days_in, is_leap, of_civil
from engine.jmespath.layouts import DAYS, MONTHS, Element
from engine.values.duration import quoted

_ZONE_NAME: Final = re.compile(
    r"ChST|MeST|(?:GMT)|[+-]\d+|[A-Z]{4}T(?![A-Z])|(?:[A-Z]{3}T|WITA)(?![A-Z])|[A-Z]{3}(?![A-Z])"
)
_SIGNED: Final = re.compile(r"[+-]([0-9]+)")


class _Bad(Exception):
    """The value does not fit the element."""


class _OutOfRange(Exception):
    """The value fits, but no clock or calendar shows it; the text names what."""


@lru_cache(maxsize=1024)
def parse_time(layout: str, value: str) -> Instant:
    """The instant that a value means in a layout; raises QueryError with Go's text."""
    return _Reading(layout, value).instant()


class _Reading:
    """The fields of one time while it is read."""

    def __init__(self, layout: str, value: str) -> None:
        self.layout, self.whole, self.rest = layout, value, value
        self.year = self.hour = self.minute = self.second = self.nanosecond = 0
        self.month = self.day = self.yearday = -1
        self.afternoon = self.morning = False
        self.offset: int | None = None
        self.utc = False
        self.zone = ""

    def instant(self) -> Instant:
        found = layouts.elements(self.layout)
        for position, element in enumerate(found):
            self._skip(element.prefix)
            if not element.text:
                break
            self._element(element, found[position + 1])
        if self.rest:
            self._refuse(f": extra text: {quoted(self.rest)}")
        if self.afternoon and self.hour < 12:
            self.hour += 12
        elif self.morning and self.hour == 12:
            self.hour = 0
        self._settle_date()
        moment = of_civil((self.year, self.month, self.day), (self.hour, self.minute, self.second), self.nanosecond)
        if self.utc or not (self.zone or self.offset):
            return Instant(moment, 0, "UTC")
        if self.offset is not None:
            return Instant(moment - self.offset * SECOND, self.offset, self.zone)
        # A named zone is unknown: its offset, which only GMT can tell, moves what is shown and not the instant.
        known = self.zone.startswith("GMT") and len(self.zone) > 3
        return Instant(moment, int(self.zone[3:]) * 3600 if known else 0, self.zone)

    def _refuse(self, message: str) -> None:
        raise QueryError(f"parsing time {quoted(self.whole)}{message}")

    def _misfit(self, value: str, element: str) -> QueryError:
        return QueryError(
            f"parsing time {quoted(self.whole)} as {quoted(self.layout)}: "
            f"cannot parse {quoted(value)} as {quoted(element)}"
        )

    def _skip(self, prefix: str) -> None:
        """Pass the literal text before an element; runs of spaces are equivalent."""
        left = prefix
        while left:
            if left[0] == " ":
                if self.rest and self.rest[0] != " ":
                    raise self._misfit(self.rest, prefix)
                left, self.rest = left.lstrip(" "), self.rest.lstrip(" ")
            elif not self.rest or self.rest[0] != left[0]:
                raise self._misfit(self.rest, prefix)
            else:
                left, self.rest = left[1:], self.rest[1:]

    def _element(self, element: Element, following: Element) -> None:
        hold = self.rest
        try:
            self._read(element.text, following)
        except _OutOfRange as error:
            self._refuse(f": {error} out of range")
        except _Bad:
            raise self._misfit(hold, element.text) from None

    def _read(self, element: str, following: Element) -> None:
        reader = _READERS.get(element)
        if reader is not None:
            reader(self, element)
        elif element[0] in "-Z":
            self._read_zone(element)
        elif element[0] in ".,":
            self._read_fraction(element)
        else:
            self._read_second(element, following)

    def _take(self, count: int) -> str:
        if len(self.rest) < count:
            raise _Bad
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def number(self, most: int, fixed: bool) -> int:
        """One to ``most`` digits; exactly so many if fixed."""
        count = 0
        while count < min(most, len(self.rest)) and "0" <= self.rest[count] <= "9":
            count += 1
        if count == 0 or (fixed and count != most):
            raise _Bad
        return int(self._take(count))

    def _read_year(self, element: str) -> None:
        text = self._take(4 if element == "2006" else 2)
        if not (text.isascii() and text.isdigit()):
            raise _Bad
        year = int(text)
        self.year = year if element == "2006" else year + (1900 if year >= 69 else 2000)

    def _read_month(self, element: str) -> None:
        if element in ("January", "Jan"):
            self.month = self._name(MONTHS, element == "Jan") + 1
            return
        self.month = self.number(2, element == "01")
        if not 1 <= self.month <= 12:
            raise _OutOfRange("month")

    def _read_weekday(self, element: str) -> None:
        self._name(DAYS, element == "Mon")

    def _name(self, names: tuple[str, ...], short: bool) -> int:
        for position, name in enumerate(names):
            name = name[:3] if short else name
            if self.rest[: len(name)].lower() == name.lower():
                self.rest = self.rest[len(name) :]
                return position
        raise _Bad

    def _read_day(self, element: str) -> None:
        if element == "_2":
            self.rest = self.rest.removeprefix(" ")
        self.day = self.number(2, element == "02")

    def _read_yearday(self, element: str) -> None:
        if element == "__2":
            self.rest = self.rest.removeprefix(" ").removeprefix(" ")
        self.yearday = self.number(3, element == "002")

    def _read_hour(self, element: str) -> None:
        self.hour = self.number(2, element == "03")
        if self.hour > (23 if element == "15" else 12):
            raise _OutOfRange("hour")

    def _read_minute(self, element: str) -> None:
        self.minute = self.number(2, element == "04")
        if self.minute > 59:
            raise _OutOfRange("minute")

    def _read_second(self, element: str, following: Element) -> None:
        self.second = self.number(2, element == "05")
        if self.second > 59:
            raise _OutOfRange("second")
        # A fraction may follow even where the layout has none.
        fraction = self.rest[:1] in (".", ",") and "0" <= self.rest[1:2] <= "9"
        if fraction and not following.fraction:
            self._fraction()

    def _read_fraction(self, element: str) -> None:
        if element[1] == "9":
            if self.rest[:1] in (".", ",") and "0" <= self.rest[1:2] <= "9":
                self._fraction()
            return
        text = self._take(len(element))
        if text[0] not in ".," or not (text[1:].isascii() and text[1:].isdigit()):
            raise _Bad
        self.nanosecond = int(text[1:10].ljust(9, "0"))

    def _fraction(self) -> None:
        count = 1
        while "0" <= self.rest[count : count + 1] <= "9":
            count += 1
        self.nanosecond = int(self._take(count)[1:10].ljust(9, "0"))

    def _read_half(self, element: str) -> None:
        text = self._take(2)
        if text not in ((element, "AM") if element == "PM" else (element, "am")):
            raise _Bad
        if text == element:
            self.afternoon = True
        else:
            self.morning = True

    def _read_zone(self, element: str) -> None:
        if element[0] == "Z" and self.rest.startswith("Z"):
            self.rest, self.utc = self.rest[1:], True
            return
        text = self._take(len(element))
        colon, _ = layouts.zone_shape(element)
        parts = text[1:].split(colon) if colon else [text[at : at + 2] for at in range(1, len(text), 2)]
        if colon and [len(part) for part in parts] != [2] * (len(element) // 3):
            raise _Bad
        total = 0
        # A part out of range is told before anything that is no number.
        for name, weight, part in zip(("hour", "minute", "second"), (3600, 60, 1), parts, strict=False):
            if not (part.isascii() and part.isdigit()):
                raise _Bad
            if int(part) > (24 if name == "hour" else 60):
                raise _OutOfRange(f"time zone offset {name}")
            total += int(part) * weight
        if text[0] not in "+-":
            raise _Bad
        total = -total if text[0] == "-" else total
        self.offset = None if total == -1 else total  # upstream's mark for "no offset"

    def _read_zone_name(self, _element: str) -> None:
        if self.rest.startswith("UTC"):
            self.rest, self.utc = self.rest[3:], True
            return
        found = _ZONE_NAME.match(self.rest)
        if found is None:
            raise _Bad
        length = found.end()
        if found.group() == "GMT" or self.rest[0] in "+-":
            start = length if found.group() == "GMT" else 0
            signed = _SIGNED.match(self.rest, start)
            fits = signed is not None and int(signed[1][:9]) <= 23
            if not fits and start == 0:
                raise _Bad
            length = signed.end() if signed is not None and fits else length
        self.zone, self.rest = self.rest[:length], self.rest[length:]

    def _settle_date(self) -> None:
        if self.yearday >= 0:
            self._settle_yearday()
        self.month = 1 if self.month < 0 else self.month
        self.day = 1 if self.day < 0 else self.day
        if not 1 <= self.day <= days_in(self.month, self.year):
            self._refuse(": day out of range")

    def _settle_yearday(self) -> None:
        left = self.yearday
        if not 1 <= left <= 365 + is_leap(self.year):
            self._refuse(": day-of-year out of range")
        month = 1
        while left > days_in(month, self.year):
            left -= days_in(month, self.year)
            month += 1
        if self.month >= 0 and self.month != month:
            self._refuse(": day-of-year does not match month")
        if self.day >= 0 and self.day != left:
            self._refuse(": day-of-year does not match day")
        self.month, self.day = month, left


_READERS: Final[dict[str, Callable[[_Reading, str], None]]] = {
    **dict.fromkeys(("2006", "06"), _Reading._read_year),
    **dict.fromkeys(("January", "Jan", "01", "1"), _Reading._read_month),
    **dict.fromkeys(("Monday", "Mon"), _Reading._read_weekday),
    **dict.fromkeys(("02", "_2", "2"), _Reading._read_day),
    **dict.fromkeys(("002", "__2"), _Reading._read_yearday),
    **dict.fromkeys(("15", "03", "3"), _Reading._read_hour),
    **dict.fromkeys(("04", "4"), _Reading._read_minute),
    **dict.fromkeys(("PM", "pm"), _Reading._read_half),
    "MST": _Reading._read_zone_name,
}
