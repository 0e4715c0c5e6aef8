"""The fake as a server on the loopback interface: identities, faults, validation, records."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request as WsgiRequest
from werkzeug.wrappers import Response

from tests.fake_github import listing, routes, webhooks
from tests.fake_github.graphql import faults_of_query
from tests.fake_github.openapi import Description
from tests.fake_github.state import Identity, RefusedError, Request, State
from tests.fake_github.weather import Weather, cut

_REPO = r"/repos/([^/]+)/([^/]+)"
_ROUTES: list[tuple[str, str, Callable[..., tuple[int, Any]]]] = [
    ("POST", r"/app/installations/(\d+)/access_tokens", routes.access_token),
    ("GET", r"/app", webhooks.app),
    ("GET", r"/app/hook/config", webhooks.hook),
    ("GET", r"/app/installations", webhooks.installations),
    ("GET", r"/app/hook/deliveries", webhooks.listed),
    ("GET", r"/app/hook/deliveries/(\d+)", webhooks.one),
    ("GET", r"/installation/repositories", webhooks.repositories),
    ("GET", _REPO + r"/git/trees/([^/]+)", routes.tree),
    ("GET", _REPO + r"/git/blobs/([^/]+)", routes.blob),
    ("GET", _REPO + r"/compare/([^/]+)", routes.compare),
    ("GET", _REPO + r"/rules/branches/([^/]+)", routes.branch_rules),
    ("GET", _REPO + r"/branches/([^/]+)", routes.branch),
    ("GET", _REPO + r"/pulls/(\d+)", routes.pull),
    ("GET", _REPO + r"/pulls/(\d+)/files", routes.pull_files),
    ("GET", _REPO + r"/commits/([^/]+)/pulls", routes.commit_pulls),
    ("GET", _REPO + r"/commits/([^/]+)/check-runs", routes.commit_check_runs),
    ("POST", _REPO + r"/check-runs", routes.create_check_run),
    ("PATCH", _REPO + r"/check-runs/(\d+)", routes.update_check_run),
    ("GET", _REPO + r"/check-runs/(\d+)/annotations", routes.annotations),
    ("GET", _REPO + r"/pulls/(\d+)/comments", routes.list_comments),
    ("GET", _REPO + r"/issues/(\d+)/comments", routes.list_issue_comments),
    ("POST", _REPO + r"/issues/(\d+)/comments", routes.create_issue_comment),
    ("GET", _REPO + r"/collaborators/([^/]+)/permission", routes.permission),
    ("POST", _REPO + r"/pulls/(\d+)/reviews", routes.create_review),
    ("POST", r"/graphql", listing.graphql),
]
_DELETED_FORK = "$.head.repo: None"
"""GitHub answers so for a fork that is gone, which its description does not say."""

_TARBALL = re.compile(_REPO + r"/tarball/([^/]+)")
_CODELOAD = re.compile(r"/_codeload/([^/]+)/([^/]+)/([0-9a-f]+)")


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open, as GitHub's do

    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing: the requests are recorded."""


def _make_key() -> tuple[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forms = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    return key.private_bytes(*forms).decode(), key.public_key()


_KEY = _make_key()


class FakeGitHub(State):
    """A running fake; ``url`` is the API's address, ``private_key`` the App's."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.private_key, self._public_key = _KEY
        self.description = Description.load()
        self._lock = threading.RLock()
        self._stop_at: Callable[[WsgiRequest], None] = lambda request: None
        self.weather = Weather()
        self._server = make_server("127.0.0.1", 0, self._wsgi, threaded=True, request_handler=_Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @contextmanager
    def held(self) -> Iterator[None]:
        """No request is answered meanwhile."""
        with self._lock:
            yield

    @contextmanager
    def stopped_at(self, method: str, path: str) -> Iterator[threading.Event]:
        """The first request of its kind is not taken up meanwhile; the event tells that it has come."""
        reached, go_on = threading.Event(), threading.Event()
        self._stop_at = lambda request: self._hold(request, method, path, reached, go_on)
        yield reached
        self._stop_at = lambda request: None
        go_on.set()

    @staticmethod
    def _hold(request: WsgiRequest, method: str, path: str, reached: threading.Event, go_on: threading.Event) -> None:
        if not reached.is_set() and request.method == method and re.match(path, environ_path(request)):
            reached.set()
            go_on.wait(300)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _wsgi(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = WsgiRequest(environ)
        self._stop_at(request)

        def answer() -> Response:
            with self._lock:  # one request at a time, so that a test's view is whole
                return self._respond(request)

        response = self.weather.pass_through(environ, answer)
        return cut(environ, start_response) if response is None else response(environ, start_response)

    def _respond(self, request: WsgiRequest) -> Response:
        raw = environ_path(request)
        if archived := self._archive(raw, request):
            return archived
        body = json.loads(request.get_data() or b"null")
        query = dict(request.args.items())
        self._validate_request(request.method, raw, query, body)
        status, answer, headers = self._answer(request, raw, query, body)
        if request.method == "GET" and status == 200:
            headers["ETag"] = f'W/"{hashlib.sha256(json.dumps(answer).encode()).hexdigest()}"'
            if request.headers.get("If-None-Match") == headers["ETag"]:
                self.requests.append(Request(request.method, raw, query, body, 304))
                return Response(status=304, headers=headers)
        self.requests.append(Request(request.method, raw, query, body, status))
        if self.description is not None and raw != "/graphql":
            for fault in self.description.faults_of_response(request.method, raw, status, answer):
                if fault.startswith(_DELETED_FORK):
                    continue
                self.violations.append(f"answer to {request.method} {raw}: {fault}")
        return Response(json.dumps(answer), status, headers, content_type="application/json; charset=utf-8")

    def _answer(
        self, request: WsgiRequest, raw: str, query: dict[str, str], body: Any
    ) -> tuple[int, Any, dict[str, str]]:
        fault = self.fault(request.method, raw)
        try:
            if fault is not None and not fault.after:
                raise RefusedError(fault.status, fault.message, **fault.headers)
            status, answer, headers = self._dispatch(request, raw, query, body)
            if fault is not None:
                raise RefusedError(fault.status, fault.message, **fault.headers)
        except RefusedError as refused:
            answer = {"message": refused.message, "documentation_url": "https://docs.github.com/rest"}
            if refused.errors is not None:
                answer["errors"] = refused.errors
            return refused.status, answer, refused.headers
        except KeyError:
            return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}, {}
        return status, answer, headers

    def _dispatch(
        self, request: WsgiRequest, raw: str, query: dict[str, str], body: Any
    ) -> tuple[int, Any, dict[str, str]]:
        if found := re.fullmatch(r"/app-manifests/([^/]+)/conversions", raw):  # the code is the credential
            return (*webhooks.conversion(routes.Call(self, None, False, query, body), unquote(found[1])), {})
        who, may_write = self._identify(request)
        call = routes.Call(self, who, may_write, query, body)
        for method, pattern, route in _ROUTES:
            found = re.fullmatch(pattern, raw) if method == request.method else None
            if found is None:
                continue
            parts = [unquote(part) for part in found.groups()]
            if pattern.startswith(_REPO):
                return *route(call, self.find(parts[0], parts[1]), *parts[2:]), call.headers
            return *route(call, *parts), call.headers
        raise RefusedError(404, "Not Found")

    def _identify(self, request: WsgiRequest) -> tuple[Identity | None, bool]:
        if not request.headers.get("User-Agent", "").startswith("preadmit"):
            raise RefusedError(
                403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent"
            )
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind == "Bearer" and token.count(".") == 2:
            try:
                jwt.decode(token, self._public_key, algorithms=["RS256"], issuer=str(self.app.id))
            except jwt.PyJWTError:
                raise RefusedError(401, "A JSON web token could not be decoded") from None
            return None, False
        known = self.tokens.get(token)
        if known is None or known[1] <= self.clock():
            raise RefusedError(401, "Bad credentials")
        return known[0], token not in self.read_only_tokens

    def _is_known(self, request: WsgiRequest) -> bool:
        try:
            self._identify(request)
        except RefusedError:
            return False
        return True

    def _validate_request(self, method: str, raw: str, query: dict[str, str], body: Any) -> None:
        if raw == "/graphql":
            self.violations += [f"query: {fault}" for fault in faults_of_query(body["query"])]
        if self.description is not None and raw != "/graphql":
            for fault in self.description.faults_of_request(method, raw, query, body):
                self.violations.append(f"request {method} {raw}: {fault}")

    def _archive(self, raw: str, request: WsgiRequest) -> Response | None:
        """An archive is a redirect to another service, whose address carries a secret and which takes no token."""
        if found := _TARBALL.fullmatch(raw):
            status = (302 if self.archives else 404) if self._is_known(request) else 401
            self.requests.append(Request("GET", raw, {}, None, status))
            if status == 401:
                return Response(status=status)
            owner, name, ref = (unquote(part) for part in found.groups())
            location = f"{self.url}/_codeload/{owner}/{name}/{self.find(owner, name).git.sha(ref)}?token=secret"
            return Response(status=status, headers={"Location": location} if self.archives else {})
        if found := _CODELOAD.fullmatch(raw):
            assert "Authorization" not in request.headers
            self.requests.append(Request("GET", "/_codeload", {}, None, 200))
            git = self.find(found[1], found[2]).git
            return Response(git.run("archive", "--format=tar.gz", "--prefix=top/", found[3]), 200)
        return None


def environ_path(request: WsgiRequest) -> str:
    """The path as it was sent: a quoted slash in a branch's name is no separator.

    An Enterprise Server has its API under ``/api/v3`` and ``/api/graphql``; the fake answers there, too.
    """
    raw = str(request.environ.get("REQUEST_URI") or request.environ["RAW_URI"]).partition("?")[0]
    return raw.removeprefix("/api/v3") if raw.startswith("/api/v3") else raw.removeprefix("/api")
