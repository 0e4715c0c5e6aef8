"""Metrics of several processes, traces, and the log's two forms."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from bot import observe
from bot.observe import Observer
from bot.settings import SettingsError
from bot.telemetry import metrics, tracing
from bot.telemetry.metrics import Metrics
from bot.telemetry.tracing import Tracing
from bot.telemetry.watch import Watch
from bot.worker import Backlog

COUNT = """\
import sys
from bot.telemetry.metrics import Metrics
told = Metrics()
told.delivery("pull_request", "accepted")
told.request("GET", 200, int(sys.argv[1]))
told.job("judged", {"read": 0.25, "judge": 0.5})
"""


def values(text: bytes) -> dict[str, float]:
    """Samples by name and labels, in the order of the labels' names."""
    found = {}
    for line in text.decode().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            found[re.sub(r'(?<=[{,])pid="\d+",?', "", name)] = float(value)
    return found


def test_metrics_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(metrics.DIRECTORY_VARIABLE, raising=False)
    told = Metrics()
    told.delivery("push", "ignored")
    told.delivery("push", "ignored")
    told.request("POST", 201, 4_990)
    told.job("judged", {"read": 0.3})
    found = values(told.text(lambda: Backlog(3, 12.5)))
    assert found['preadmit_deliveries_total{event="push",outcome="ignored"}'] == 2
    assert found['preadmit_github_requests_total{method="POST",status="201"}'] == 1
    assert found["preadmit_github_rate_limit_remaining"] == 4_990
    assert found['preadmit_jobs_total{outcome="judged"}'] == 1
    assert found['preadmit_job_seconds_bucket{le="0.2",stage="read"}'] == 0
    assert found['preadmit_job_seconds_bucket{le="0.5",stage="read"}'] == 1
    assert (found["preadmit_queue_depth"], found["preadmit_queue_oldest_seconds"]) == (3, 12.5)


def test_metrics_of_several_processes_are_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "counter_1.db").write_bytes(b"of an earlier start")
    monkeypatch.setenv(metrics.DIRECTORY_VARIABLE, "")
    metrics.share(tmp_path / "metrics")
    for remaining in ("4999", "4998"):
        subprocess.run([sys.executable, "-c", COUNT, remaining], check=True, env=dict(os.environ))
    gather = "import sys; from bot.telemetry.metrics import Metrics; sys.stdout.buffer.write(Metrics().text())"
    text = subprocess.run([sys.executable, "-c", gather], check=True, capture_output=True).stdout
    found = values(text)
    assert found['preadmit_deliveries_total{event="pull_request",outcome="accepted"}'] == 2
    assert found['preadmit_job_seconds_count{stage="judge"}'] == 2


def spans() -> tuple[Tracing, InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Tracing(provider), exporter


def test_stages_are_spans_of_their_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(metrics.DIRECTORY_VARIABLE, raising=False)
    traced, exporter = spans()
    watch = Watch(Metrics(), traced)
    with watch.span("job", delivery="d-1", pull=7), watch.span("judge"):
        pass
    inner, outer = exporter.get_finished_spans()
    assert (outer.name, dict(outer.attributes or {})) == ("job", {"delivery": "d-1", "pull": 7})
    assert inner.parent is not None
    assert outer.context is not None
    assert (inner.name, inner.parent.span_id) == ("judge", outer.context.span_id)


def test_a_span_fails_without_quoting() -> None:
    traced, exporter = spans()
    with pytest.raises(ValueError, match="secret"), traced.span("job", {}):
        raise ValueError("secret")
    [span] = exporter.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ValueError")
    assert "secret" not in span.to_json()


def test_traces_are_made_only_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tracing.configured({}) is None
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    assert tracing.configured(asked | {"OTEL_SDK_DISABLED": "true"}) is None
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SettingsError, match=r"pip install 'preadmit\[tracing\]'"):
        tracing.configured(asked)


def test_nobody_is_told_until_somebody_is_installed() -> None:
    silent = observe.observer()
    assert type(silent) is Observer
    with silent.span("job", pull=1):
        silent.delivery("push", "accepted")
        silent.request("GET", 200, None)
        silent.job("judged", {})


@pytest.mark.parametrize("as_json", [True, False])
def test_the_log(as_json: bool) -> None:
    code = (
        "import logging; from bot.telemetry import log; "
        f"log.begin({as_json}); logging.getLogger('bot.x').info('delivery=%s', 'd-1', extra={{'pull': 7}})"
    )
    line = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stderr.strip()
    if as_json:
        told = json.loads(line)
        assert (told["level"], told["logger"], told["message"], told["pull"]) == ("INFO", "bot.x", "delivery=d-1", 7)
    else:
        assert line.endswith("INFO bot.x delivery=d-1")
