"""Policies, resources and exceptions from the paths of a command line (upstream: policy/load.go, utils/common)."""

from __future__ import annotations

import glob
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.dropin.strict import LIMITS, FileError, read, reason
from engine import documents, policies, resources, schema
from engine.documents import Document
from engine.kinds import group_of, is_namespaced
from engine.model import Problem, Value
from engine.policies import NOT_EVALUATED, Policy, PolicyException
from engine.resources import Resource

STDIN = "-"
_YAML = (".yaml", ".yml")
_URL = re.compile(r"https?://")
_CEL_GROUPS = ("policies.kyverno.io", "admissionregistration.k8s.io")
_RULE = "-" * 70

Scopes = frozenset[tuple[str, str]]
"""(group, kind) of custom resources that have no namespace."""


@dataclass(slots=True)
class Policies:
    """What policy paths hold. ``foreign`` are policies that are not evaluated: (kind, namespace, name)."""

    policies: list[Policy] = field(default_factory=list)
    exceptions: list[PolicyException] = field(default_factory=list)
    foreign: list[tuple[str, str, str]] = field(default_factory=list)
    unsupported: list[Problem] = field(default_factory=list)
    dropped: list[Problem] = field(default_factory=list)

    def add(self, other: Policies) -> None:
        """Take in what another path holds."""
        self.policies += other.policies
        self.exceptions += other.exceptions
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
    if _URL.match(path):
        raise FileError(f"{path}: reading policies from the network is not supported; clone the repository first")
    found = Policies()
    for file in _policy_files(path):
        found.add(_policies_of(read(file), str(file)))
    return found


def _policy_files(path: str) -> Iterator[Path]:
    start = Path(path)
    if not start.exists():
        matched = sorted(glob.glob(path, recursive=True))
        if not matched:
            raise FileError(f"stat {path}: no such file or directory")
        for name in matched:
            yield from _walk(Path(name))
        return
    yield from _walk(start)


def _walk(path: Path) -> Iterator[Path]:
    """YAML files at and below a path, hidden ones left out."""
    if path.name.startswith(".") and path.name not in (".", ".."):
        return
    if path.is_dir():
        for child in sorted(path.iterdir(), key=lambda entry: entry.name):
            yield from _walk(child)
    elif path.suffix in _YAML:
        yield path


def _policies_of(content: bytes, file: str) -> Policies:
    loaded = documents.load(content, file, limits=LIMITS)
    chosen = policies.read(loaded.documents)
    refused = [problem for problem in chosen.problems if problem.code == schema.UNKNOWN_FIELD]
    if refused:
        raise FileError(f"failed to load file {file}: {place(refused[0])}")
    return Policies(
        policies=list(chosen.policies),
        exceptions=list(chosen.exceptions),
        foreign=list(_foreign(loaded.documents)),
        unsupported=list(chosen.unsupported),
        dropped=[*loaded.problems, *chosen.problems],
    )


def place(problem: Problem) -> str:
    """A problem in one line: ``file:line: message``."""
    where = f"{problem.file}:{problem.line}: " if problem.line else f"{problem.file}: " if problem.file else ""
    return where + problem.message


def _foreign(found: Iterable[Document]) -> Iterator[tuple[str, str, str]]:
    """The policies of kinds that are not evaluated."""
    for document in found:
        for value in _items(document.value):
            api_version, kind = value.get("apiVersion"), value.get("kind")
            if type(api_version) is not str or type(kind) is not str or not kind.endswith("Policy"):
                continue
            group = group_of(api_version)
            if group in _CEL_GROUPS or (group == "kyverno.io" and kind.endswith("CleanupPolicy")):
                metadata = value.get("metadata") or {}
                yield kind, metadata.get("namespace") or "", metadata.get("name") or ""


def _items(value: Value) -> Iterator[dict[str, Value]]:
    if type(value) is not dict:
        return
    if value.get("kind") == "List" and type(value.get("items")) is list:
        yield from (item for item in value["items"] if type(item) is dict)
    else:
        yield value


def read_exceptions(paths: Iterable[str]) -> tuple[list[PolicyException], list[Problem]]:
    """The exceptions of files, and those that are not evaluated; anything else in them is a FileError."""
    found: list[PolicyException] = []
    foreign: list[Problem] = []
    for path in paths:
        loaded = documents.load(read(Path(path)), path, limits=LIMITS)
        chosen = policies.read(loaded.documents)
        faults = [*loaded.problems, *chosen.problems]
        if faults:
            raise FileError(f"unable to load exceptions ({place(faults[0])})")
        others = len(loaded.documents) - len(chosen.exceptions) - len(chosen.unsupported)
        if others or chosen.policies:
            raise FileError(f"unable to load exceptions ({path}: policy exception type not supported)")
        found += chosen.exceptions
        foreign += chosen.unsupported
    return found, foreign


def exceptions_among(paths: Sequence[str]) -> list[PolicyException]:
    """The exceptions that stand among resources."""
    found: list[PolicyException] = []
    for file in resource_files(paths):
        if file == STDIN:
            continue
        content = _content(file, lambda _text: None)
        if content is not None and b"PolicyException" in content:
            found += policies.read(documents.load(content, file, limits=LIMITS).documents).exceptions
    return found


def read_resources(
    paths: Sequence[str], report: Callable[[str], None], cluster_scoped: Scopes = frozenset()
) -> list[Resource]:
    """The resources of files; where the first path is a directory, of the YAML files in it, and of nothing else.

    A file that cannot be opened is reported and passed over; one that cannot be parsed is a FileError.
    """
    found: list[Resource] = []
    for file in resource_files(paths):
        content = sys.stdin.buffer.read() if file == STDIN else _content(file, report)
        if content is not None:
            found += parse_resources(content, file, cluster_scoped)
    return found


def resource_files(paths: Sequence[str]) -> list[str]:
    """The files that resource paths stand for."""
    if not paths or paths[0] == STDIN:
        return list(paths[:1])
    first = Path(paths[0])
    if first.is_dir():
        return [str(entry) for entry in sorted(first.iterdir()) if entry.suffix in _YAML]
    expanded = [name for path in paths for name in _expanded(path)]
    if not Path(expanded[0]).exists() and not _URL.match(expanded[0]):
        raise FileError(f"stat {paths[0]}: no such file or directory")
    return expanded


def _expanded(path: str) -> list[str]:
    if Path(path).exists() or not glob.has_magic(path):
        return [path]
    return sorted(glob.glob(path, recursive=True)) or [path]


def _content(file: str, report: Callable[[str], None]) -> bytes | None:
    if _URL.match(file):
        report(f"\n{_RULE}\nfailed to load resources: {file}. \nerror: not read from the network\n{_RULE}")
        return None
    try:
        return Path(file).read_bytes()
    except OSError as error:
        text = f"{'read' if Path(file).is_dir() else 'open'} {file}: {reason(error)}"
        report(f"\n{_RULE}\nfailed to load resources: {file}. \nerror: {text}\n{_RULE}")
        return None


def parse_resources(content: bytes, file: str, cluster_scoped: Scopes = frozenset()) -> list[Resource]:
    """The resources of a text, normalised; a List counts as one resource, as the reference does not unpack it."""
    loaded = documents.load(content, file, limits=LIMITS)
    faults = list(loaded.problems)
    found: list[Resource] = []
    plain: list[Document] = []
    for document in loaded.documents:
        if _is_list(document.value):
            found += _read(plain, faults, cluster_scoped)
            plain = []
            found.append(_whole(document))
        else:
            plain.append(document)
    found += _read(plain, faults, cluster_scoped)
    if faults:
        raise FileError(place(faults[0]))
    return found


def _read(plain: list[Document], faults: list[Problem], cluster_scoped: Scopes) -> list[Resource]:
    found, problems = resources.read(plain, cluster_scoped=cluster_scoped)
    faults += [problem for problem in problems if problem.code == resources.NOT_A_RESOURCE]
    return list(found)


def _is_list(value: Value) -> bool:
    return type(value) is dict and type(value.get("items")) is list and str(value.get("kind")).endswith("List")


def _whole(document: Document) -> Resource:
    metadata = document.value.get("metadata")
    if not isinstance(metadata, dict):
        metadata = document.value["metadata"] = {}
    metadata.setdefault("namespace", "default")
    return Resource(document.value, document)


def cluster_scoped_kinds(paths: Iterable[str]) -> Scopes:
    """The custom resources without namespace that CRD files declare; raises FileError."""
    found: set[tuple[str, str]] = set()
    for path in paths:
        if Path(path).suffix not in _YAML:
            raise FileError(f"CRD file must have .yaml or .yml extension: {path}")
        for document in documents.load(read(Path(path)), path, limits=LIMITS).documents:
            match document.value:
                case {"kind": "CustomResourceDefinition", "spec": {"group": group, "names": {"kind": kind}, **rest}}:
                    if rest.get("scope") == "Cluster" and is_namespaced(group, kind):
                        found.add((group, kind))
    return frozenset(found)


def is_skipped(problem: Problem) -> bool:
    """Whether a problem says that the engine does not evaluate something, rather than that it is wrong."""
    return problem.code == NOT_EVALUATED
