"""Prometheus metrics of all processes of a service, gathered from files in one directory.

No label holds anything that a repository says: names of events are GitHub's, outcomes ours.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from bot.worker import Backlog, QueueError

DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0)


def share(directory: Path) -> None:
    """Let this process and those that it starts write to one fresh directory; before any metric is made."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700, parents=True)
    os.environ[DIRECTORY_VARIABLE] = str(directory)


class Metrics:
    """The counters of this process; make one, after ``share``."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        registry = CollectorRegistry()
        self.registry = registry
        self._deliveries = Counter(
            "preadmit_deliveries", "Deliveries by event and outcome.", ["event", "outcome"], registry=registry
        )
        self._jobs = Counter("preadmit_jobs", "Jobs by outcome.", ["outcome"], registry=registry)
        self._seconds = Histogram(
            "preadmit_job_seconds", "Seconds of a job's stage.", ["stage"], buckets=_SECONDS, registry=registry
        )
        self._requests = Counter(
            "preadmit_github_requests",
            "Requests to GitHub by method and status.",
            ["method", "status"],
            registry=registry,
        )
        self._remaining = Gauge(
            "preadmit_github_rate_limit_remaining",
            "What GitHub last said is left of an installation's hourly limit.",
            multiprocess_mode="livemostrecent",
            registry=registry,
        )

    def delivery(self, event: str, outcome: str) -> None:
        """Count a delivery."""
        self._deliveries.labels(event, outcome).inc()

    def request(self, verb: str, status: int, remaining: int | None) -> None:
        """Count a request."""
        self._requests.labels(verb, str(status)).inc()
        if remaining is not None:
            self._remaining.set(remaining)

    def job(self, outcome: str, stages: Mapping[str, float]) -> None:
        """Count a job and its seconds."""
        self._jobs.labels(outcome).inc()
        for stage, seconds in stages.items():
            self._seconds.labels(stage).observe(seconds)

    def text(self, backlog: Callable[[], Backlog] | None = None) -> bytes:
        """Everything in Prometheus's text format: of all processes where they share a directory."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self.registry
        if DIRECTORY_VARIABLE in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
        found = generate_latest(registry)
        if backlog is None:
            return found
        try:
            return found + _backlog(backlog())
        except QueueError:
            return found  # the rest is worth more than nothing; /readyz tells what is wrong


def _backlog(found: Backlog) -> bytes:
    lines: Iterable[tuple[str, str, float]] = (
        ("preadmit_queue_depth", "Jobs that wait.", found.waiting),
        ("preadmit_queue_oldest_seconds", "How long the oldest of them has waited.", found.oldest_seconds),
    )
    return "".join(
        f"# HELP {name} {text}\n# TYPE {name} gauge\n{name} {value:g}\n" for name, text, value in lines
    ).encode()


def expose(metrics: Metrics, port: int) -> None:
    """Serve the metrics of a process that has no other door, on a port of their own."""
    from prometheus_client import start_http_server

    start_http_server(port, registry=metrics.registry)
