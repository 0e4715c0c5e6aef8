"""Kyverno's functions on texts, with the semantics of Go's strings package."""

from __future__ import annotations

from functools import partial

from engine.errors import QueryError
from engine.jmespath.evaluation import Evaluation, check_text
from engine.jmespath.signatures import Table, function

TABLE: Table = {}
_function = partial(function, TABLE)


@_function("compare", "string", "string", result="number")
def compare(_evaluation: Evaluation, left: str, right: str) -> int:
    """tells the order of two strings: -1, 0 or 1, as a Go int, which no number literal equals"""
    return (left > right) - (left < right)


@_function("equal_fold", "string", "string", result="bool")
def equal_fold(_evaluation: Evaluation, left: str, right: str) -> bool:
    """compares two strings without regard to case"""
    return len(left) == len(right) and all(
        one == other or _fold(one) == _fold(other) for one, other in zip(left, right, strict=True)
    )


def _fold(char: str) -> str:
    """One name for the characters that Go's unicode.SimpleFold links; two Turkish letters stand alone there."""
    if char in "\u0130\u0131":
        return char
    return lower(_upper(char))


@_function("replace", "string", "string", "string", "number", result="string")
def replace(_evaluation: Evaluation, subject: str, old: str, new: str, count: float) -> str:
    """replaces the first so many instances of a substring; all for a negative count"""
    limit = int(count) if abs(count) < 2**62 else -1
    return _replaced(subject, old, new, limit)


@_function("replace_all", "string", "string", "string", result="string")
def replace_all(_evaluation: Evaluation, subject: str, old: str, new: str) -> str:
    """replaces every instance of a substring"""
    return _replaced(subject, old, new, -1)


def _replaced(subject: str, old: str, new: str, limit: int) -> str:
    if len(new) > len(old):
        found = subject.count(old)
        check_text(len(subject) + (found if limit < 0 else min(found, limit)) * (len(new) - len(old)))
    return subject.replace(old, new, limit)


@_function("to_upper", "string", result="string")
def to_upper(_evaluation: Evaluation, subject: str) -> str:
    """makes every letter upper-case"""
    if subject.isascii():
        return subject.upper()
    return "".join(map(_upper, subject))


def _upper(char: str) -> str:
    """The one character that Unicode's simple mapping gives, where Python's full mapping may give several."""
    upper = char.upper()
    if len(upper) == 1:
        return upper
    title = char.title()
    return title if len(title) == 1 else char


@_function("to_lower", "string", result="string")
def to_lower(_evaluation: Evaluation, subject: str) -> str:
    """makes every letter lower-case"""
    return lower(subject)


def lower(subject: str) -> str:
    """Go's strings.ToLower: rune by rune, where Python looks at neighbours and may give two characters."""
    if subject.isascii():
        return subject.lower()
    return "".join(char.lower()[0] for char in subject)


@_function("trim", "string", "string", result="string")
def trim(_evaluation: Evaluation, subject: str, cutset: str) -> str:
    """removes the characters of the second string from both ends of the first"""
    return subject.strip(cutset) if cutset else subject


@_function("trim_prefix", "string", "string", result="string")
def trim_prefix(_evaluation: Evaluation, subject: str, prefix: str) -> str:
    """removes a prefix from a string that has it"""
    return subject.removeprefix(prefix)


@_function("split", "string", "string", result="array[string]")
def split(evaluation: Evaluation, subject: str, separator: str) -> list[str]:
    """splits a string at a separator; at every character for an empty one"""
    parts = subject.split(separator) if separator else list(subject)
    evaluation.spend(len(parts))
    return parts


@_function("to_boolean", "string", result="bool")
def to_boolean(_evaluation: Evaluation, subject: str) -> bool:
    """reads true or false, in any case of letters"""
    word = lower(subject)
    if word not in ("true", "false"):
        message = f"lowercase argument must be 'true' or 'false' (provided: '{subject}')"
        raise QueryError(f"JMESPath function 'to_boolean': {message}")
    return word == "true"


@_function("truncate", "string", "number", result="string")
def truncate(_evaluation: Evaluation, subject: str, length: float) -> str:
    """keeps the first so many characters; none for a negative length"""
    return subject[: int(length)] if 1 <= length < len(subject) else subject if length >= 1 else ""


@_function("path_canonicalize", "string", result="string")
def path_canonicalize(_evaluation: Evaluation, subject: str) -> str:
    """cleans a path of needless slashes, dots and double dots"""
    if not subject:
        return ""
    rooted = subject.startswith("/")
    kept: list[str] = []
    for part in subject.split("/"):
        if part == "..":
            if kept and kept[-1] != "..":
                kept.pop()
            elif not rooted:
                kept.append(part)
        elif part not in ("", "."):
            kept.append(part)
    return ("/" if rooted else "") + "/".join(kept) or "."
