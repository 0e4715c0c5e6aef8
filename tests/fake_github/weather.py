"""GitHub on a bad day: answers take time, some are refused, lost, or lost after the work was done."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Response

Answer = Callable[[], Response]
_MEAN = ("unavailable", "lost", "unavailable after", "lost after", "limit", "secondary", "expired")


@dataclass
class Weather:
    """A ``share`` of the requests meets a fault, and each takes so many ``seconds``. Faults are chosen by the seed."""

    seconds: float = 0.0
    share: float = 0.0
    seed: int = 0
    met: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random, self._lock = random.Random(self.seed), threading.Lock()

    def pass_through(self, environ: dict[str, Any], answer: Answer) -> Response | None:
        """The answer, another one, or None where the connection is to be cut."""
        if self.seconds:
            time.sleep(self.seconds)
        with self._lock:
            fault = self._random.choice(_MEAN) if self._random.random() < self.share else ""
            self.met[fault] += 1
        match fault:
            case "":
                return answer()
            case "unavailable":
                return Response("bad gateway", 502)
            case "lost":
                return None
            case "unavailable after":
                answer()
                return Response("bad gateway", 502)
            case "lost after":
                answer()
                return None
            case "expired":
                return _refusal(401, "Bad credentials")
            case "limit":
                return _refusal(429, "API rate limit exceeded", {"Retry-After": "1"})
            case _:
                return _refusal(403, "You have exceeded a secondary rate limit", {"Retry-After": "1"})


def _refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return Response(f'{{"message": "{message}"}}', status, headers, content_type="application/json")


def cut(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Close the connection without an answer."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    start_response("500 lost", [])
    return []
