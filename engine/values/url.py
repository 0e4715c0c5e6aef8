"""URLs as Go's net/url takes them apart, with its error texts."""

from __future__ import annotations

from typing import NoReturn

from msgspec import Struct
from msgspec.structs import replace

from engine.regex import later
from engine.values import golang, netip

_SCHEME = later(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROL = later(r"[\x00-\x1f\x7f]")
_USER = later(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_PORT = later(r"(?::[0-9]*)?")
_ESCAPE = later("%(?:([0-9a-fA-F])[0-9a-fA-F])?")
_BAD_HOST = later(r"[^A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>\"%\x80-\U0010ffff]")
_UNSAFE_IN_PATH = later(r"[^A-Za-z0-9\-_.~$&+,/:;=@]")
_ENCODED_PATH = later(r"[A-Za-z0-9\-_.~$&+,/:;=@!'()*\[\]%]*")
_MAX_PARAMETERS = 10_000


class Url(Struct, frozen=True):
    """The parts of a URL; ``path`` is decoded, ``written_path`` as it was given.

    ``authority`` is ``user@`` and host, None where the URL has none; ``query`` is None where there is no ``?``.
    """

    scheme: str = ""
    opaque: str = ""
    authority: str | None = None
    host: str = ""
    path: str = ""
    written_path: str = ""
    query: str | None = None
    fragment: str = ""

    def __str__(self) -> str:
        """The URL put together again, the path well encoded (upstream: URL.String)."""
        scheme = f"{self.scheme}:" if self.scheme else ""
        authority = f"//{self.authority}" if self.authority is not None and (self.authority or self.path) else ""
        query = f"?{self.query}" if self.query is not None else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{scheme}{self.opaque}{authority}{self.escaped_path}{query}{fragment}"

    @property
    def hostname(self) -> str:
        """The host without port and brackets (upstream: URL.Hostname)."""
        return _split_port(self.host)[0]

    @property
    def port(self) -> str:
        """The port, empty if there is none (upstream: URL.Port)."""
        return _split_port(self.host)[1]

    @property
    def escaped_path(self) -> str:
        """The path as given if that is well encoded, else as it would be (upstream: URL.EscapedPath)."""
        if _ENCODED_PATH.fullmatch(self.written_path) or self.written_path == "*":
            return self.written_path
        return _UNSAFE_IN_PATH.sub(lambda found: _percent(found[0]), self.path)

    def parameters(self) -> dict[str, list[str]]:
        """The query's parameters; malformed ones are left out (upstream: URL.Query)."""
        parts = (self.query or "").split("&")
        if len(parts) > _MAX_PARAMETERS:
            return {}
        found: dict[str, list[str]] = {}
        for part in parts:
            name, _, value = part.partition("=")
            if not part or ";" in part or not _is_escaped(part):
                continue
            found.setdefault(_decode(name, plus=True), []).append(_decode(value, plus=True))
        return found


def parse(text: str) -> Url:
    """A URL, absolute or relative, maybe with a fragment; ValueError with the text of url.Parse."""
    rest, _, fragment = text.partition("#")
    found = _parsed(rest, via_request=False)
    if not _is_escaped(fragment):
        _fail(text, _bad_escape(fragment))
    return replace(found, fragment=fragment)


def parse_request(text: str) -> Url:
    """A URL or path that a request could be for; ValueError with the text of url.ParseRequestURI."""
    return _parsed(text, via_request=True)


def _fail(text: str, reason: str) -> NoReturn:
    raise ValueError(f"parse {golang.quote(text)}: {reason}")


def _parsed(text: str, via_request: bool) -> Url:
    try:
        return _taken_apart(text, via_request)
    except ValueError as error:
        _fail(text, str(error))


def _taken_apart(text: str, via_request: bool) -> Url:
    if _CONTROL.search(text):
        raise ValueError("net/url: invalid control character in URL")
    if text == "*":
        return Url(path="*", written_path="*")
    if not text and via_request:
        raise ValueError("empty url")
    if text.startswith(":"):
        raise ValueError("missing protocol scheme")
    named = _SCHEME.match(text)
    scheme = text[: named.end() - 1].lower() if named else ""
    rest, mark, after = (text[named.end() :] if named else text).partition("?")
    query = after if mark else None
    if not rest.startswith("/"):
        if scheme:
            return Url(scheme, opaque=rest, query=query)
        if via_request:
            raise ValueError("invalid URI for request")
        if ":" in rest.partition("/")[0]:
            raise ValueError("first path segment in URL cannot contain colon")
    host, authority = "", None
    if rest.startswith("//") and (scheme or (not via_request and not rest.startswith("///"))):
        authority, slash, path = rest[2:].partition("/")
        host, rest = _host(scheme, authority), slash + path
    if not _is_escaped(rest):
        raise ValueError(_bad_escape(rest))
    return Url(scheme, "", authority, host, _decode(rest), rest, query)


def _host(scheme: str, authority: str) -> str:
    user, at, host = authority.rpartition("@")
    host = _literal(host) if "[" in host else _named_host(scheme, host)
    if at:
        if not _USER.fullmatch(user):
            raise ValueError("net/url: invalid userinfo")
        if not _is_escaped(user):
            raise ValueError(_bad_escape(user))
    return host


def _literal(host: str) -> str:
    """A host with an IPv6 address in brackets."""
    if host.rfind("[") > 0:
        raise ValueError("invalid IP-literal")
    inside, bracket, port = host[1:].rpartition("]")
    if not bracket:
        raise ValueError("missing ']' in host")
    _check_port(port)
    name, percent, zone = inside.partition("%25")
    inside = _decode_host(name) + (_decode(percent + zone) if percent else "")
    try:
        address = netip.parse_address(inside)
    except ValueError as error:
        raise ValueError(f"invalid host: {error}") from None
    if address.bits == 32:
        raise ValueError("invalid IP-literal")
    return f"[{inside}]{port}"


def _named_host(scheme: str, host: str) -> str:
    colon = host.rfind(":")
    if host.find(":") != colon and scheme in ("http", "https"):
        colon = host.find(":")
    if colon >= 0:
        _check_port(host[colon:])
    return _decode_host(host)


def _check_port(port: str) -> None:
    if not _PORT.fullmatch(port):
        raise ValueError(f"invalid port {golang.quote(port)} after host")


def _decode_host(host: str) -> str:
    """In a host only what is not ASCII may be escaped, and a percent sign."""
    bad = _BAD_HOST.search(host)
    for found in _ESCAPE.finditer(host, 0, bad.start() if bad else len(host)):
        if found[1] is None:
            raise ValueError(_bad_escape(host))
        if found[1] < "8" and found[0] != "%25":
            raise ValueError(f"invalid URL escape {golang.quote(found[0])}")
    if bad:
        raise ValueError(f"invalid character {golang.quote(bad[0])} in host name")
    return _decode(host)


def _is_escaped(text: str) -> bool:
    """Whether two hexadecimal digits follow every percent sign."""
    return "%" not in text or all(found[1] is not None for found in _ESCAPE.finditer(text))


def _bad_escape(text: str) -> str:
    bad = next(found.start() for found in _ESCAPE.finditer(text) if found[1] is None)
    return f"invalid URL escape {golang.quote(text[bad : bad + 3])}"


def _decode(text: str, plus: bool = False) -> str:
    from urllib.parse import unquote, unquote_plus

    if "%" not in text and not (plus and "+" in text):
        return text
    return unquote_plus(text) if plus else unquote(text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _split_port(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    if colon and ((port.isascii() and port.isdigit()) or not port):
        host = name
    else:
        port = ""
    return (host[1:-1] if host.startswith("[") and host.endswith("]") else host), port
