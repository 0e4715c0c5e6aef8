"""Kubernetes quantities (upstream: k8s.io/apimachinery pkg/api/resource and gopkg.in/inf.v0), exact.

A quantity is ``unscaled`` times ten to the power of minus ``scale``, the scale being part of the value as in inf.Dec:
division rounds at it.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from engine.errors import LimitError
from engine.regex import later


class Format(StrEnum):
    """The family of suffixes that a quantity was written with, and is written with again."""

    DECIMAL_EXPONENT = "DecimalExponent"
    BINARY_SI = "BinarySI"
    DECIMAL_SI = "DecimalSI"


_SYNTAX = later(r"([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)")
_EXPONENT = later(r"[eE][+-]?[0-9]+")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIX = {exponent: suffix for suffix, exponent in _BINARY.items()}

_NANO = 9
"""The finest scale that parsing keeps."""
_FACTORS = 18
"""Decimal digits that always fit an int64 (upstream: maxInt64Factors)."""
_MOST = (1 << 63) - 1
_LONGEST = 1_000
_WIDEST = 4_000
"""Digits of an intermediate result; upstream spends any memory that an exponent asks for."""


class Quantity(Struct, frozen=True):
    """An exact number with the suffix family to write it in; ``text`` is what was parsed, where that is kept.

    ``wide`` where upstream computes with inf.Dec and no more with an int64, even if one would do.
    """

    unscaled: int
    scale: int
    format: Format = Format.DECIMAL_SI
    text: str = ""
    wide: bool = False

    def __str__(self) -> str:
        """The text of Go's Quantity.String, canonical unless the parsed text may be kept."""
        return self.text or self.canonical()

    def canonical(self) -> str:
        """The canonical text: no fraction, the largest suffix that loses nothing (upstream: CanonicalizeBytes)."""
        if self.unscaled == 0:
            return "0"
        whole = self._whole() if self.format is Format.BINARY_SI else None
        if whole is not None and abs(whole) >= 1024:
            mantissa, exponent = _without_factors(whole, 1024)
            return f"{_digits(mantissa)}{_BINARY_SUFFIX.get(exponent * 10, '')}"
        return self._decimal()

    def compare(self, other: Quantity) -> int:
        """-1, 0 or 1."""
        mine, theirs = self.unscaled, other.unscaled
        if self.scale != other.scale and mine and theirs:
            order = _magnitude(self) - _magnitude(other)
            if abs(order) > 1 and (mine > 0) == (theirs > 0):
                return 1 if (order > 0) == (mine > 0) else -1
            if (mine > 0) == (theirs > 0):
                mine, theirs, _ = _aligned(self, other)
        return (mine > theirs) - (mine < theirs)

    def add(self, other: Quantity) -> Quantity:
        """The sum; a zero takes the other's format (upstream: Quantity.Add)."""
        return self._combined(other, other.unscaled)

    def sub(self, other: Quantity) -> Quantity:
        """The difference; a zero takes the other's format (upstream: Quantity.Sub)."""
        return self._combined(other, -other.unscaled)

    def _combined(self, other: Quantity, added: int) -> Quantity:
        format = self.format if self.unscaled else other.format
        wide = self.wide or other.wide
        if not added and not wide:
            return Quantity(self.unscaled, self.scale, format)
        if not self.unscaled and not wide:
            return Quantity(added, other.scale, format)
        mine, theirs, scale = _aligned(self, Quantity(added, other.scale))
        return Quantity(mine + theirs, scale, format, wide=wide or abs(mine + theirs) > _MOST)

    def mul(self, other: Quantity) -> Quantity:
        """The product in this one's format (upstream: pkg/engine/jmespath/arithmetic.go over inf.Dec.Mul)."""
        return Quantity(self.unscaled * other.unscaled, self.scale + other.scale, self.format)

    def div(self, other: Quantity) -> Quantity:
        """The quotient cut off at the finer of both scales, in this one's format; ZeroDivisionError (arithmetic.go)."""
        scale = max(self.scale, other.scale)
        shift = scale - self.scale + other.scale
        dividend, divisor = abs(self.unscaled) * _power(max(shift, 0)), abs(other.unscaled) * _power(max(-shift, 0))
        quotient = dividend // divisor
        negative = (self.unscaled < 0) != (other.unscaled < 0)
        return Quantity(-quotient if negative else quotient, scale, self.format)

    def as_int64(self) -> int | None:
        """The number if upstream holds it as an integer (AsInt64): neither ``1.0`` nor ``1000m`` is one."""
        if self.wide or self.scale > 0 or -self.scale > _FACTORS:
            return None
        number = self.unscaled * _power(-self.scale)
        return number if -_MOST - 1 <= number <= _MOST else None

    def approximate(self) -> float:
        """The number as Go's AsApproximateFloat64 computes it, with its rounding."""
        try:
            base = float(self.unscaled)
        except OverflowError:
            base = float("inf") if self.unscaled > 0 else float("-inf")
        return base if self.scale == 0 else base * _pow10(-self.scale)

    def _whole(self) -> int | None:
        """The value as an integer, None if it has a fraction."""
        if self.scale <= 0:
            return self.unscaled * _power(-self.scale)
        whole, rest = divmod(self.unscaled, _power(self.scale))
        return None if rest else whole

    def _decimal(self) -> str:
        mantissa, exponent = _without_factors(self.unscaled, 10)
        exponent -= self.scale
        mantissa *= 10 ** (exponent % 3)
        exponent -= exponent % 3
        if self.format is Format.DECIMAL_EXPONENT:
            return f"{_digits(mantissa)}e{exponent}" if exponent else _digits(mantissa)
        # Upstream drops an exponent that has no suffix: 1e21 in SI form is written "1".
        return f"{_digits(mantissa)}{_DECIMAL_SUFFIX.get(exponent, '')}"


def of_int(number: int, format: Format = Format.DECIMAL_SI) -> Quantity:
    """A whole number as a quantity (upstream: resource.NewQuantity)."""
    return Quantity(number, 0, format)


def parse(text: str) -> Quantity:
    """The quantity of a text such as ``1.5Gi``, ``100m`` or ``2e3``; ValueError with upstream's text otherwise."""
    quantity = try_parse(text)
    if quantity is None:
        matched = _SYNTAX.fullmatch(text) if text and len(text) <= _LONGEST else None
        if matched is None:
            expected = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
            raise ValueError(f"quantities must match the regular expression '{expected}'")
        suffix_known = _suffix(matched.group(4)) is not None
        raise ValueError(
            "unable to parse numeric part of quantity" if suffix_known else "unable to parse quantity's suffix"
        )
    return quantity


def try_parse(text: str) -> Quantity | None:
    """The quantity, or None where upstream's ParseQuantity fails."""
    return _parse(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=8192)
def _parse(text: str) -> Quantity | None:
    matched = _SYNTAX.fullmatch(text)
    if matched is None or not text:
        return None
    sign, whole, fraction, suffix = matched.groups(default="")
    known = _suffix(suffix)
    if known is None:
        return None
    exponent, format = known
    digits = text[matched.end(1) : matched.start(4)]
    number = _Number(sign == "-", whole or "0", fraction, digits not in ("", "."))
    if format is Format.BINARY_SI:
        return _binary(number, exponent, text)
    return _decimal(number, exponent, format, text)


class _Number(Struct, frozen=True):
    negative: bool
    whole: str
    fraction: str
    written: bool
    """False for a bare "." or nothing at all, which upstream's short path takes for zero and inf.Dec refuses."""

    def signed(self, magnitude: int) -> int:
        return -magnitude if self.negative else magnitude

    @property
    def unscaled(self) -> int:
        return int(self.whole + self.fraction)


def _suffix(suffix: str) -> tuple[int, Format] | None:
    if suffix in _DECIMAL:
        return _DECIMAL[suffix], Format.DECIMAL_SI
    if suffix in _BINARY:
        return _BINARY[suffix], Format.BINARY_SI
    if not _EXPONENT.fullmatch(suffix):
        return None
    exponent = int(suffix[1:])
    if not -(1 << 63) <= exponent < 1 << 63:
        return None
    return (exponent + (1 << 31)) % (1 << 32) - (1 << 31), Format.DECIMAL_EXPONENT  # upstream truncates to int32


def _decimal(number: _Number, exponent: int, format: Format, text: str) -> Quantity | None:
    scale = len(number.fraction) - exponent
    digits = number.whole + number.fraction
    if len(digits) <= _FACTORS and scale <= _NANO:
        kept = scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"
        return Quantity(number.signed(int(digits)), scale, format, text if kept else "")
    return _rounded(number, number.unscaled, scale, format)


def _binary(number: _Number, exponent: int, text: str) -> Quantity | None:
    # The narrow int64 path of upstream differs from the exact one only in the text that it keeps.
    unscaled = number.unscaled << exponent
    if not number.fraction and 15 - len(number.whole) - int(exponent * 3 / 10) - 1 >= 0:
        kept = int(number.whole) & 7 != 0
        return Quantity(number.signed(unscaled), 0, Format.BINARY_SI, text if kept else "")
    return _rounded(number, unscaled, len(number.fraction), Format.BINARY_SI)


def _rounded(number: _Number, unscaled: int, scale: int, format: Format) -> Quantity | None:
    """Rounded up to nano, binary ones capped at the largest int64 (upstream: the end of ParseQuantity)."""
    if not number.written:
        return None
    if unscaled:
        if -scale > _LONGEST:
            return Quantity(number.signed(unscaled), scale, format, wide=True)  # inf.Dec would write the zeroes out
        unscaled, scale = _round_up(unscaled, scale), _NANO
    if format is Format.BINARY_SI:
        if unscaled > _MOST * _power(scale):
            unscaled, scale = _MOST, 0
        if 0 < unscaled < _power(scale):
            format = Format.DECIMAL_SI
    return Quantity(number.signed(unscaled), scale, format, wide=True)


def _round_up(unscaled: int, scale: int) -> int:
    """The unscaled value at scale nano, away from zero."""
    shift = scale - _NANO
    if shift <= 0:
        return unscaled * _power(-shift)
    if shift > _LONGEST:  # longer than any text: all digits lie below nano
        return 1
    return -(-unscaled // _power(shift))


def _magnitude(quantity: Quantity) -> int:
    return int(abs(quantity.unscaled).bit_length() * 0.30103) - quantity.scale


def _aligned(one: Quantity, other: Quantity) -> tuple[int, int, int]:
    """Both unscaled values at the finer of both scales, and that scale."""
    scale = max(one.scale, other.scale)
    left = one.unscaled * _power(scale - one.scale) if one.unscaled else 0
    right = other.unscaled * _power(scale - other.scale) if other.unscaled else 0
    return left, right, scale


def _power(exponent: int) -> int:
    """Ten to a power that is not negative."""
    if exponent > _WIDEST:
        raise LimitError(f"quantity needs {exponent} digits, more than {_WIDEST}")
    return int(10**exponent)


def _without_factors(number: int, factor: int) -> tuple[int, int]:
    times = 0
    while number % factor == 0:
        number //= factor
        times += 1
    return number, times


def _digits(number: int) -> str:
    if number.bit_length() > 3 * _WIDEST:  # bits; str() refuses 4,300 digits
        raise LimitError(f"quantity has {number.bit_length()} bits, more than {3 * _WIDEST}")
    return str(number)


def _pow10(exponent: int) -> float:
    """Go's math.Pow10, which multiplies two table entries."""
    if exponent < -323 or exponent > 308:
        return 0.0 if exponent < 0 else float("inf")
    coarse, fine = divmod(abs(exponent), 32)
    if exponent < 0:
        return float(f"1e-{coarse * 32}") / float(f"1e{fine}")
    return float(f"1e{coarse * 32}") * float(f"1e{fine}")
