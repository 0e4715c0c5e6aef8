"""Whose turn is next: installations get equal shares of the workers, and so do the repositories within each."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that waits: its name, and the partition in which it is done one after another."""

    name: str
    partition: str


def chosen(under_way: Iterable[str], waiting: Sequence[Waiting], room: int) -> list[str]:
    """The names of the work that is next, at most ``room``; ``waiting`` is in the order of its age.

    ``under_way`` are the partitions that have a turn, one entry for each piece of work. The next turn goes to the
    installation with the fewest of them, in it to the repository with the fewest, in it to the oldest work; nothing of
    a partition that has a turn already.
    """
    shares: Counter[str] = Counter()
    taken = set[str]()
    for partition in under_way:
        shares.update(owners(partition))
        taken.add(partition)
    left = _by_repository(waiting, taken)
    found: list[str] = []
    while left and len(found) < room:
        repository = min(left, key=lambda one: (shares[one[0]], shares[one[1]], left[one][0][0]))
        _, work = left[repository].popleft()
        found.append(work.name)
        shares.update(repository)
        if not left[repository]:
            del left[repository]
    return found


def owners(partition: str) -> tuple[str, str]:
    """The installation of a partition, and the repository with it."""
    repository = partition.partition("#")[0]
    return repository.partition("/")[0] + "/", repository


def _by_repository(waiting: Sequence[Waiting], taken: set[str]) -> dict[tuple[str, str], deque[tuple[int, Waiting]]]:
    """The oldest work of each free partition, with its place in the order of age."""
    left: dict[tuple[str, str], deque[tuple[int, Waiting]]] = {}
    seen = set(taken)
    for age, work in enumerate(waiting):
        if work.partition not in seen:
            seen.add(work.partition)
            left.setdefault(owners(work.partition), deque()).append((age, work))
    return left
