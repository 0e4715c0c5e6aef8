"""A v1 ``List`` of PolicyReports as JSON, as `kubectl get policyreports -A -o json` prints it."""

from __future__ import annotations

import json

from bot.model import Judgement
from engine.model import Value


def value(judgement: Judgement) -> dict[str, Value]:
    """The reports in their order; each carries path and line of its resource as annotations."""
    return {"apiVersion": "v1", "items": list(judgement.reports), "kind": "List", "metadata": {"resourceVersion": ""}}


def text(judgement: Judgement) -> str:
    """The list as text; ASCII, so that no terminal or pipe can refuse it."""
    return json.dumps(value(judgement), indent=4, sort_keys=True)
