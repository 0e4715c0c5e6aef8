"""The whole judgement as one JSON object, for programs; the names are those of ``bot.model``."""

from __future__ import annotations

import json as _json
from typing import Any

from msgspec import to_builtins

from bot.model import REFERENCE, Judgement


def value(judgement: Judgement) -> dict[str, Any]:
    """The judgement as values, with its ``conclusion``, ``exit_code`` and ``tally``; not what the bot alone needs."""
    every = to_builtins(judgement)
    for name in ("commentable", "explanation", "surroundings", "most_comments"):
        del every[name]
    return {
        "reference": REFERENCE,
        "conclusion": judgement.conclusion,
        "exit_code": judgement.exit_code,
        "tally": to_builtins(judgement.tally()),
        **every,
    }


def text(judgement: Judgement) -> str:
    """The object as text; ASCII, so that no terminal or pipe can refuse it."""
    return _json.dumps(value(judgement), indent=2)
