"""Network addresses and prefixes as Go's net/netip reads and writes them, with its error texts."""

from __future__ import annotations

from typing import NoReturn

from msgspec import Struct

from engine.regex import later
from engine.values import golang

_HEX = later("[0-9a-fA-F]*")
_GROUPS = 8
_WORD = 0xFFFF


class Address(Struct, frozen=True):
    """``number`` is what the 32 or 128 ``bits`` say; ``zone`` is that of a scoped IPv6 address, or empty."""

    bits: int
    number: int
    zone: str = ""

    @property
    def is_mapped(self) -> bool:
        """Whether it is an IPv4 address in the form of an IPv6 one (upstream: Is4In6)."""
        return self.bits == 128 and self.number >> 32 == _WORD

    def __str__(self) -> str:
        """The canonical text."""
        if self.bits == 32:
            return ".".join(str(self.number >> shift & 0xFF) for shift in (24, 16, 8, 0))
        zone = f"%{self.zone}" if self.zone else ""
        if self.is_mapped:
            return f"::ffff:{Address(32, self.number & 0xFFFFFFFF)}{zone}"
        return _shortened([self.number >> shift & _WORD for shift in range(112, -1, -16)]) + zone


class Prefix(Struct, frozen=True):
    """An address and how many of its leading bits count."""

    address: Address
    length: int

    def __str__(self) -> str:
        """The text, the address as it was given."""
        return f"{self.address}/{self.length}"

    def masked(self) -> Prefix:
        """The prefix whose address has zeroes where bits do not count."""
        rest = self.address.bits - self.length
        return Prefix(Address(self.address.bits, self.address.number >> rest << rest), self.length)

    def contains(self, address: Address) -> bool:
        """Whether the address begins with the bits that count."""
        if address.bits != self.address.bits or address.zone:
            return False
        rest = address.bits - self.length
        return address.number >> rest == self.address.number >> rest

    def covers(self, other: Prefix) -> bool:
        """Whether every address of the other is one of this."""
        return self.length <= other.length and self.contains(other.address)


def parse_address(text: str) -> Address:
    """The address of a text; ValueError with the text of netip.ParseAddr."""
    for char in text:
        if char == ".":
            return Address(32, _v4(text, text))
        if char == ":":
            return _v6(text)
        if char == "%":
            _refuse(text, "missing IPv6 address")
    _refuse(text, "unable to parse IP")


def parse_prefix(text: str) -> Prefix:
    """The prefix of a text such as ``10.0.0.0/8``; ValueError with the text of netip.ParsePrefix."""
    try:
        return _prefix(text)
    except ValueError as error:
        raise ValueError(f"netip.ParsePrefix({golang.quote(text)}): {error}") from None


def _prefix(text: str) -> Prefix:
    first, slash, length = text.rpartition("/")
    if not slash:
        raise ValueError("no '/'")
    address = parse_address(first)
    if address.zone:
        raise ValueError("IPv6 zones cannot be present in a prefix")
    number = golang.parse_int(length)
    if number is None or (len(length) > 1 and not "1" <= length[0] <= "9"):
        raise ValueError(f"bad bits after slash: {golang.quote(length)}")
    if not 0 <= number <= address.bits:
        raise ValueError("prefix length out of range")
    return Prefix(address, number)


def _refuse(text: str, reason: str, at: str = "") -> NoReturn:
    place = f" (at {golang.quote(at)})" if at else ""
    raise ValueError(f"ParseAddr({golang.quote(text)}): {reason}{place}")


def _v4(text: str, part: str) -> int:
    """The 32 bits that four numbers with dots stand for; ``part`` is that of the whole text which holds them."""
    number = octet = digits = dots = 0
    for place, char in enumerate(part):
        if "0" <= char <= "9":
            if digits == 1 and octet == 0:
                _refuse(text, "IPv4 field has octet with leading zero")
            octet = octet * 10 + ord(char) - ord("0")
            digits += 1
            if octet > 0xFF:
                _refuse(text, "IPv4 field has value >255")
            continue
        if char != ".":
            _refuse(text, "unexpected character", part[place:])
        if not digits or place == len(part) - 1:
            _refuse(text, "IPv4 field must have at least one digit", part[place:])
        if dots == 3:
            _refuse(text, "IPv4 address too long")
        number, octet, digits, dots = number << 8 | octet, 0, 0, dots + 1
    if dots < 3:
        _refuse(text, "IPv4 address too short")
    return number << 8 | octet


def _v6(text: str) -> Address:
    rest, percent, zone = text.partition("%")
    if percent and not zone:
        _refuse(text, "zone must be a non-empty string")
    words: list[int] = []
    gap = -1
    if rest.startswith("::"):
        gap, rest = 0, rest[2:]
    while rest and len(words) < _GROUPS:
        rest, ended = _word(text, rest, words, gap)
        if not ended and rest.startswith(":"):
            if gap >= 0:
                _refuse(text, "multiple :: in address", rest)
            gap, rest = len(words), rest[1:]
        elif ended:
            break
    if not words and gap < 0:
        _refuse(text, "each colon-separated field must have at least one digit", rest)
    return Address(128, _filled(text, rest, words, gap), zone)


def _word(text: str, rest: str, words: list[int], gap: int) -> tuple[str, bool]:
    """Take one group off the rest, or the IPv4 address that may be the last; whether the text ends with it."""
    found = _HEX.match(rest)
    length = found.end() if found else 0
    if length > 4:
        _refuse(text, "each group must have 4 or less digits", rest)
    if not length:
        _refuse(text, "each colon-separated field must have at least one digit", rest)
    if rest.startswith(".", length):
        if gap < 0 and len(words) != 6:
            _refuse(text, "embedded IPv4 address must replace the final 2 fields of the address", rest)
        if len(words) > 6:
            _refuse(text, "too many hex fields to fit an embedded IPv4 at the end of the address", rest)
        number = _v4(text, rest)
        words += (number >> 16, number & _WORD)
        return "", True
    words.append(int(rest[:length], 16))
    rest = rest[length:]
    if not rest:
        return "", True
    if rest[0] != ":":
        _refuse(text, "unexpected character, want colon", rest)
    if len(rest) == 1:
        _refuse(text, "colon must be followed by more characters", rest)
    return rest[1:], False


def _filled(text: str, rest: str, words: list[int], gap: int) -> int:
    """The 128 bits of the groups, with zeroes for the gap."""
    if rest:
        _refuse(text, "trailing garbage after address", rest)
    missing = _GROUPS - len(words)
    if missing and gap < 0:
        _refuse(text, "address string too short")
    if not missing and gap >= 0:
        _refuse(text, "the :: must expand to at least one field of zeros")
    number = 0
    for word in [*words[: max(gap, 0)], *[0] * missing, *words[max(gap, 0) :]]:
        number = number << 16 | word
    return number


def _shortened(words: list[int]) -> str:
    """The groups with the first longest run of two or more zeroes left out."""
    start, length = 0, 0
    for place in range(_GROUPS):
        run = 0
        while place + run < _GROUPS and words[place + run] == 0:
            run += 1
        if run > max(length, 1):
            start, length = place, run
    texts = [f"{word:x}" for word in words]
    if not length:
        return ":".join(texts)
    return f"{':'.join(texts[:start])}::{':'.join(texts[start + length :])}"
