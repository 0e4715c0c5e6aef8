"""Policies and exceptions from the paths of a command line (upstream: cmd/cli/kubectl-kyverno/{policy,exception})."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, reduce
from operator import getitem

from msgspec import Struct, field
from msgspec.structs import replace

from bot import policy_cache
from bot.dropin.resource_inputs import STDIN, children, content_of, is_url, is_yaml, resource_files
from bot.dropin.strict import LIMITS, FileError, place, read
from engine import documents
from engine.cel_records import GROUP, KUBERNETES, CelException, CelPolicy, CelPolicySet
from engine.documents import Document
from engine.kinds import TABLE, group_of
from engine.model import Problem, Value
from engine.policies import NOT_EVALUATED, Policy, PolicyException

_CEL_GROUPS = (GROUP, KUBERNETES)


class Policies(Struct):
    """What policy paths hold: ``policies`` are valid, ``refused`` are those in which validation finds something.

    ``foreign`` are policies that are not evaluated: (kind, namespace, name).
    """

    policies: list[Policy] = field(default_factory=list)
    refused: list[tuple[Policy, tuple[Problem, ...]]] = field(default_factory=list)
    cleanups: list[Policy] = field(default_factory=list)
    exceptions: list[PolicyException] = field(default_factory=list)
    cel: CelPolicySet = CelPolicySet()
    foreign: list[tuple[str, str, str]] = field(default_factory=list)
    unsupported: list[Problem] = field(default_factory=list)
    dropped: list[Problem] = field(default_factory=list)

    def add(self, other: Policies) -> None:
        """Take in what another path holds."""
        self.policies += other.policies
        self.refused += other.refused
        self.cleanups += other.cleanups
        self.exceptions += other.exceptions
        self.cel += other.cel
        self.foreign += other.foreign
        self.unsupported += other.unsupported
        self.dropped += other.dropped


def read_policies(path: str) -> Policies:
    """The policies of a file, a directory with all below it, a glob, or standard input.

    Documents that are no policies are dropped, each with a problem; an unknown field makes the whole path fail with
    FileError, as the reference has it.
    """
    if path == STDIN:
        return _policies_of(sys.stdin.buffer.read(), path)
    if is_url(path):
        raise FileError(f"{path}: reading policies from the network is not supported; clone the repository first")
    found = Policies()
    for file in _policy_files(path):
        found.add(_policies_of(read(file), file))
    return found


def _policy_files(path: str) -> Iterator[str]:
    if os.path.exists(path):
        yield from _walk(path)
        return
    import glob

    matched = sorted(glob.glob(path, recursive=True))
    if not matched:
        raise FileError(f"stat {path}: no such file or directory")
    for name in matched:
        yield from _walk(name)


def _walk(path: str) -> Iterator[str]:
    """YAML files at and below a path, hidden ones left out."""
    name = os.path.basename(path.rstrip("/"))
    if name.startswith(".") and name not in (".", ".."):
        return
    if os.path.isdir(path):
        for child in children(path):
            yield from _walk(child)
    elif is_yaml(name):
        yield path


def _policies_of(content: bytes, file: str) -> Policies:
    kept = policy_cache.recall(content, file)
    if kept is not None:
        return Policies(policies=list(kept))
    from engine import policy_reading, schema, validation  # not needed where all policies are in the cache

    loaded = documents.load(content, file, numbers=int, limits=LIMITS)
    _refuse_others(loaded.documents)
    chosen = policy_reading.read(loaded.documents)
    fatal = (schema.UNKNOWN_FIELD, schema.INCONVERTIBLE)
    unknown = [problem for problem in chosen.problems if problem.code in fatal]
    if unknown and any(map(_is_list, loaded.documents)):  # of a List only the item is lost (load.go, handleListItems)
        others = policy_reading.read([document for document in loaded.documents if not _is_list(document)])
        unknown = [problem for problem in others.problems if problem.code in fatal]
    if unknown:
        raise FileError(f"failed to load file {file}: {place(unknown[0])}")
    found = [(policy, validation.validate(policy, namespaced=None)) for policy in chosen.policies]
    refused = [(policy, problems) for policy, problems in found if problems]
    foreign = list(_foreign(loaded.documents))
    if not (refused or foreign or chosen.cleanups):
        policy_cache.remember(content, loaded, chosen)
    return Policies(
        policies=[policy for policy, problems in found if not problems],
        refused=refused,
        cleanups=list(chosen.cleanups),
        exceptions=list(chosen.exceptions),
        cel=_as_loaded(chosen.cel),
        foreign=foreign,
        unsupported=list(chosen.unsupported),
        dropped=[*loaded.problems, *chosen.problems, *_newer(chosen.cel)],
    )


def _is_list(document: Document) -> bool:
    return type(document.value) is dict and document.value.get("kind") == "List"


def _as_loaded(found: CelPolicySet) -> CelPolicySet:
    """What the reference's CLI reads of policies in CEL: of MutatingAdmissionPolicies only the first version."""
    if not found.policies:
        return found
    return replace(found, policies=tuple(_as_written(policy) for policy in found.policies if not _is_newer(policy)))


def _as_written(policy: CelPolicy) -> CelPolicy:
    """The policy with the namespace that its text names, though its kind has none: only a cluster takes that away."""
    if policy.is_namespaced or group_of(policy.api_version) != GROUP:
        return policy
    value = reduce(getitem, policy.base, policy.document.value)
    return replace(policy, namespace=value["metadata"].get("namespace", ""))


def _newer(found: CelPolicySet) -> Iterator[Problem]:
    for policy in found.policies:
        if _is_newer(policy):
            place = policy.document.position(policy.base)
            text = f'{policy.kind} "{policy.name}" is passed over, as the reference knows it in v1alpha1 only'
            yield Problem("version", text, policy.document.file, place.line, place.column)


def _is_newer(policy: CelPolicy) -> bool:
    return policy.kind == "MutatingAdmissionPolicy" and not policy.api_version.endswith("/v1alpha1")


def _refuse_others(found: Iterable[Document]) -> None:
    """Raise FileError for a resource that Kubernetes itself has: upstream gives up the whole path then (load.go)."""
    for document in found:
        match document.value:
            case {"apiVersion": str(api_version), "kind": str(kind)} if group_of(api_version) not in _CEL_GROUPS:
                if (api_version, kind) in _built_in():
                    raise FileError(f"policy type not supported {api_version}, Kind={kind}")


@cache
def _built_in() -> frozenset[tuple[str, str]]:
    rows = (row for row in TABLE if "/" not in row.plural)
    return frozenset((f"{row.group}/{row.version}" if row.group else row.version, row.kind) for row in rows)


def _foreign(found: Iterable[Document]) -> Iterator[tuple[str, str, str]]:
    """The policies of kinds that are not evaluated."""
    for document in found:
        for value in _items(document.value):
            api_version, kind = value.get("apiVersion"), value.get("kind")
            if type(api_version) is not str or type(kind) is not str or not kind.endswith("Policy"):
                continue
            if _is_foreign(value, group_of(api_version)):
                metadata = value.get("metadata") or {}
                yield kind, metadata.get("namespace") or "", metadata.get("name") or ""


def _is_foreign(value: dict[str, Value], group: str) -> bool:
    match value:
        case {"spec": {"evaluation": {"mode": "Envoy" | "HTTP"}}}:
            return group == GROUP
    return False


def _items(value: Value) -> Iterator[dict[str, Value]]:
    if type(value) is not dict:
        return
    if value.get("kind") == "List" and type(value.get("items")) is list:
        yield from (item for item in value["items"] if type(item) is dict)
    else:
        yield value


class Exceptions(Struct):
    """The exceptions of both groups, and a problem for each that is not evaluated."""

    classic: list[PolicyException] = field(default_factory=list)
    cel: list[CelException] = field(default_factory=list)
    foreign: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.classic) + len(self.cel)


def read_exceptions(paths: Iterable[str]) -> Exceptions:
    """The exceptions of files; anything else in them is a FileError."""
    found = Exceptions()
    for path in paths:
        _add_exceptions(found, path)
    return found


def _add_exceptions(found: Exceptions, path: str) -> None:
    from engine import policy_reading  # not needed where there are none

    loaded = documents.load(read(path), path, numbers=int, limits=LIMITS)
    chosen = policy_reading.read(loaded.documents)
    faults = [*loaded.problems, *chosen.problems]
    if faults:
        raise FileError(f"unable to load exceptions ({place(faults[0])})")
    known = len(chosen.exceptions) + len(chosen.cel.exceptions) + len(chosen.unsupported)
    if known < len(loaded.documents) or chosen.policies or chosen.cel.policies:
        raise FileError(f"unable to load exceptions ({path}: policy exception type not supported)")
    found.classic += chosen.exceptions
    found.cel += chosen.cel.exceptions
    found.foreign += chosen.unsupported


def exceptions_among(paths: Sequence[str]) -> Exceptions:
    """The exceptions that stand among resources."""
    from engine import policy_reading  # not needed where there are none

    found = Exceptions()
    for file in resource_files(paths):
        if file == STDIN:
            continue
        content = content_of(file, lambda _text: None)
        if content is not None and b"PolicyException" in content:
            chosen = policy_reading.read(documents.load(content, file, numbers=int, limits=LIMITS).documents)
            found.classic += chosen.exceptions
            found.cel += chosen.cel.exceptions
    return found


def is_skipped(problem: Problem) -> bool:
    """Whether a problem says that the engine does not evaluate something, rather than that it is wrong."""
    return problem.code == NOT_EVALUATED
