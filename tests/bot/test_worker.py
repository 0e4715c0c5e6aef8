"""What a job is kept as, and what must not be worked on twice at a time."""

from __future__ import annotations

import json

import msgspec
import pytest

from bot.jobs import Closed, Job, Moved, Order, Pushed, Work
from bot.worker import decode, encode, partition, supersedes


def job(number: int | None, delivery: str = "d", repository: str = "acme/shop") -> Job:
    return Job(delivery, 1, repository, "a" * 40, number)


KEPT = [
    Job("d", 1, "acme/shop", "a" * 40, None, "main", "b" * 40, "häd", "", "main", "pull_request.opened", True),
    Closed("d", 1, "acme/shop", 3, "a" * 40, "main"),
    Pushed("d", 1, "acme/shop", "main", "a" * 40, "b" * 40, "main"),
    Order("d", 1, "acme/shop", 3, "octo", "recheck", comment=7),
    Moved("d", 1, ("acme/shop",), ("*",), "installation.created"),
]


@pytest.mark.parametrize("work", KEPT, ids=lambda work: type(work).__name__)
def test_work_survives_json(work: Work) -> None:
    assert decode(json.loads(json.dumps(encode(work)))) == work


@pytest.mark.parametrize("encoded", [{"job": {"delivery": "d", "installation": "1"}}, {"later": {}}, {}])
def test_what_is_no_work_is_refused(encoded: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(encoded)


def test_an_unknown_pull_request_is_kept_apart_by_its_commit() -> None:
    assert partition(job(None)) == "1/acme/shop#" + "a" * 40
    assert partition(job(3, repository="Acme/Shop")) == partition(job(3)) == "1/acme/shop#3"


def test_only_what_follows_supersedes() -> None:
    older, newer = Job("d", 1, "a/b", "a" * 40, 3), Job("e", 1, "a/b", "b" * 40, 3, before="a" * 40)
    assert supersedes(newer, older)
    assert not supersedes(older, newer)
    assert not supersedes(Job("e", 1, "a/b", "b" * 40, 4, before="a" * 40), older)
    assert supersedes(Closed("c", 1, "a/b", 3, "a" * 40, "main"), older)
    assert not supersedes(Closed("c", 1, "a/b", 3, "b" * 40, "main"), older)
    assert not supersedes(Order("o", 1, "a/b", 3, "octo", "recheck"), older)
