"""Kyverno's function on network addresses."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation
from engine.jmespath.signatures import Table, function

TABLE: Table = {}
_function = partial(function, TABLE)

_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


@_function("is_external_url", "string", result="bool")
def is_external_url(_evaluation: Evaluation, url: str) -> bool:
    """tells whether the IP address that is a URL's host is public; looks up no names"""
    from ipaddress import IPv6Address, ip_address, ip_network

    host = _host(url)
    if host == "localhost":
        return False
    try:
        address = ip_address(host)
    except ValueError:
        raise QueryError(f"lookup {host}: no such host") from None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return not any(address in ip_network(network) for network in _PRIVATE)


def _host(url: str) -> str:
    """The host without port, brackets and user (upstream: net/url, Parse and Hostname)."""
    if any(char < " " or char == "\x7f" for char in url):
        raise QueryError(f'parse "{url}": net/url: invalid control character in URL')
    rest = url.partition("#")[0]
    scheme = _SCHEME.match(rest)
    if rest.startswith(":"):
        raise QueryError(f'parse "{url}": missing protocol scheme')
    rest = rest[scheme.end() :] if scheme else rest
    rest = rest.partition("?")[0]
    if not scheme and ":" in rest.partition("/")[0] and not rest.startswith("/"):
        raise QueryError(f'parse "{url}": first path segment in URL cannot contain colon')
    if not rest.startswith("//"):
        return ""
    authority = rest[2:].partition("/")[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    host, _, port = authority.rpartition(":") if ":" in authority else (authority, "", "")
    if port and not (port.isascii() and port.isdigit()):
        raise QueryError(f'parse "{url}": invalid port ":{port}" after host')
    return host
