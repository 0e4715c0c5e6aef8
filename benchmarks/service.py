"""How quick the service is before a GitHub that takes 20 ms for each answer: ``python -m benchmarks.service [PULLS]``.

Prints the table of docs/APP.md, for SQLite and PostgreSQL: the time until a delivery is accepted while the worker is
busy, the time from a delivery to its completed check run (pull requests of ten files, one after another), and accepted
deliveries a second.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests import postgres
from tests.e2e.service import Case, Opener, Service
from tests.e2e.shop import BASE, Files, deployment, workshop
from tests.fake_github import FakeGitHub, deliveries
from tests.fake_github.weather import Weather

FILES = 10
SENDERS = 4


def main() -> None:
    """Measure both databases."""
    pulls = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print("| | 202, p50 | 202, p99 | Delivery to completed check, 10 files, p50 | p95 | 202 a second |")
    print("|---|---|---|---|---|---|", flush=True)
    for name in ("SQLite", "PostgreSQL"):
        answered, taken, rate = _measure(name, pulls)
        parts = ((taken, 0.5), (taken, 0.99), (answered, 0.5), (answered, 0.95))
        figures = [f"{_part(times, share) * 1000:,.0f} ms" for times, share in parts]
        print("|", " | ".join([name, *figures, f"{rate:.0f}"]), "|", flush=True)


def _measure(name: str, pulls: int) -> tuple[list[float], list[float], float]:
    """Seconds to a check run, seconds to 202, deliveries a second."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings: dict[str, str] = {}
        if name == "PostgreSQL":
            url = stack.enter_context(postgres.server())
            own = stack.enter_context(postgres.database(url, f"bench_{uuid.uuid4().hex[:8]}"))
            settings["PREADMIT_DATABASE_URL"] = own
        fake = FakeGitHub(home / "github")
        stack.callback(fake.close)
        fake.weather = Weather(seconds=0.02)
        service = Service(fake, home / "state", **settings)
        stack.callback(service.kill)
        cases = [_opened(service) for _ in range(pulls)]
        _until_answered(_opened(service))  # the worker takes longer to start than the receiver
        answered = [_until_answered(case) for case in cases]
        bodies = [deliveries.encode(case.payload("reopened")) for case in cases for _ in range(10)]  # all are work
        began = time.perf_counter()
        with ThreadPoolExecutor(SENDERS) as senders:
            taken = list(senders.map(lambda body: _until_taken(service, body), bodies))
        return answered, taken, len(bodies) / (time.perf_counter() - began)


def _opened(service: Service) -> Case:
    change: Files = {f"apps/a{n}.yaml": deployment(f"a{n}") for n in range(FILES)}
    change["apps/a0.yaml"] = deployment("a0", image="nginx")
    return Opener(service)({**BASE, **workshop(strict=True)}, change)


def _until_answered(case: Case) -> float:
    began = time.perf_counter()
    _until_taken(case.service, deliveries.encode(case.payload()))
    while not any(run.status == "completed" for run in case.repository.check_runs):
        time.sleep(0.005)
    return time.perf_counter() - began


def _until_taken(service: Service, body: bytes) -> float:
    began = time.perf_counter()
    answer = service.send("pull_request", body)
    assert answer.status_code == 202, answer.text
    return time.perf_counter() - began


def _part(times: list[float], share: float) -> float:
    return sorted(times)[math.ceil(len(times) * share) - 1]


if __name__ == "__main__":
    main()
