"""validate.pattern: a pattern compiled once into one predicate that says what does not match, and where."""

from engine.pattern.failure import Pattern, PatternFailure
from engine.pattern.scalar import matches_scalar
from engine.pattern.walk import compile

__all__ = ["Pattern", "PatternFailure", "compile", "matches_scalar"]
