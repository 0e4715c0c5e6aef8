"""Registering the App with one click: a page on this machine sends GitHub the manifest, and takes the credentials.

GitHub: "Registering a GitHub App from a manifest". The page is served on the loopback interface alone; the answer
counts only with the random ``state`` that the page sent along, so that no other page can slip in an App of its own.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, make_server

from bot import render
from bot.app_manifest import AppManifest, web_address
from bot.credentials import Credentials, CredentialsError
from bot.github.client import GitHubError

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_HOSTS: Final = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class Registration:
    """What is registered, where, and what becomes of the answer.

    ``organization`` is empty for a person's own App. ``exchange`` turns GitHub's code into the credentials
    (GitHubError, CredentialsError); ``store`` keeps them and says where (CredentialsError).
    """

    manifest: AppManifest
    api_url: str
    organization: str
    exchange: Callable[[str], Credentials]
    store: Callable[[Credentials], str]

    @property
    def form_address(self) -> str:
        """Where GitHub's form takes the manifest."""
        web = web_address(self.api_url)
        owner = f"/organizations/{self.organization}" if self.organization else ""
        return f"{web}{owner}/settings/apps/new"


class Registrar:
    """The page while it is served; ``address`` is what to open, ``wait`` returns what was registered."""

    def __init__(self, registration: Registration, port: int = 0) -> None:
        self._registration, self._state = registration, secrets.token_urlsafe(32)
        self._done = threading.Event()
        self._registered: Credentials | None = None
        self._server: BaseWSGIServer = make_server("127.0.0.1", port, self._application(), threaded=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        registration.manifest.document(self.address)  # a bad one is told before anything is opened
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def wait(self, seconds: float | None = None) -> Credentials | None:
        """The credentials once they are stored; None after ``seconds`` without."""
        self._done.wait(seconds)
        self._server.shutdown()
        self._server.server_close()
        return self._registered

    def _application(self) -> Flask:
        app = Flask("preadmit-registration", static_folder=None)
        app.add_url_rule("/", view_func=self._form)
        app.add_url_rule("/registered", view_func=self._registered_at_github)
        app.before_request(_own_host)
        app.after_request(_guarded)
        return app

    def _form(self) -> str:
        manifest = self._registration.manifest.document(self.address + "registered")
        return render.page(
            "register.html.j2",
            action=f"{self._registration.form_address}?state={self._state}",
            manifest=json.dumps(manifest),
            asked=manifest,
        )

    def _registered_at_github(self) -> tuple[str | Response, int]:
        code, state = request.args.get("code", ""), request.args.get("state", "")
        if not code or not hmac.compare_digest(state.encode(), self._state.encode()):
            return render.page("registered.html.j2", fault="This answer does not belong to this registration."), 400
        if self._registered is not None:
            return render.page("registered.html.j2", fault="The App has been registered already."), 409
        try:
            made = self._registration.exchange(code)
            where = self._registration.store(made)
        except (GitHubError, CredentialsError) as fault:
            return render.page("registered.html.j2", fault=str(fault)), 502
        self._registered = made
        page = Response(render.page("registered.html.j2", fault="", made=made, where=where))
        page.call_on_close(self._done.set)  # once it is sent: the process ends with what waits for it
        return page, 200


def _own_host() -> tuple[str, int] | None:
    """Refuse requests under other names: a page elsewhere could point its own name at this machine."""
    if request.host.rpartition(":")[0] not in _HOSTS:
        return "", 403
    return None


def _guarded(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
