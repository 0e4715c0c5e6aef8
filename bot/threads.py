"""The life of a comment: written once, kept true while its finding stands, settled with it, and reopened: pure.

A comment bears its finding's key in a mark that GitHub does not show; the mark also tells a comment that we settled
from one whose thread a person has resolved, which is theirs to decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.github.payloads import MAX_COMMENT, clip
from bot.github.pull_request import Change, Thread
from bot.model import ReviewComment

_MARK: Final = re.compile(r"<!-- preadmit:([0-9A-Za-z_-]{1,128})( settled)? -->")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: comments to write in one review, and changes to those that stand."""

    new: tuple[ReviewComment, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a judgement says about the threads: ``keys`` of all findings that a comment may be about.

    ``comments`` are those to have. ``is_whole`` is false where something could not be judged: what is not found then
    has not been mended. ``settle`` makes the text of a settled comment from a key and what it said.
    """

    comments: Sequence[ReviewComment]
    keys: frozenset[str]
    is_whole: bool
    settle: Callable[[str, str], str]


def plan(threads: Iterable[Thread], standing: Standing) -> Plan:
    """Compare what stands with what should."""
    known = _by_key(threads)
    changes: list[Change] = []
    wanted = {comment.key: comment for comment in standing.comments}
    for key, thread in known.items():
        if key in wanted:
            changes += _kept(thread, wanted[key])
        elif key not in standing.keys and standing.is_whole:
            changes += _settled(key, thread, standing.settle)
    return Plan(tuple(one for one in standing.comments if one.key not in known), tuple(changes))


def _by_key(threads: Iterable[Thread]) -> Mapping[str, Thread]:
    """The first thread of each finding."""
    found: dict[str, Thread] = {}
    for thread in threads:
        if mark := _MARK.search(thread.body):
            found.setdefault(mark[1], thread)
    return found


def _is_settled(thread: Thread) -> bool:
    mark = _MARK.search(thread.body)
    return mark is not None and mark[2] is not None


def _kept(thread: Thread, comment: ReviewComment) -> Iterator[Change]:
    """Make the comment say what is true; open what we closed ourselves, and what has become more than a warning."""
    is_closed = thread.is_resolved or thread.is_minimized
    if is_closed and not _is_settled(thread) and not comment.is_grave:
        return
    body = comment.body if thread.line == comment.line else comment.moved or comment.body
    body = clip(body, MAX_COMMENT)
    if thread.body.strip() != body.strip():
        yield _edit(thread, body)
    if thread.is_resolved and thread.can_unresolve:
        yield "unresolveReviewThread", {"threadId": thread.id}
    if thread.is_minimized:
        yield "unminimizeComment", {"subjectId": thread.comment}


def _settled(key: str, thread: Thread, settle: Callable[[str, str], str]) -> Iterator[Change]:
    """Say that the finding is gone, and close the thread as far as the App may."""
    if _is_settled(thread) or thread.is_resolved or thread.is_minimized:
        return
    yield _edit(thread, settle(key, thread.body))
    if thread.can_resolve:
        yield "resolveReviewThread", {"threadId": thread.id}
    else:
        yield "minimizeComment", {"subjectId": thread.comment, "classifier": "RESOLVED"}


def _edit(thread: Thread, body: str) -> Change:
    return "updatePullRequestReviewComment", {"pullRequestReviewCommentId": thread.comment, "body": body}
