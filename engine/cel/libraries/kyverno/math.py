"""Kyverno's rounding to places (upstream: libs/math)."""

from __future__ import annotations

from math import copysign, inf, isfinite, nan
from typing import Final

from engine.cel.functions import Library, free, function
from engine.cel.libraries.extensions.math import half_away
from engine.cel.types import DOUBLE, INT


def _round(number: float, places: int) -> float:
    shift = _power(places)
    shifted = number * shift
    rounded = copysign(half_away(shifted), shifted) if isfinite(shifted) else shifted
    return rounded / shift if shift else (nan if not rounded else inf * rounded)


def _power(places: int) -> float:
    """Ten to that power, as Go's math.Pow gives it."""
    return inf if places > 308 else 10.0**places if places >= -323 else 0.0


MATH: Final = Library(
    "kyverno.math",
    functions=(function("math.round", free("math_round_float_int", (DOUBLE, INT), DOUBLE, _round)),),
)
