"""The observer of a running service: metrics always, traces when configured."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from bot.observe import Observer
from bot.telemetry.metrics import Metrics
from bot.telemetry.tracing import Tracing


class Watch(Observer):
    """Passes on what it is told."""

    def __init__(self, metrics: Metrics, tracing: Tracing | None) -> None:
        self.metrics, self._tracing = metrics, tracing

    def delivery(self, event: str, outcome: str) -> None:
        """Count it."""
        self.metrics.delivery(event, outcome)

    def request(self, verb: str, status: int, remaining: int | None) -> None:
        """Count it."""
        self.metrics.request(verb, status, remaining)

    def job(self, outcome: str, stages: Mapping[str, float]) -> None:
        """Count it."""
        self.metrics.job(outcome, stages)

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[None]:
        """Trace it."""
        return self._tracing.span(name, attributes) if self._tracing else super().span(name)
