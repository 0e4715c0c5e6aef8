"""Kubernetes' functions on networks (upstream: library/cidr.go)."""

from __future__ import annotations

from typing import ClassVar, Final

from engine.cel.costs import traversal
from engine.cel.errors import EvaluationError
from engine.cel.functions import Constant, Library, free, function, member
from engine.cel.libraries.costs import of_first
from engine.cel.libraries.kubernetes import ip as addresses
from engine.cel.libraries.kubernetes.ip import IP_TYPE, Ip
from engine.cel.types import BOOL, INT, STRING, Type, opaque, type_of_type
from engine.cel.values import Opaque, Value
from engine.values import golang, netip

CIDR_TYPE: Final = opaque("net.CIDR")


class Cidr(Opaque):
    """An address and the length of its network's prefix."""

    __slots__ = ("prefix",)
    cel_type: ClassVar[Type] = CIDR_TYPE

    def __init__(self, prefix: netip.Prefix) -> None:
        self.prefix = prefix

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cidr) and self.prefix == other.prefix

    def __hash__(self) -> int:
        return hash(self.prefix)

    def __str__(self) -> str:
        return str(self.prefix)


def parse(text: str) -> Cidr:
    """``cidr(text)``; raises EvaluationError."""
    failed = "network address parse error during conversion from string"
    try:
        prefix = netip.parse_prefix(text)
    except ValueError as error:
        raise EvaluationError(f"{failed}: {failed}: {error}") from None
    if prefix.address.is_mapped:
        raise EvaluationError(f"{failed}: IPv4-mapped IPv6 address {golang.quote(text)} is not allowed")
    return Cidr(prefix)


def _is_cidr(text: str) -> bool:
    try:
        parse(text)
    except EvaluationError:
        return False
    return True


def _contains_ip(cidr: Cidr, ip: Ip) -> bool:
    return cidr.prefix.contains(ip.address)


def _contains_ip_text(cidr: Cidr, text: str) -> bool:
    try:
        return _contains_ip(cidr, addresses.parse(text))
    except EvaluationError:
        raise EvaluationError("no such overload") from None  # what upstream makes of any error here


def _contains_cidr(cidr: Cidr, other: Cidr) -> bool:
    return cidr.prefix.covers(other.prefix)


def _contains_cidr_text(cidr: Cidr, text: str) -> bool:
    return _contains_cidr(cidr, parse(text))


def _ip(cidr: Cidr) -> Ip:
    return Ip(cidr.prefix.address)


def _masked(cidr: Cidr) -> Cidr:
    return Cidr(cidr.prefix.masked())


def _length(cidr: Cidr) -> int:
    return cidr.prefix.length


def _cost_of_ip(cidr: Cidr, other: Value) -> int:
    parsing = traversal(len(other)) if isinstance(other, str) else 0
    return traversal(2 * _bytes(cidr)) + parsing


def _cost_of_cidr(cidr: Cidr, other: Value) -> int:
    return _cost_of_ip(cidr, other) + traversal(_bytes(cidr)) + 1


def _bytes(cidr: Cidr) -> int:
    return (cidr.prefix.length + 7) // 8


CIDR: Final = Library(
    "kubernetes.net.cidr",
    functions=(
        function("cidr", free("string_to_cidr", (STRING,), CIDR_TYPE, parse, of_first())),
        function("isCIDR", free("is_cidr", (STRING,), BOOL, _is_cidr, of_first())),
        function(
            "containsIP",
            member("cidr_contains_ip_string", (CIDR_TYPE, STRING), BOOL, _contains_ip_text, _cost_of_ip),
            member("cidr_contains_ip_ip", (CIDR_TYPE, IP_TYPE), BOOL, _contains_ip, _cost_of_ip),
        ),
        function(
            "containsCIDR",
            member("cidr_contains_cidr_string", (CIDR_TYPE, STRING), BOOL, _contains_cidr_text, _cost_of_cidr),
            member("cidr_contains_cidr", (CIDR_TYPE, CIDR_TYPE), BOOL, _contains_cidr, _cost_of_cidr),
        ),
        function("ip", member("cidr_ip", (CIDR_TYPE,), IP_TYPE, _ip)),
        function("prefixLength", member("cidr_prefix_length", (CIDR_TYPE,), INT, _length)),
        function("masked", member("cidr_masked", (CIDR_TYPE,), CIDR_TYPE, _masked)),
        function("string", free("cidr_to_string", (CIDR_TYPE,), STRING, str)),
    ),
    constants={"net.CIDR": Constant(type_of_type(CIDR_TYPE), CIDR_TYPE)},
)
