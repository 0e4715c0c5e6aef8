"""The walk a second time, written as plainly as possible, to hold the compiled one against.

It follows the description of patterns (anchors, order, skips), with exceptions, a path as text and no compilation.
"""

from __future__ import annotations

import re
from typing import Any

from engine.values import duration, golang, quantity

ANCHOR = re.compile(r"^([+<=X^])?\((.+)\)$")
RANGE = re.compile(r"^([-+]?\d+(?:\.\d+)?[A-Za-z]*)(!?)-([-+]?\d+(?:\.\d+)?[A-Za-z]*)$", re.ASCII)


class Failed(Exception):
    """``sort``: "", "condition", "global", "negation" or "skipped"."""

    def __init__(self, sort: str, path: str, text: str) -> None:
        super().__init__(text)
        self.sort, self.path, self.text = sort, path, text

    @property
    def skips(self) -> bool:
        if self.sort:
            return self.sort != "negation"
        return "conditional anchor mismatch" in self.text or "global anchor mismatch" in self.text


def verdict(resource: Any, pattern: Any) -> tuple[str, str, str]:
    """Result (pass, skip, fail or error), path and message."""
    seen: dict[str, bool] = {}
    try:
        element(resource, pattern, "/", seen)
    except Failed as failed:
        if failed.skips:
            return "skip", "", failed.text
        denied = failed.sort == "negation" or "negation anchor matched in resource" in failed.text
        if not denied and not all(seen.values()):
            return "error", "", failed.text
        return ("fail" if failed.path else "error"), failed.path, failed.text
    return "pass", "", ""


def split(key: str) -> tuple[str, str]:
    found = ANCHOR.match(key.strip())
    return (found.group(1) or "()", found.group(2)) if found else ("", key)


def element(value: Any, pattern: Any, path: str, seen: dict[str, bool]) -> None:
    if isinstance(pattern, dict):
        if not isinstance(value, dict):
            kind = golang.type_name(value)
            expected = f"Expected map[string]interface {{}}, found {kind}"
            raise Failed("", path, f"pattern and resource have different structures. Path: {path}. {expected}")
        for key in pattern:
            if split(key)[0] in ("()", "^"):
                seen[key] = seen.get(key, False) or split(key)[1] in value
        whole_map(value, pattern, path, seen)
    elif isinstance(pattern, list):
        if not isinstance(value, list):
            text = f"validation rule failed at path {path}, resource does not satisfy the expected overlay pattern"
            raise Failed("", path, text)
        whole_list(value, pattern, path, seen)
    else:
        for item in value if isinstance(value, list) else [value]:
            if not scalar(item, pattern):
                shown = golang.sprint(value), golang.sprint(pattern)
                raise Failed("", path, f"resource value '{shown[0]}' does not match '{shown[1]}' at path {path}")


def whole_list(items: list[Any], pattern: list[Any], path: str, seen: dict[str, bool]) -> None:
    if not pattern:
        raise Failed("", path, "pattern Array empty")
    if isinstance(pattern[0], dict):
        pairs = [(item, pattern[0]) for item in items]
    elif isinstance(pattern[0], list):
        if len(items) < len(pattern):
            sizes = f"resource Array len is {len(items)} and pattern Array len is {len(pattern)}"
            raise Failed("", "", f"validate Array failed, array length mismatch, {sizes}")
        pairs = list(zip(items, pattern, strict=False))
    else:
        element(items, pattern[0], path, seen)
        return
    reasons = []
    for index, (item, wanted) in enumerate(pairs):
        try:
            element(item, wanted, f"{path}{index}/", seen)
        except Failed as failed:
            if not failed.skips:
                raise
            reasons.append(failed)
    if reasons and len(reasons) == len(pairs):
        raise Failed("skipped", path, "; ".join(reason.text for reason in reasons))


def nested(pattern: Any) -> bool:
    if isinstance(pattern, dict):
        return any(split(key)[0] not in ("", "+") or nested(value) for key, value in pattern.items())
    return isinstance(pattern, list) and any(nested(item) for item in pattern)


def whole_map(value: dict[str, Any], pattern: dict[str, Any], path: str, seen: dict[str, bool]) -> None:
    anchored = sorted(key for key in pattern if split(key)[0] in ("()", "^", "=", "X"))
    reasons: list[Failed] = []
    held = 0
    for key in anchored:
        try:
            one_key(value, key, pattern[key], path, seen)
            held += 1
        except Failed as failed:
            if failed.skips:
                reasons.append(failed)
            elif all(reason.sort == "skipped" for reason in reasons):
                raise
    if reasons and (held == 0 or any(reason.sort != "skipped" for reason in reasons)):
        raise Failed("skipped", path, "; ".join(reason.text for reason in reasons))
    order: list[str] = []
    for key in sorted(set(pattern) - set(anchored)):
        if split(key)[0] == "<" or nested(pattern[key]):
            order.insert(0, key)
        else:
            order.append(key)
    for key in order:
        one_key(value, key, pattern[key], path, seen)


def one_key(value: dict[str, Any], raw: str, pattern: Any, path: str, seen: dict[str, bool]) -> None:
    anchor, key = split(raw)
    if anchor in ("", "+"):
        if pattern == "*":
            if value.get(raw) is None:
                raise Failed("", path, f"{path}/{raw} not found")
        else:
            element(value.get(raw), pattern, f"{path}{raw}/", seen)
        return
    here = f"{path}{key}/"
    if key not in value:
        if anchor == "()":
            text = "conditional anchor mismatch: conditional anchor key doesn't exist in the resource"
            raise Failed("condition", here, text)
        return
    if anchor == "X":
        raise Failed("negation", here, f"negation anchor matched in resource: {here} is not allowed")
    if anchor == "^":
        existence(value[key], pattern, here, seen)
        return
    try:
        element(value[key], pattern, here, seen)
    except Failed as failed:
        if anchor == "()":
            raise Failed("condition", failed.path, f"conditional anchor mismatch: {failed.text}") from None
        if anchor == "<":
            raise Failed("global", failed.path, f"global anchor mismatch: {failed.text}") from None
        raise


def existence(items: Any, pattern: Any, path: str, seen: dict[str, bool]) -> None:
    if not isinstance(items, list):
        explained = "Existence ^ () anchor can be used only on list/array type resource"
        raise Failed("", path, f"invalid resource type {golang.type_name(items)}: {explained}")
    kind = golang.type_name(pattern)
    if not isinstance(pattern, list):
        explained = "Pattern has to be of list to compare against resource"
        raise Failed("", path, f"invalid pattern type {kind}: {explained}")
    for wanted in pattern:
        if not isinstance(wanted, dict):
            explained = "Pattern has to be of type map to compare against items in resource"
            raise Failed("", path, f"invalid pattern type {kind}: {explained}")
        for index, item in enumerate(items):
            try:
                element(item, wanted, f"{path}{index}/", seen)
                break
            except Failed:
                continue
        else:
            raise Failed("", path, f"existence anchor validation failed at path {path}")


def scalar(value: Any, pattern: Any) -> bool:
    if isinstance(pattern, str):
        if value == pattern:
            return True
        return any(all(part(value, one.strip(" ")) for one in some.split("&")) for some in pattern.split("|"))
    if isinstance(value, bool) or isinstance(pattern, bool):
        return (value is pattern) or (value is False and pattern is None)
    if pattern is None:
        return value is None or (not isinstance(value, (dict, list)) and not value)
    if isinstance(value, str):
        read = golang.parse_float(value) if isinstance(pattern, float) else golang.parse_int(value)
        return read == pattern
    return isinstance(value, (int, float)) and value == pattern


def part(value: Any, text: str) -> bool:
    if len(text) > 1:
        for sign in (">=", "<=", ">", "<", "!"):
            if text.startswith(sign):
                return compare(value, sign, text[len(sign) :].strip())
        found = RANGE.match(text)
        if found:
            low, out, high = found.groups()
            if out:
                return compare(value, "<", low) or compare(value, ">", high)
            return compare(value, ">=", low) and compare(value, "<=", high)
    return compare(value, "", text.strip())


def compare(value: Any, sign: str, text: str) -> bool:
    number = {type(None): lambda: "0", str: lambda: value, int: lambda: str(value), float: lambda: f"{value:f}"}
    written = number.get(type(value), lambda: None)()
    if written is not None:
        for parse in (duration.try_parse, quantity.try_parse):
            left, right = parse(written), parse(text)
            if left is not None and right is not None:
                order = (left > right) - (left < right) if isinstance(left, int) else left.compare(right)
                wanted = {"": (0,), "!": (-1, 1), ">": (1,), "<": (-1,), ">=": (0, 1), "<=": (-1, 0)}
                return order in wanted[sign]
    if sign not in ("", "!") or value is None or isinstance(value, (dict, list)):
        return False
    shown = str(value).lower() if isinstance(value, bool) else value
    shown = golang.float_text(shown, "E") if isinstance(shown, float) else str(shown)
    expression = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in text)
    return (re.fullmatch(expression, shown, re.DOTALL) is not None) is (sign == "")
