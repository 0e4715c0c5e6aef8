"""Values as bodies of GitHub's API, each within the API's limits: pure.

``render`` keeps to the limits with whole findings; what is cut here is the last guard, for GitHub refuses a body that
is one character too long, and a refused body would leave the check in progress.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from bot.model import Annotation, CheckOutput, ReviewComment

MAX_TEXT: Final = 65_535
MAX_COMMENT: Final = 65_536
MAX_ANNOTATIONS: Final = 50
"""A request; further ones are appended by updates (rest/checks/runs)."""

MAX_MESSAGE: Final = 64_000
MAX_TITLE: Final = 255
_CUT: Final = "\n\n… cut: GitHub takes no longer text."

_RECHECK: Final = {
    "label": "Recheck",
    "description": "Judge again, by the present policies.",
    "identifier": "recheck",
}

AnnotationKey = tuple[str, int, int, str, str, str]


def clip(text: str, most: int) -> str:
    """The text, or as many whole lines of it as fit, with a word that something is missing."""
    if len(text) <= most:
        return text
    kept = text[: most - len(_CUT)]
    return (kept.rpartition("\n")[0] or kept) + _CUT


def output(found: CheckOutput, annotations: Sequence[Annotation] = ()) -> dict[str, Any]:
    """The ``output`` of a check run with one request's annotations."""
    body: dict[str, Any] = {
        "title": clip_line(found.title, MAX_TITLE) or "preadmit",
        "summary": clip(found.summary, MAX_TEXT),
    }
    if found.text:
        body["text"] = clip(found.text, MAX_TEXT)
    if annotations:
        body["annotations"] = [_annotation(one) for one in annotations]
    return body


def actions(number: int | None) -> dict[str, Any]:
    """The buttons of a check run that is complete; what they order is asked about its pull request."""
    return {"actions": [_RECHECK]} if number else {}


def batches(annotations: Sequence[Annotation]) -> Iterator[Sequence[Annotation]]:
    """The annotations in portions of a request; one empty portion where there are none."""
    yield annotations[:MAX_ANNOTATIONS]
    for start in range(MAX_ANNOTATIONS, len(annotations), MAX_ANNOTATIONS):
        yield annotations[start : start + MAX_ANNOTATIONS]


def annotation_key(given: Mapping[str, Any]) -> AnnotationKey:
    """What makes an annotation the same, from a body or from GitHub's list."""
    first, last = int(given["start_line"]), int(given["end_line"])
    texts = (str(given.get("annotation_level") or ""), str(given.get("title") or ""), str(given.get("message") or ""))
    return str(given["path"]), first, last, *texts


def key_of(annotation: Annotation) -> AnnotationKey:
    """The same for an annotation that is not sent yet."""
    return annotation_key(_annotation(annotation))


def digest(conclusion: str, found: CheckOutput) -> str:
    """A name for what a check run says: equal when nothing would change."""
    annotations = [key_of(one) for one in found.annotations]
    said = json.dumps([conclusion, found.title, found.summary, found.text, annotations])
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def external_id(number: int | None, said: str = "") -> str:
    """What a check run is tied to: its pull request and, when it is complete, what it says (see ``digest``)."""
    return f"pull/{number or 0} {said}".rstrip()


def review(head_sha: str, body: str, comments: Iterable[ReviewComment]) -> dict[str, Any]:
    """One review with all its comments."""
    return {
        "commit_id": head_sha,
        "event": "COMMENT",
        "body": clip(body, MAX_COMMENT),
        "comments": [_comment(one) for one in comments],
    }


def clip_line(text: str, most: int) -> str:
    """A single line, cut to length."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _annotation(given: Annotation) -> dict[str, Any]:
    first = max(1, given.start_line)
    return {
        "path": given.path,
        "start_line": first,
        "end_line": max(first, given.end_line),
        "annotation_level": given.level,
        "title": clip_line(given.title, MAX_TITLE),
        "message": clip(given.message, MAX_MESSAGE // 4) or "(no message)",  # the limit is in bytes
    }


def _comment(given: ReviewComment) -> dict[str, Any]:
    body: dict[str, Any] = {
        "path": given.path,
        "line": given.line,
        "side": "RIGHT",
        "body": clip(given.body, MAX_COMMENT),
    }
    if given.start_line is not None and given.start_line < given.line:
        body |= {"start_line": given.start_line, "start_side": "RIGHT"}
    return body
