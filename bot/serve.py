"""``preadmit serve`` and ``preadmit worker``: gunicorn takes deliveries, a worker answers them."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types

from bot.answer import Answer
from bot.app import create_app
from bot.github.auth import App
from bot.github.cache import ObjectCache
from bot.github.client import GitHubError
from bot.github.pace import Measure
from bot.isolation.pool import Evaluators
from bot.observe import install
from bot.publish_github import Renderer
from bot.reconcile import Reconciliation
from bot.settings import Settings, SettingsError
from bot.supervisor import Supervisor
from bot.telemetry import log
from bot.telemetry.metrics import Metrics, expose, share
from bot.telemetry.tracing import configured
from bot.telemetry.watch import Watch

_THREADS: Final = 8
"""Requests answered at a time; each only checks a signature and queues."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with settings that are not read from anywhere else."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._settings, self._url = settings, url
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options."""
        options: Mapping[str, Any] = {
            "bind": f"0.0.0.0:{self._settings.port}",  # a container's service is meant to be reached
            "workers": 1,
            "threads": _THREADS,
            "worker_class": "gthread",
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108 - a heartbeat file that no slow disk may hold up
            "graceful_timeout": self._settings.grace_seconds,
            "timeout": 60,
            "limit_request_line": 2048,
            "accesslog": None,
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made in gunicorn's worker, where its connections live."""
        from bot.durable.inbox import Inbox

        inbox, metrics = Inbox(self._url, self._settings.waiting_work), watch()
        return create_app(self._settings, inbox.submit, inbox.check, lambda: metrics.text(inbox.backlog))


@dataclass(frozen=True, slots=True)
class Service:
    """The two roles of the service; ``judge`` is the pipeline apart, ``render`` the module of that name."""

    settings: Settings
    judge: Evaluators
    render: Renderer

    @classmethod
    def checked(cls, settings: Settings, judge: Evaluators, render: Renderer) -> Service:
        """Begin the log; raises SettingsError for a key that cannot sign or a folder that cannot be written."""
        log.begin(settings.log_format == "json")
        try:
            App(settings.app_id, settings.private_key, settings.api_url).check_key()
            settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except GitHubError as wrong:
            raise SettingsError(f"PREADMIT_PRIVATE_KEY: {wrong}") from None
        except OSError as refused:
            raise SettingsError(f"PREADMIT_STATE_DIR {settings.state_dir}: {refused.strerror}") from None
        return cls(settings, judge, render)

    def both(self) -> None:
        """Run both roles until told to stop; leaves with an exit code."""
        share(self.settings.state_dir / "metrics")
        import_module("bot.durable.executor")  # what both need is imported once, before they part
        roles = {"worker": _told(self.worker), "web": _told(self.web)}
        sys.exit(Supervisor(roles, self.settings.grace_seconds).run())

    def web(self) -> None:
        """Take deliveries until told to stop."""
        from bot.durable import database

        Server(self.settings, database.prepare(self.settings)).run()

    def worker(self) -> None:
        """Answer them until told to stop; what does not end within the grace is done by the next worker."""
        from bot.durable import database
        from bot.durable.executor import WATCH_SECONDS, Executor
        from bot.durable.inbox import Inbox
        from bot.durable.pace import Paces
        from bot.durable.retention import ROUND_SECONDS, Retention
        from bot.durable.rounds import Rounds
        from bot.durable.turns import Room

        settings, told = self.settings, threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told.set())
        self.judge.warm()
        url = database.prepare(settings)
        paces = Paces(url, Measure(settings.writes_a_minute, settings.writes_an_hour))
        app = App(settings.app_id, settings.private_key, settings.api_url, paces=paces)
        inbox = Inbox(url)
        answer = Answer(app, ObjectCache(settings.state_dir), self.judge, self.render, inbox, limits=settings.limits)
        metrics = watch()
        if settings.metrics_port:
            expose(metrics, settings.metrics_port)
        locks = database.locks(settings, url)
        executor = Executor(url, locks, inbox, answer, Room(settings.threads, settings.running_work))
        executor.start()
        if settings.reconcile_seconds:
            bounded = Inbox(url, settings.waiting_work)
            reconcile = Reconciliation(app, bounded, settings)
            Rounds(locks, "rounds", reconcile, settings.reconcile_seconds).start(told)
        Rounds(locks, "retention", Retention(url, settings.keep_days), ROUND_SECONDS).start(told)
        while not told.wait(WATCH_SECONDS):
            executor.watch()
        executor.stop(settings.grace_seconds)
        logging.shutdown()
        os._exit(0)  # without waiting for threads that are still at work: it is done again


def watch() -> Metrics:
    """Watch this process from now on; raises SettingsError where traces are asked for and cannot be made."""
    metrics = Metrics()
    install(Watch(metrics, configured(os.environ)))
    return metrics


def _told(role: Callable[[], None]) -> Callable[[], None]:
    """The role, which says what is wrong with the settings before it ends."""

    def run() -> None:
        try:
            role()
        except SettingsError as wrong:
            sys.stderr.write(f"preadmit serve: {wrong}\n")
            sys.exit(2)

    return run
