"""What cleanup policies would do with the judged resources: notes, for they deny nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from engine.admission import Admission
from engine.cleanup import Cleanup
from engine.cluster import Cluster
from engine.model import Operation, Problem, Result
from engine.resources import Resource

CODE = "cleanup"
_MOST_NAMES = 10


def notes(policies: Iterable[Cleanup], cluster: Cluster, admissions: Sequence[Admission]) -> tuple[Problem, ...]:
    """For each policy what it would delete, and what it cannot be asked about; nothing where it deletes nothing."""
    kept = [found.patched for found in admissions if found.operation is not Operation.DELETE]
    return tuple(note for policy in policies for note in _notes(policy, cluster, kept))


def _notes(policy: Cleanup, cluster: Cluster, resources: Sequence[Resource]) -> Iterator[Problem]:
    answers = [
        (policy.answer(resource, cluster, cluster.namespace_labels(resource.namespace)), resource)
        for resource in resources
    ]
    telling = [(answer, resource) for answer, resource in answers if answer.result is not Result.FAIL]
    title = f"{policy.policy.kind} {policy.policy.key}"
    telling.sort(key=lambda one: (one[0].result, one[0].message))
    for (result, message), group in groupby(telling, key=lambda one: (one[0].result, one[0].message)):
        meant = [resource for _, resource in group]
        if result is Result.PASS:
            schedule = policy.policy.spec["schedule"]
            text = f'{title} deletes on its schedule "{schedule}": {_names(meant)}'
        else:
            text = f"{title} cannot be asked about {_names(meant)}: {message}"
        document = meant[0].document
        yield Problem(CODE, text, document.file, document.position(meant[0].base).line)


def _names(resources: Sequence[Resource]) -> str:
    named = [f"{one.kind} {one.namespace}/{one.name}".replace(" /", " ") for one in resources[:_MOST_NAMES]]
    more = len(resources) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
