"""Whose turn is next: installations get equal shares of the workers, and so do the repositories within each."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that waits: its name, and the partition in which it is done one after another."""

    name: str
    partition: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Work that has its turn: in which partition, and whether another worker does it already."""

    partition: str
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """How much a worker does at a time, and how much of that for one installation."""

    threads: int
    for_one: int

    def free(self, turns: Sequence[Turn]) -> int:
        """How much more of any installation the worker can begin."""
        return self.threads - sum(not turn.elsewhere for turn in turns)


class Order:
    """Whose turn is next for a worker that has so much ``room``. It remembers who had the latest ones."""

    def __init__(self, room: Room) -> None:
        self._room, self._given = room, 0
        self._latest: dict[str, int] = {}

    def chosen(self, turns: Sequence[Turn], waiting: Sequence[Waiting]) -> list[str]:
        """The names of the work that is next; ``waiting`` is in the order of its age.

        A turn goes to the installation with the fewest of them, of several such to the one that had none for the
        longest time; in it to a repository by the same rule; in that to the oldest work; nothing of a partition that
        has a turn already.

        What nobody has begun yet counts for each worker, as any of them may come to do it. Therefore all workers
        together never give one installation all of their threads, where ``for_one`` is less than ``threads``.
        """
        shares: Counter[str] = Counter()
        ours: Counter[str] = Counter()
        for turn in turns:
            shares.update(owners(turn.partition))
            ours[owners(turn.partition)[0]] += not turn.elsewhere
        left = _by_repository(waiting, {turn.partition for turn in turns})
        found: list[str] = []
        free = self._room.free(turns)
        while len(found) < free and (may := [one for one in left if ours[one[0]] < self._room.for_one]):
            owner = min(
                may, key=lambda one: (*self._rank(one[0], shares), *self._rank(one[1], shares), left[one][0][0])
            )
            _, work = left[owner].popleft()
            found.append(work.name)
            self._note(owner)
            shares.update(owner)
            ours[owner[0]] += 1
            if not left[owner]:
                del left[owner]
        self._forget({one for owner in left for one in owner} | shares.keys())
        return found

    def _rank(self, owner: str, shares: Counter[str]) -> tuple[int, int]:
        return shares[owner], self._latest.get(owner, 0)

    def _note(self, owner: tuple[str, str]) -> None:
        self._given += 1
        self._latest.update(dict.fromkeys(owner, self._given))

    def _forget(self, known: set[str]) -> None:
        """Keep no names of those who want nothing any more."""
        self._latest = {owner: turn for owner, turn in self._latest.items() if owner in known}


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
