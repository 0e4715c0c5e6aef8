"""Contexts for tests: a root document, a fixed clock, seeded randomness."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from engine.cluster import Cluster
from engine.context import Context
from engine.jmespath import Runtime
from engine.model import Operation
from engine.request import Request

CASES = Path(__file__).parents[1] / "cases"
_CHANCE = random.Random(0)
RUNTIME = Runtime(clock=lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), random=lambda: _CHANCE)


def context(root: dict[str, Any], operation: str = "CREATE", cluster: Cluster | None = None) -> Context:
    """A context whose expressions read ``root``."""
    request = Request(Operation(operation))
    return Context(request, cluster or Cluster(runtime=RUNTIME), root, None)


def cases(name: str) -> list[Any]:
    """The cases of a file below tests/cases, each named for pytest."""
    import pytest

    loaded = yaml.safe_load((CASES / name).read_text())
    return [pytest.param(case, id=case["name"]) for case in loaded]
