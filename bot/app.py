"""The service's HTTP face: ``POST /webhook``, and what watches it. It says 202 and leaves the work to a queue."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from bot.jobs import Work
from bot.observe import observer
from bot.settings import Settings
from bot.webhook import Ignored, Refused, parse
from bot.worker import QueueError

_LOG: Final = logging.getLogger(__name__)


def create_app(
    settings: Settings, submit: Callable[[Work], bool], ready: Callable[[], None], metrics: Callable[[], bytes]
) -> Flask:
    """The WSGI application.

    ``submit`` takes a job at once, ``ready`` returns when it would; both raise QueueError where it does not.
    ``metrics`` are in Prometheus's text format.
    """
    app = Flask("preadmit", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.limits.delivery_bytes

    @app.post("/webhook")
    def webhook() -> tuple[Response, int]:
        body = request.get_data(cache=False)
        return _answer(
            parse(dict(request.headers), body, settings.webhook_secrets, settings.app_id, settings.label), submit
        )

    @app.get("/healthz")
    def healthz() -> tuple[Response, int]:
        return jsonify(status="ok"), 200

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        try:
            ready()
        except QueueError as unready:
            return jsonify(status=str(unready)), 503
        return jsonify(status="ok"), 200

    @app.get("/metrics")
    def exposed() -> Response:
        return Response(metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(error: RequestEntityTooLarge) -> tuple[Response, int]:
        return jsonify(error=f"the payload has more than {settings.limits.delivery_bytes:,} bytes"), 413

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response, int]:
        return jsonify(error=error.name), error.code or 500

    return app


def _answer(found: Work | Ignored | Refused, submit: Callable[[Work], bool]) -> tuple[Response, int]:
    body: dict[str, Any]
    match found:
        case Refused(status, reason):
            observer().delivery("", "refused")
            _LOG.info("a delivery was refused: %s", reason)
            return jsonify(error=reason), status
        case Ignored(reason):
            observer().delivery("", "ignored")
            return jsonify(ignored=reason), 202
        case work:
            try:
                submit(work)
            except QueueError as full:
                observer().delivery(work.event, "turned away")
                return jsonify(error=str(full)), 503
            observer().delivery(work.event, "accepted")
            body = {"accepted": work.delivery}
            return jsonify(body), 202
