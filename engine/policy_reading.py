"""Documents to policies and exceptions, each as strictly read as the reference reads it.

Upstream: cmd/cli/kubectl-kyverno/policy/load.go, api/kyverno/v1/{spec,rule}_types.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct

from engine import object_meta
from engine.cel_records import GROUP as CEL
from engine.cel_records import KUBERNETES, CelPolicySet, CelRecord, record_of, set_of, unable
from engine.documents import Document
from engine.model import Path, Problem, Value
from engine.policies import NEVER_DENIES, NOT_EVALUATED, Policy, PolicyException, PolicySet, build
from engine.policy_fields import CLEANUP, EXCEPTION, GLOBAL_ENTRY, SHAPES
from engine.regex import later
from engine.schema import INCONVERTIBLE, WRONG_TYPE, Fault, Object, admit

_MOST_FAULTS = 50

_KYVERNO = "kyverno.io"
_OTHERS = {
    CEL: later(r".*Policy|PolicyException"),
    KUBERNETES: later(r"(Validating|Mutating)AdmissionPolicy(Binding)?"),
    _KYVERNO: later(r"(Cluster)?(CleanupPolicy|Policy)|PolicyException|GlobalContextEntry"),
}
_BACKGROUND = later(r"(Cluster)?CleanupPolicy|GlobalContextEntry|(Namespaced)?(Generating|Deleting)Policy|.+Binding")


def read(documents: Iterable[Document], *, merges: bool = False) -> PolicySet:
    """All policies and exceptions of documents; documents that are neither are passed over.

    ``merges``: a key may stand beside a merge that brings it, too, as where a cluster is sent the document as JSON;
    the reference's commands refuse such a policy (go-yaml's strict mode).
    """
    reading = _Reading([], [], [], [], [], [], merges)
    for document in documents:
        for value, base in _items(document):
            reading.add(value, document, base)
    return PolicySet(
        policies=tuple(reading.policies),
        exceptions=tuple(reading.exceptions),
        cleanups=tuple(reading.cleanups),
        unsupported=tuple(reading.unsupported),
        problems=tuple(reading.problems),
        cel=set_of(reading.cel) if reading.cel else CelPolicySet(),
    )


def _items(document: Document) -> Iterator[tuple[dict[str, Value], Path]]:
    """The document, or the items of a v1 List."""
    match document.value:
        case {"apiVersion": "v1", "kind": "List", "items": list(items)}:
            for index, item in enumerate(items):
                if type(item) is dict:
                    yield item, ("items", index)
        case dict():
            yield document.value, ()


class _Reading(Struct, frozen=True):
    policies: list[Policy]
    exceptions: list[PolicyException]
    cleanups: list[Policy]
    unsupported: list[Problem]
    problems: list[Problem]
    cel: list[CelRecord]
    merges: bool

    def add(self, value: dict[str, Value], document: Document, base: Path) -> None:
        api_version, kind = value.get("apiVersion"), value.get("kind")
        if type(api_version) is not str or type(kind) is not str:
            return
        group, _, version = api_version.rpartition("/")
        kinds = _OTHERS.get(group)
        if kinds is None or kinds.fullmatch(kind) is None:
            return
        shape = SHAPES.get((kind, version)) if group == _KYVERNO else _cel_shape(kind, version)
        if shape is None:
            self.unsupported.append(_unsupported(value, document, base))
            return
        twice = document.states_keys_twice if self.merges else document.has_duplicate_keys
        faults = _told(list(islice(_faults(value, shape, twice), _MOST_FAULTS)))
        if faults:
            self.problems.extend(_problem(fault, document, base) for fault in faults)
        elif group != _KYVERNO:
            self._add_cel(record_of(value, document, base), value)
        elif shape is EXCEPTION:
            self.exceptions.append(_exception(value, document, base))
        elif shape is CLEANUP:
            self.cleanups.append(build(value, document, base))
        elif shape is not GLOBAL_ENTRY:  # of those only the faults are told: the cluster answers from them
            self.policies.append(build(value, document, base))

    def _add_cel(self, record: CelRecord, value: dict[str, Value]) -> None:
        reason = unable(record)
        if reason:
            place = record.document.position((*record.base, "kind"))
            text = f"not evaluated: {_title(value)}: {reason}"
            self.unsupported.append(Problem(NEVER_DENIES, text, record.document.file, place.line, place.column))
        else:
            self.cel.append(record)


def _cel_shape(kind: str, version: str) -> Object | None:
    from engine.cel_fields import shape_of  # a repository without CEL reads none of it

    return shape_of(kind, version)


def _told(faults: list[Fault]) -> list[Fault]:
    """What the schema refuses is never converted: where it refuses anything, no conversion fails."""
    if len({fault.code for fault in faults}) < 2:
        return faults
    return [fault._replace(code=WRONG_TYPE) if fault.code == INCONVERTIBLE else fault for fault in faults]


def _faults(value: dict[str, Value], shape: Object, twice: bool) -> Iterator[Fault]:
    if twice:
        text = f"not evaluated: {_title(value)}: a key stands twice in one mapping"
        yield Fault(NOT_EVALUATED, text, (), "Keep one of each key.")
    yield from admit(value, shape)
    yield from object_meta.faults(value.get("metadata"))


def _problem(fault: Fault, document: Document, base: Path) -> Problem:
    path = (*base, *fault.path)
    place = document.key_position(path) if fault.at_key else document.position(path)
    return Problem(fault.code, fault.message, document.file, place.line, place.column, fault.advice)


def _unsupported(value: dict[str, Value], document: Document, base: Path) -> Problem:
    group = value["apiVersion"].rpartition("/")[0]
    reason = "this kind of policy is not supported yet"
    if group == _KYVERNO and value["kind"] in ("ClusterPolicy", "Policy"):
        reason = "the versions known are kyverno.io/v1 and kyverno.io/v2beta1"
    elif group == _KYVERNO:
        reason = "the versions known are kyverno.io/v2 and kyverno.io/v2beta1"
    elif group != _KYVERNO:
        reason = "this kind is not known in this version"
    excepts = value["kind"] == "PolicyException" and group != _KYVERNO
    code = NEVER_DENIES if excepts or _BACKGROUND.fullmatch(value["kind"]) else NOT_EVALUATED
    place = document.position((*base, "kind"))
    return Problem(code, f"not evaluated: {_title(value)}: {reason}", document.file, place.line, place.column)


def _title(value: dict[str, Value]) -> str:
    metadata = value.get("metadata")
    name = metadata.get("name", "") if type(metadata) is dict else ""
    return f'{value["kind"]} "{name}" ({value["apiVersion"]})'


def _exception(value: dict[str, Value], document: Document, base: Path) -> PolicyException:
    metadata = value["metadata"]
    return PolicyException(
        name=metadata["name"],
        namespace=metadata.get("namespace", ""),
        api_version=value["apiVersion"],
        raw=value,
        document=document,
        base=base,
    )
