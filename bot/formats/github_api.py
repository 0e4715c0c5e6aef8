"""The bodies of the requests that show a judgement on GitHub (REST: checks/update, pulls/create-review)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from bot.model import Annotation, CheckOutput, Judgement, ReviewComment

ANNOTATIONS_A_REQUEST: Final = 50
_MARKER: Final = re.compile(r"<!-- preadmit:([0-9A-Za-z_-]+) -->\r?\n")


def check_name(base_ref: str) -> str:
    """The check's name has the base branch in it: a check belongs to a commit, which can be proposed to several."""
    return f"preadmit: {base_ref}"


def check_run(judgement: Judgement, output: CheckOutput) -> dict[str, Any]:
    """A concluded check run with its first annotations; ``further_annotations`` gives the requests for the rest."""
    return {
        "name": check_name(judgement.base_ref),
        "head_sha": judgement.head_sha,
        "status": "completed",
        "conclusion": judgement.conclusion,
        "output": _output(output, output.annotations[:ANNOTATIONS_A_REQUEST]),
    }


def further_annotations(output: CheckOutput) -> list[dict[str, Any]]:
    """Updates that add the annotations which do not fit into the first request; GitHub appends them."""
    starts = range(ANNOTATIONS_A_REQUEST, len(output.annotations), ANNOTATIONS_A_REQUEST)
    parts = [output.annotations[start : start + ANNOTATIONS_A_REQUEST] for start in starts]
    return [{"output": _output(output, part)} for part in parts]


def _output(output: CheckOutput, annotations: Iterable[Annotation]) -> dict[str, Any]:
    return {
        "title": output.title,
        "summary": output.summary,
        "text": output.text,
        "annotations": [_annotation(one) for one in annotations],
    }


def _annotation(one: Annotation) -> dict[str, Any]:
    value = asdict(one)
    return {"annotation_level": value.pop("level"), **value}


def review(judgement: Judgement, comments: Iterable[ReviewComment]) -> dict[str, Any]:
    """One review with all comments, tied to the judged commit."""
    return {"commit_id": judgement.head_sha, "event": "COMMENT", "comments": [review_comment(one) for one in comments]}


def marked_key(body: str) -> str | None:
    """The key of the finding that a comment is about, None where the comment is none of ours.

    Only the very beginning counts: further down a body quotes the repository, which could quote a marker.
    """
    found = _MARKER.match(body)
    return found[1] if found else None


def review_comment(comment: ReviewComment) -> dict[str, Any]:
    """A comment on the head's side of the diff."""
    value: dict[str, Any] = {"path": comment.path, "body": comment.body, "line": comment.line, "side": "RIGHT"}
    if comment.start_line is not None:
        value |= {"start_line": comment.start_line, "start_side": "RIGHT"}
    return value
