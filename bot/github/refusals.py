"""What GitHub says when it refuses: until when, and why."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any


def seconds_asked(headers: Mapping[str, Any], text: str, attempt: int) -> float | None:
    """What GitHub asks us to wait; None when the refusal is about rights."""
    if "retry-after" in headers:
        return _seconds(headers["retry-after"])
    if headers.get("x-ratelimit-remaining") == "0":
        return max(1.0, _seconds(headers.get("x-ratelimit-reset", 0)) - time.time() + 1)
    if "rate limit" in text.lower():
        return 60.0 * attempt  # docs: at least a minute, growing
    return None


def _seconds(value: Any) -> float:
    try:
        return max(0.0, float(value))
    except ValueError:
        return 60.0  # a date instead of seconds: GitHub's shortest advice


def reason(what: str, status: int, text: str) -> str:
    """What GitHub says about a refusal, without anything that was sent."""
    if status == 0:
        return f"{what}: {text}"
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return f"{what}: {status}"
    details = [error if isinstance(error, str) else _detail(error) for error in answer.get("errors") or ()]
    return ": ".join(filter(None, [what, str(status), str(answer.get("message", "")), "; ".join(details)]))[:2000]


def _detail(error: Any) -> str:
    if not isinstance(error, dict):
        return ""
    return str(error.get("message") or f"{error.get('field', '')} {error.get('code', '')}".strip())
