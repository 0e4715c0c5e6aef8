"""Kyverno's random texts (upstream: libs/random)."""

from __future__ import annotations

from typing import Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, free, function
from engine.cel.libraries.kyverno.surroundings import Surroundings, Unavailable
from engine.cel.types import STRING

_DEFAULT: Final = "[0-9a-z]{8}"


def library(surroundings: Surroundings) -> Library:
    """With whose chance the text is made."""

    def random(pattern: str = _DEFAULT) -> str:
        from engine.errors import EngineError
        from engine.jmespath.functions.randomness import generate

        try:
            return generate(pattern, surroundings)
        except (EngineError, Unavailable) as error:
            raise EvaluationError(str(error)) from None

    return Library(
        "kyverno.random",
        functions=tuple(
            function(
                name,
                free(f"random_string_{suffix}", (STRING,), STRING, random),
                free(f"random_string_default_expr_{suffix}", (), STRING, random),
            )
            for name, suffix in (("random", "non_prefixed"), ("random.random", "prefixed"))
        ),
        asks=True,
    )
