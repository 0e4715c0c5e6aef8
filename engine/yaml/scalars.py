"""What a YAML scalar means to the reference: sigs.k8s.io/yaml over go.yaml.in/yaml/v2, then JSON, then Go values.

``resolve.go`` of go-yaml v2 decides what a plain scalar is; the way through JSON decides which numbers are integers
(``1.0`` becomes ``1``) and how keys are written; trap 1 of the reference turns every number into a float.
"""

from __future__ import annotations

import re
from math import isfinite
from struct import pack, unpack

from engine.model import Value
from engine.regex import later

NumberType = type[float] | type[int]

STR_TAG = "tag:yaml.org,2002:str"
BOOL_TAG = "tag:yaml.org,2002:bool"
INT_TAG = "tag:yaml.org,2002:int"
FLOAT_TAG = "tag:yaml.org,2002:float"
NULL_TAG = "tag:yaml.org,2002:null"
BINARY_TAG = "tag:yaml.org,2002:binary"
TIMESTAMP_TAG = "tag:yaml.org,2002:timestamp"
MERGE_TAG = "tag:yaml.org,2002:merge"

_WORDS: dict[str, Value] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_FLOAT = later(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_DOT_FLOAT = later(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?", re.ASCII)
_INTEGER = later(
    r"([-+]?)(?:0[xX](?P<x>[0-9a-fA-F]+)|0[bB](?P<b>[01]+)|0[oO]?(?P<o>[0-7]+)|(?P<d>0|[1-9][0-9]*))", re.ASCII
)
_BASES = {"x": 16, "b": 2, "o": 8, "d": 10}
_TIMESTAMP = later(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:[Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})"
    r"| [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:[.,][0-9]+)?)?",
    re.ASCII,
)
_DIGITS = later(r"[0-9]+", re.ASCII)
_INT64 = 1 << 63
_UINT64 = 1 << 64
_LONGEST_NUMBER = 4000


class ScalarError(ValueError):
    """A scalar that its tag, or JSON, cannot hold."""


def plain(text: str) -> Value:
    """An untagged plain scalar: None, bool, int (of 64 bits), float or str."""
    first = text[:1]
    if first not in "+-.0123456789yYnNtTfFoO~":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if first in "+-0123456789":
        return _number(text)
    if first == "." and _DOT_FLOAT.fullmatch(text):
        return _float_or_text(text, text)
    return text


def stands_for_text(text: str) -> bool:
    """Whether an untagged plain scalar is a text, and neither a timestamp."""
    return type(plain(text)) is str and not (_TIMESTAMP.fullmatch(text) and _is_date(text))


def _is_date(text: str) -> bool:
    from datetime import UTC, datetime  # hardly any text looks like one

    year, month, day, hour, minute, second = [*map(int, _DIGITS.findall(text)), 0, 0, 0][:6]
    try:
        datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return False
    return True


def _number(text: str) -> Value:
    digits = text.replace("_", "")
    if len(digits) > _LONGEST_NUMBER:  # beyond any finite number that a manifest states; keeps int() linear
        return text
    if (whole := _INTEGER.fullmatch(digits)) is not None:
        base = _BASES[str(whole.lastgroup)]
        magnitude = int(whole[str(whole.lastgroup)], base)
        number = -magnitude if whole[1] == "-" else magnitude
        # strconv.ParseUint, tried second, takes no sign
        if -_INT64 <= number < (_INT64 if whole[1] else _UINT64):
            return number
    return _float_or_text(digits, text) if _FLOAT.fullmatch(digits) else text


def _float_or_text(digits: str, text: str) -> Value:
    number = float(digits)
    return number if isfinite(number) else text  # strconv.ParseFloat fails out of range, and then it is a string


def tagged(text: str, tag: str, implicit: bool) -> Value:
    """A scalar of an event: ``tag`` in long form or "", ``implicit`` where its style leaves the meaning open.

    Raises ScalarError where the text does not fit the tag.
    """
    if not tag:
        return plain(text) if implicit else text
    match tag:
        case "tag:yaml.org,2002:str":
            return text
        case "tag:yaml.org,2002:binary":
            return _binary(text)
        case "tag:yaml.org,2002:bool" | "tag:yaml.org,2002:int" | "tag:yaml.org,2002:float" | "tag:yaml.org,2002:null":
            return _checked(text, tag)
        case "tag:yaml.org,2002:timestamp" if not _TIMESTAMP.fullmatch(text):
            raise ScalarError(f"{_short(text)} is not a timestamp")
        case _:
            return text  # an unknown tag leaves the text as it is; a timestamp stays a string (decode.go)


def _checked(text: str, tag: str) -> Value:
    value = plain(text)
    if tag == FLOAT_TAG and type(value) is int and value < _INT64:
        return float(value)
    kinds: dict[str, type] = {BOOL_TAG: bool, INT_TAG: int, FLOAT_TAG: float, NULL_TAG: type(None)}
    if type(value) is not kinds[tag]:
        raise ScalarError(f"{_short(text)} does not fit its tag !!{tag.rpartition(':')[2]}")
    return value


def _binary(text: str) -> str:
    from base64 import b64decode  # a tag that manifests hardly ever have
    from binascii import Error as Base64Error

    try:
        content = b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (Base64Error, ValueError) as error:
        raise ScalarError("!!binary value contains invalid base64") from error
    return content.decode("utf-8", "replace")


def _short(text: str) -> str:
    return f'"{text}"' if len(text) <= 40 else f'"{text[:37]}..."'


def number(value: int | float, kind: NumberType) -> int | float:
    """A number after the way through JSON: every one a float, or whole ones an int where 64 bits hold them.

    Raises ScalarError for infinities and NaN, which JSON cannot say.
    """
    if not isfinite(value):
        raise ScalarError("infinity and NaN are not values that JSON can hold")
    if kind is float:
        return float(value) + 0.0  # -0.0 leaves JSON as the integer 0
    if type(value) is int:
        return value if value < _INT64 else float(value)
    if value != int(value) or abs(value) > _INT64:
        return value
    # encoding/json writes 1.0 as "1", and a large one as its shortest digits filled up with zeros
    whole = _whole(repr(value))
    return whole if -_INT64 <= whole < _INT64 else value


def _whole(text: str) -> int:
    mantissa, _, exponent = text.removesuffix(".0").partition("e")
    digits, _, fraction = mantissa.partition(".")
    return int(digits + fraction + "0" * (int(exponent or "0") - len(fraction)))


def key_text(value: Value) -> str:
    """The JSON key that sigs.k8s.io/yaml makes of a scalar key; ScalarError for null and integers over 63 bits."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int and value < _INT64:
        return str(value)
    if type(value) is float:
        return _float32_text(value)
    raise ScalarError("null is not a key that JSON can hold" if value is None else f"{value} is too large for a key")


def _float32_text(value: float) -> str:
    """strconv.FormatFloat(value, 'g', -1, 32), with YAML's names for what is not finite."""
    try:
        single: float = unpack("f", pack("f", value))[0]
    except OverflowError:
        single = float("inf") if value > 0 else float("-inf")
    if not isfinite(single):
        return ".nan" if single != single else ".inf" if single > 0 else "-.inf"
    digits = next(t for t in (f"{single:.{n}e}" for n in range(9)) if unpack("f", pack("f", float(t)))[0] == single)
    mantissa, _, exponent = digits.partition("e")
    if -4 <= int(exponent) < 6:
        places = max(len(mantissa.replace("-", "").replace(".", "")) - 1 - int(exponent), 0)
        return f"{float(digits):.{places}f}"
    return f"{mantissa}e{exponent}"
