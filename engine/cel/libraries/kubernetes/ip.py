"""Kubernetes' functions on IP addresses (upstream: library/ip.go)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Constant, Function, Library, free, function, member
from engine.cel.libraries.costs import of_first
from engine.cel.types import BOOL, INT, STRING, Type, opaque, type_of_type
from engine.cel.values import Opaque
from engine.values import golang, netip

IP_TYPE: Final = opaque("net.IP")
_ALL_ONES: Final = 0xFFFFFFFF


class Ip(Opaque):
    """An address without zone."""

    __slots__ = ("address",)
    cel_type: ClassVar[Type] = IP_TYPE

    def __init__(self, address: netip.Address) -> None:
        self.address = address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ip) and self.address == other.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __str__(self) -> str:
        return str(self.address)


def parse(text: str) -> Ip:
    """``ip(text)``: neither a zone nor an IPv4 address in IPv6 form is one; raises EvaluationError."""
    try:
        address = netip.parse_address(text)
    except ValueError as error:
        quoted = golang.quote(text)
        raise EvaluationError(f"IP Address {quoted} parse error during conversion from string: {error}") from None
    if address.zone:
        raise EvaluationError(f"IP address {golang.quote(text)} with zone value is not allowed")
    if address.is_mapped:
        raise EvaluationError(f"IPv4-mapped IPv6 address {golang.quote(text)} is not allowed")
    return Ip(address)


def _is_ip(text: str) -> bool:
    try:
        parse(text)
    except EvaluationError:
        return False
    return True


def _is_canonical(text: str) -> bool:
    return str(parse(text)) == text


def _family(ip: Ip) -> int:
    return 4 if ip.address.bits == 32 else 6


def _is_unspecified(ip: Ip) -> bool:
    return ip.address.number == 0


def _is_loopback(ip: Ip) -> bool:
    return ip.address.number >> 24 == 127 if ip.address.bits == 32 else ip.address.number == 1


def _is_multicast(ip: Ip) -> bool:
    return ip.address.number >> 28 == 0xE if ip.address.bits == 32 else ip.address.number >> 120 == 0xFF


def _is_link_local_multicast(ip: Ip) -> bool:
    if ip.address.bits == 32:
        return ip.address.number >> 8 == 0xE00000
    return ip.address.number >> 112 & 0xFF0F == 0xFF02


def _is_link_local_unicast(ip: Ip) -> bool:
    return ip.address.number >> 16 == 0xA9FE if ip.address.bits == 32 else ip.address.number >> 118 == 0x3FA


def _is_global_unicast(ip: Ip) -> bool:
    if ip.address.bits == 32 and ip.address.number == _ALL_ONES:
        return False
    return not (_is_unspecified(ip) or _is_loopback(ip) or _is_multicast(ip) or _is_link_local_unicast(ip))


def _question(name: str, id: str, answer: Callable[[Ip], bool]) -> Function:
    return function(name, member(id, (IP_TYPE,), BOOL, answer))


IP: Final = Library(
    "kubernetes.net.ip",
    functions=(
        function("ip", free("string_to_ip", (STRING,), IP_TYPE, parse, of_first())),
        function("isIP", free("is_ip", (STRING,), BOOL, _is_ip, of_first())),
        function("ip.isCanonical", free("ip_is_canonical", (STRING,), BOOL, _is_canonical, of_first(2))),
        function("family", member("ip_family", (IP_TYPE,), INT, _family)),
        _question("isUnspecified", "ip_is_unspecified", _is_unspecified),
        _question("isLoopback", "ip_is_loopback", _is_loopback),
        _question("isLinkLocalMulticast", "ip_is_link_local_multicast", _is_link_local_multicast),
        _question("isLinkLocalUnicast", "ip_is_link_local_unicast", _is_link_local_unicast),
        _question("isGlobalUnicast", "ip_is_global_unicast", _is_global_unicast),
        function("string", free("ip_to_string", (IP_TYPE,), STRING, str)),
    ),
    constants={"net.IP": Constant(type_of_type(IP_TYPE), IP_TYPE)},
)
