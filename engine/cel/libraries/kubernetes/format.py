"""Kubernetes' named formats (upstream: library/format.go; kube-openapi pkg/validation/strfmt for those of OpenAPI)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import ClassVar, Final

from engine.cel.costs import traversal
from engine.cel.functions import Library, free, function, member
from engine.cel.libraries.costs import fixed
from engine.cel.libraries.kubernetes import names
from engine.cel.libraries.kubernetes.names import Faults
from engine.cel.types import STRING, Type, list_of, object_type, optional_of
from engine.cel.values import NONE, Opaque, Optional
from engine.regex import later
from engine.values import url

FORMAT_TYPE: Final = object_type("kubernetes.NamedFormat")

_DATE = later(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = later(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})")
_LEAP: Final = 2000
"""Stands for the year 0, which Python does not know."""
_UUID = later("-?".join(f"[0-9a-fA-F]{{{count}}}" for count in (8, 4, 4, 4, 12)))
_BASE64 = later("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")


class NamedFormat(Opaque):
    """A format; ``faults`` says what is wrong with a text, ``weight`` how long its pattern is, for the cost."""

    __slots__ = ("faults", "name", "weight")
    cel_type: ClassVar[Type] = FORMAT_TYPE

    def __init__(self, name: str, weight: int, faults: Faults) -> None:
        self.name = name
        self.weight = weight
        self.faults = faults

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NamedFormat) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


def _uri(text: str) -> list[str]:
    try:
        url.parse_request(text)
    except ValueError as error:
        return [str(error)]
    return []


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    try:
        date(year or _LEAP, month, day)
    except ValueError:
        return False
    return True


def _is_datetime(text: str) -> bool:
    day, found, rest = text.lower().partition("t")
    time = _TIME.fullmatch(rest.partition("t")[0])
    if not found or not _is_date(day) or time is None:
        return False
    return time[1] <= "23" and time[2] <= "59" and time[3] <= "59"


def _unless(is_valid: Callable[[str], object], fault: str) -> Faults:
    return lambda text: [] if is_valid(text) else [fault]


_FORMATS: Final = {
    "dns1123Label": NamedFormat("DNS1123Label", 30, names.dns_label_faults),
    "dns1123Subdomain": NamedFormat("DNS1123Subdomain", 60, names.dns_subdomain_faults),
    "dns1035Label": NamedFormat("DNS1035Label", 30, names.dns_1035_label_faults),
    "qualifiedName": NamedFormat("QualifiedName", 60, names.qualified_name_faults),
    "dns1123LabelPrefix": NamedFormat("DNS1123LabelPrefix", 30, names.as_prefix(names.dns_label_faults)),
    "dns1123SubdomainPrefix": NamedFormat("DNS1123SubdomainPrefix", 60, names.as_prefix(names.dns_subdomain_faults)),
    "dns1035LabelPrefix": NamedFormat("DNS1035LabelPrefix", 30, names.as_prefix(names.dns_1035_label_faults)),
    "labelValue": NamedFormat("LabelValue", 40, names.label_value_faults),
    "uri": NamedFormat("URI", 1103, _uri),
    "uuid": NamedFormat("uuid", 70, _unless(_UUID.fullmatch, "does not match the UUID format")),
    "byte": NamedFormat("byte", 84, _unless(_BASE64.fullmatch, "invalid base64")),
    "date": NamedFormat("date", 71, _unless(_is_date, "invalid date")),
    "datetime": NamedFormat("datetime", 71, _unless(_is_datetime, "invalid datetime")),
}


def _named(name: str) -> Optional:
    format = _FORMATS.get(name)
    return Optional(format) if format is not None else NONE


def _validate(format: NamedFormat, text: str) -> Optional:
    faults = format.faults(text)
    return Optional(faults) if faults else NONE


def _validation(format: NamedFormat, text: str) -> int:
    return traversal(1 + len(text)) * ((format.weight + 3) // 4)


def _constant(format: NamedFormat) -> Callable[[], NamedFormat]:
    return lambda: format


FORMAT: Final = Library(
    "kubernetes.format",
    functions=(
        function("format.named", free("format-named", (STRING,), optional_of(FORMAT_TYPE), _named, fixed(1))),
        function(
            "validate",
            member("format-validate", (FORMAT_TYPE, STRING), optional_of(list_of(STRING)), _validate, _validation),
        ),
        *(
            function(f"format.{name}", free(f"format.{name}", (), FORMAT_TYPE, _constant(format)))
            for name, format in _FORMATS.items()
        ),
    ),
)
