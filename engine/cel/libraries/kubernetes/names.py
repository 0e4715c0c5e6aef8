"""What Kubernetes finds wrong with names (upstream: apimachinery pkg/util/validation and pkg/api/validate/content)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.regex import later

_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035: Final = "[a-z]([-a-z0-9]*[a-z0-9])?"
_KEY: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE: Final = f"({_KEY})?"

_is_label = later(_LABEL)
_is_subdomain = later(_SUBDOMAIN)
_is_label_1035 = later(_LABEL_1035)
_is_key = later(_KEY)
_is_value = later(_VALUE)

_MAX_LABEL: Final = 63
_MAX_SUBDOMAIN: Final = 253
_KEY_FAULT: Final = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_KEYS: Final = ("MyName", "my.name", "123-abc")

Faults = Callable[[str], list[str]]
"""A name to all that is wrong with it."""


def dns_label_faults(name: str) -> list[str]:
    """As a label of RFC 1123: the name of a Namespace."""
    faults = _too_long(name, _MAX_LABEL)
    if _is_label.fullmatch(name):
        return faults
    if _is_subdomain.fullmatch(name):
        return [*faults, "must not contain dots"]
    what = (
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
        "and must start and end with an alphanumeric character"
    )
    return [*faults, _unlike(what, _LABEL, "my-name", "123-abc")]


def dns_subdomain_faults(name: str) -> list[str]:
    """As a subdomain of RFC 1123: the name of most objects."""
    faults = _too_long(name, _MAX_SUBDOMAIN)
    if _is_subdomain.fullmatch(name):
        return faults
    what = (
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
        "and must start and end with an alphanumeric character"
    )
    return [*faults, _unlike(what, _SUBDOMAIN, "example.com")]


def dns_1035_label_faults(name: str) -> list[str]:
    """As a label of RFC 1035: the name of a Service."""
    faults = _too_long(name, _MAX_LABEL)
    if _is_label_1035.fullmatch(name):
        return faults
    what = (
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
        "start with an alphabetic character, and end with an alphanumeric character"
    )
    return [*faults, _unlike(what, _LABEL_1035, "my-name", "abc-123")]


def as_prefix(faults: Faults) -> Faults:
    """The same for the beginning of a name, which may end with a dash."""

    def of_prefix(name: str) -> list[str]:
        return faults(name[:-2] + "a" if len(name) > 1 and name.endswith("-") else name)

    return of_prefix


def qualified_name_faults(name: str) -> list[str]:
    """As the key of a label."""
    prefix, slash, rest = name.rpartition("/")
    if "/" in prefix:
        return [
            f"a valid label key {_unlike(_KEY_FAULT, _KEY, *_KEYS)} "
            "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    faults: list[str] = []
    if slash:
        of_prefix = dns_subdomain_faults(prefix) if prefix else ["must be non-empty"]
        faults += [f"prefix part {fault}" for fault in of_prefix]
    of_name = _too_long(rest, _MAX_LABEL, "bytes") if rest else ["must be non-empty"]
    if not _is_key.fullmatch(rest):
        of_name.append(_unlike(_KEY_FAULT, _KEY, *_KEYS))
    return [*faults, *(f"name part {fault}" for fault in of_name)]


def label_value_faults(value: str) -> list[str]:
    """As the value of a label."""
    faults = _too_long(value, _MAX_LABEL, "bytes")
    if _is_value.fullmatch(value):
        return faults
    what = (
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
        "and must start and end with an alphanumeric character"
    )
    return [*faults, _unlike(what, _VALUE, "MyValue", "my_value", "12345")]


def _too_long(name: str, most: int, unit: str = "characters") -> list[str]:
    """Bytes are counted, whatever they are called."""
    length = len(name.encode("utf-8", "surrogatepass"))
    return [f"must be no more than {most} {unit}"] if length > most else []


def _unlike(what: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{what} (e.g. {shown}regex used for validation is '{pattern}')"
