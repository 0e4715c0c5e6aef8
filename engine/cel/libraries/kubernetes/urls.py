"""Kubernetes' functions on URLs (upstream: library/urls.go)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Function, Library, free, function, member
from engine.cel.libraries.costs import of_first
from engine.cel.types import BOOL, STRING, Type, list_of, map_of, object_type
from engine.cel.values import Opaque, Value
from engine.values import url

URL_TYPE: Final = object_type("kubernetes.URL")


class UrlValue(Opaque):
    """A URL taken apart."""

    __slots__ = ("parts",)
    cel_type: ClassVar[Type] = URL_TYPE

    def __init__(self, parts: url.Url) -> None:
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UrlValue) and str(self.parts) == str(other.parts)

    def __hash__(self) -> int:
        return hash(str(self.parts))

    def __str__(self) -> str:
        return str(self.parts)


def _parse(text: str) -> UrlValue:
    try:
        url.parse_request(text)
        return UrlValue(url.parse(text))
    except ValueError as error:
        raise EvaluationError(f"URL parse error during conversion from string: {error}") from None


def _is_url(text: str) -> bool:
    try:
        url.parse_request(text)
    except ValueError:
        return False
    return True


def _query(of: UrlValue) -> dict[str, Value]:
    return dict(of.parts.parameters())


def _part(name: str, id: str, read: Callable[[url.Url], str]) -> Function:
    def part(of: UrlValue) -> str:
        return read(of.parts)

    return function(name, member(id, (URL_TYPE,), STRING, part))


URLS: Final = Library(
    "kubernetes.urls",
    functions=(
        function("url", free("string_to_url", (STRING,), URL_TYPE, _parse, of_first())),
        function("isURL", free("is_url_string", (STRING,), BOOL, _is_url)),
        _part("getScheme", "url_get_scheme", lambda parts: parts.scheme),
        _part("getHost", "url_get_host", lambda parts: parts.host),
        _part("getHostname", "url_get_hostname", lambda parts: parts.hostname),
        _part("getPort", "url_get_port", lambda parts: parts.port),
        _part("getEscapedPath", "url_get_escaped_path", lambda parts: parts.escaped_path),
        function("getQuery", member("url_get_query", (URL_TYPE,), map_of(STRING, list_of(STRING)), _query)),
    ),
)
