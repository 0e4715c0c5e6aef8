"""``preadmit serve``: the application under gunicorn, with the queue in the same process."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types

from bot.answer import Answer
from bot.app import create_app
from bot.github.auth import App
from bot.github.cache import ObjectCache
from bot.github.client import GitHubError
from bot.model import Judgement, Source
from bot.publish_github import Renderer
from bot.settings import Settings, SettingsError
from bot.worker import Queue, ThreadQueue

GRACE_SECONDS: Final = 25
"""Within Kubernetes' default of 30 between the wish to stop and the end."""

_THREADS: Final = 8
"""Requests answered at a time; each only checks a signature and queues."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with one process, since jobs wait in its memory, and settings that are not read from anywhere else."""

    def __init__(self, settings: Settings, queue: Callable[[], Queue], host: str = "0.0.0.0") -> None:  # noqa: S104 - a container's service is meant to be reached
        self._settings, self._make_queue, self._host = settings, queue, host
        self._queue: Queue | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options."""
        options: Mapping[str, Any] = {
            "bind": f"{self._host}:{self._settings.port}",
            "workers": 1,
            "threads": _THREADS,
            "worker_class": "gthread",
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108 - a heartbeat file that no slow disk may hold up
            "graceful_timeout": GRACE_SECONDS,
            "timeout": 60,
            "limit_request_line": 2048,
            "accesslog": None,
            "loglevel": "warning",
            "worker_exit": self._stop,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made in the worker process, where its threads live."""
        self._queue = self._make_queue()
        return create_app(self._settings, self._queue.submit)

    def _stop(self, server: object, worker: object) -> None:
        if self._queue is not None and not self._queue.close(GRACE_SECONDS):
            logging.getLogger(__name__).warning("stopped with work left; GitHub can deliver it again")


def serve(settings: Settings, judge: Callable[[Source], Judgement], render: Renderer) -> None:
    """Serve until told to stop; raises SettingsError for a key that cannot sign or a folder that cannot be written."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    app = App(settings.app_id, settings.private_key, settings.api_url)
    try:
        app.check_key()
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except GitHubError as wrong:
        raise SettingsError(f"PREADMIT_PRIVATE_KEY: {wrong}") from None
    except OSError as refused:
        raise SettingsError(f"PREADMIT_STATE_DIR {settings.state_dir}: {refused.strerror}") from None
    answer = Answer(app, ObjectCache(settings.state_dir), judge, render)
    Server(settings, lambda: ThreadQueue(answer, settings.threads)).run()
