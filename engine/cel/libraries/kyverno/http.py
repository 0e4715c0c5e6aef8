"""Kyverno's ``http``: services (upstream: libs/http; pkg/cel/compiler/http.go for policies of a namespace)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Constant, Function, Library, function, member
from engine.cel.libraries.json_values import to_struct
from engine.cel.libraries.kyverno.native import asked
from engine.cel.libraries.kyverno.surroundings import Surroundings, Unavailable
from engine.cel.types import ANY, STRING, Type, map_of, opaque
from engine.cel.values import Opaque, Value

CONTEXT_TYPE: Final = opaque("http.Context")
_HEADERS: Final = map_of(STRING, STRING)
_NOT_HERE: Final = "http calls are not allowed in namespaced policies: set --allowHTTPInNamespacedPolicies to enable"
_NONE: Final[Mapping[Value, Value]] = {}


class Context(Opaque):
    """Who asks services, for a policy of a namespace or of the cluster."""

    __slots__ = ("namespace", "surroundings")
    cel_type: ClassVar[Type] = CONTEXT_TYPE

    def __init__(self, surroundings: Surroundings, namespace: str) -> None:
        self.surroundings = surroundings
        self.namespace = namespace

    def get(self, url: str, headers: Mapping[str, str]) -> Value:
        """The service's answer; raises Unavailable."""
        try:
            return self.surroundings.http_get(url, headers)
        except Unavailable:
            self._refuse_here()
            raise

    def post(self, url: str, body: Value, headers: Mapping[str, str]) -> Value:
        """The service's answer; raises Unavailable."""
        try:
            return self.surroundings.http_post(url, body, headers)
        except Unavailable:
            self._refuse_here()
            raise

    def _refuse_here(self) -> None:
        if self.namespace:
            raise Unavailable(_NOT_HERE)


def _headers(headers: Mapping[Value, Value], place: int) -> dict[str, str]:
    for key, value in headers.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise EvaluationError(f"invalid arg {place}: headers are texts")
    return dict(headers)


def _get(of: Context, url: str, headers: Mapping[Value, Value] = _NONE) -> Value:
    given = _headers(headers, 2)
    return asked("request failed", lambda: of.get(url, given))


def _post(of: Context, url: str, body: Value, headers: Mapping[Value, Value] = _NONE) -> Value:
    try:
        sent = to_struct(body)
    except EvaluationError as error:
        raise EvaluationError(f"invalid arg 2: {error}") from None
    given = _headers(headers, 3)
    return asked("request failed", lambda: of.post(url, sent, given))


def _client(of: Context, _bundle: str) -> Context:
    """The same, trusting other certificates, which is nothing to one who opens no connection."""
    return of


def _functions(get: str, post: str, client: str, suffix: str) -> tuple[Function, ...]:
    body = (CONTEXT_TYPE, STRING, ANY)
    return (
        function(
            get,
            member(f"http_get_string_{suffix}", (CONTEXT_TYPE, STRING), ANY, _get),
            member(f"http_get_string_headers_{suffix}", (CONTEXT_TYPE, STRING, _HEADERS), ANY, _get),
        ),
        function(
            post,
            member(f"http_post_string_any_{suffix}", body, ANY, _post),
            member(f"http_post_string_any_headers_{suffix}", (*body, _HEADERS), ANY, _post),
        ),
        function(client, member(f"http_client_string_{suffix}", (CONTEXT_TYPE, STRING), CONTEXT_TYPE, _client)),
    )


_FUNCTIONS: Final = (*_functions("Get", "Post", "Client", "pascal"), *_functions("get", "post", "client", "camel"))


def library(surroundings: Surroundings, namespace: str = "") -> Library:
    """``http`` for a policy of the cluster, or of a namespace."""
    context = Constant(CONTEXT_TYPE, Context(surroundings, namespace))
    return Library("kyverno.http", functions=_FUNCTIONS, constants={"http": context}, asks=True)
