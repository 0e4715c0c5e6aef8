"""What a delivery asks for: small frozen values of plain fields, so that a queue can keep them.

Each has a ``delivery``, the ``installation``, the ``repository`` (``owner/name``, empty where none is meant), the
``event`` and a ``topic``: work on one topic of a repository is never done twice at a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

CHECK_PREFIX: Final = "preadmit: "
"""A check run is named by this and the base branch: a verdict belongs to a head *and* what it is merged into."""

RECHECK: Final = "recheck"
EXPLAIN: Final = "explain"
ORDERS: Final = (RECHECK, EXPLAIN)
"""What can be asked for in a comment; the first also by a button of the check run."""

MERGE_GROUP: Final = "merge_group.checks_requested"
"""The event of a job without a pull request: the head is a commit of a merge queue."""

EVERYWHERE: Final = "*"
"""Instead of a repository's name: all of the installation."""

_EXTERNAL: Final = re.compile(r"pull/(\d{1,12})(?: |$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Job:
    """A pull request to judge, as the delivery named it, or the commit of a merge queue.

    ``number`` is None and ``base_ref`` empty where a re-request does not tell them (GitHub names no pull requests of
    forks): the worker looks them up. ``afresh`` resets a check run that is complete to in progress.
    ``head_repository`` is empty when the fork was deleted. ``before`` is the head that a push replaced, if it is known.
    """

    delivery: str
    installation: int
    repository: str
    head_sha: str
    number: int | None = None
    base_ref: str = ""
    base_sha: str = ""
    head_ref: str = ""
    head_repository: str = ""
    default_branch: str = ""
    event: str = ""
    afresh: bool = False
    before: str = ""

    @property
    def check_name(self) -> str:
        """The name of the check run."""
        return CHECK_PREFIX + self.base_ref

    @property
    def topic(self) -> int | str:
        """The pull request, or the commit where it is not known."""
        return self.number or self.head_sha


@dataclass(frozen=True, slots=True)
class Closed:
    """A pull request that was closed or merged: what waits for it need not be done, what runs may end."""

    delivery: str
    installation: int
    repository: str
    number: int
    head_sha: str
    base_ref: str
    event: str = "pull_request.closed"

    @property
    def topic(self) -> int | str:
        """The pull request."""
        return self.number


@dataclass(frozen=True, slots=True)
class Pushed:
    """A branch that moved from ``before`` to ``after``: pull requests into it may have to be judged anew."""

    delivery: str
    installation: int
    repository: str
    branch: str
    before: str
    after: str
    default_branch: str = ""
    event: str = "push"

    @property
    def topic(self) -> int | str:
        """The branch."""
        return f"refs/heads/{self.branch}"


@dataclass(frozen=True, slots=True)
class Order:
    """``/preadmit WORD ARGUMENT`` by ``sender``: in the comment ``comment``, or (then 0) by a button of a check run.

    ``made`` is when the comment was written, as GitHub says it; empty where it does not.
    """

    delivery: str
    installation: int
    repository: str
    number: int
    sender: str
    word: str
    argument: str = ""
    comment: int = 0
    event: str = "issue_comment.created"
    made: str = ""

    @property
    def topic(self) -> int | str:
        """The pull request."""
        return self.number


@dataclass(frozen=True, slots=True)
class Moved:
    """Repositories that came to an installation or left it.

    ``came`` may have open pull requests without a check; a repository in ``gone`` is forgotten; either may be
    EVERYWHERE. One that was renamed or transferred has its old name in ``gone`` and the new one in ``came``.
    """

    delivery: str
    installation: int
    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    event: str = ""
    repository: str = field(default="", init=False)

    @property
    def topic(self) -> int | str:
        """The installation."""
        return self.installation


Work = Job | Closed | Pushed | Order | Moved


def external_number(external_id: str) -> int | None:
    """The pull request that a check run of ours was made for."""
    found = _EXTERNAL.match(external_id)
    return int(found[1]) if found and int(found[1]) else None
