"""The functions, one module per family, each loaded when an expression first names one of its functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from engine.jmespath.signatures import Function, Table

STANDARD: Final = {
    "standard": "length starts_with ends_with contains join reverse keys values merge map not_null type to_array "
    "to_string to_number",
    "numbers": "abs ceil floor avg",
    "ordering": "max min sort max_by min_by sort_by",
}
"""JMESPath's own, by family; the custom ``sum`` replaces the standard one."""

CUSTOM: Final = {
    "strings": "compare equal_fold replace replace_all to_upper to_lower trim trim_prefix split to_boolean truncate "
    "path_canonicalize",
    "patterns": "regex_match regex_replace_all regex_replace_all_literal pattern_match label_match",
    "arithmetic": "add sum subtract multiply divide modulo round",
    "encoding": "base64_encode base64_decode md5 sha1 sha256 parse_json parse_yaml",
    "collections": "lookup items object_from_lists",
    "times": "time_since time_now time_now_utc time_to_cron time_add time_parse time_utc time_diff time_before "
    "time_after time_between time_truncate",
    "versions": "semver_compare",
    "images": "image_normalize",
    "networks": "is_external_url",
    "randomness": "random",
    "certificates": "x509_decode",
}
"""Kyverno's (pkg/engine/jmespath/functions.go), by family."""

_FAMILIES: Final = {name: family for family, names in (STANDARD | CUSTOM).items() for name in names.split()}


class _Functions(Mapping[str, Function]):
    def __getitem__(self, name: str) -> Function:
        return family(_FAMILIES[name])[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_FAMILIES)

    def __len__(self) -> int:
        return len(_FAMILIES)


def family(name: str) -> Table:
    """The table of one family."""
    table: Table = import_module(f"engine.jmespath.functions.{name}").TABLE
    return table


FUNCTIONS: Final[Mapping[str, Function]] = _Functions()
"""Name to signature, one line of documentation and implementation."""
