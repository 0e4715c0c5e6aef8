"""Resources from the paths of a command line (upstream: cmd/cli/kubectl-kyverno/{utils/common,resource})."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.dropin.strict import LIMITS, FileError, place, read, reason
from engine import documents, resources
from engine.documents import Document
from engine.kinds import group_of, is_namespaced
from engine.model import Problem, Value
from engine.resources import Resource

STDIN = "-"
YAML = (".yaml", ".yml")
_URL = ("http://", "https://")
_RULE = "-" * 70

Scopes = frozenset[tuple[str, str]]
"""(group, kind) of custom resources that have no namespace."""


def is_url(path: str) -> bool:
    """Whether a path leads to the network."""
    return path.startswith(_URL)


def read_resources(
    paths: Sequence[str], report: Callable[[str], None], cluster_scoped: Scopes = frozenset()
) -> list[Resource]:
    """The resources of files; where the first path is a directory, of the YAML files in it, and of nothing else.

    A file that cannot be opened is reported and passed over; one that cannot be parsed is a FileError.
    """
    found: list[Resource] = []
    for file in resource_files(paths):
        content = sys.stdin.buffer.read() if file == STDIN else content_of(file, report)
        if content is not None:
            found += parse_resources(content, file, cluster_scoped)
    return found


def resource_files(paths: Sequence[str]) -> list[str]:
    """The files that resource paths stand for."""
    if not paths or paths[0] == STDIN:
        return list(paths[:1])
    if os.path.isdir(paths[0]):
        return [child for child in children(paths[0]) if is_yaml(child)]
    expanded = [name for path in paths for name in _expanded(path)]
    if not os.path.exists(expanded[0]) and not is_url(expanded[0]):
        raise FileError(f"stat {paths[0]}: no such file or directory")
    return expanded


def children(directory: str) -> list[str]:
    """The paths of what a directory holds, by name."""
    names = sorted(os.listdir(directory))
    return names if directory == "." else [os.path.join(directory, name) for name in names]


def is_yaml(path: str) -> bool:
    """Whether a file's name is that of a YAML file."""
    return os.path.splitext(path)[1] in YAML


def _expanded(path: str) -> list[str]:
    if os.path.exists(path):
        return [path]
    import glob

    if not glob.has_magic(path):
        return [path]
    return sorted(glob.glob(path, recursive=True)) or [path]


def content_of(file: str, report: Callable[[str], None]) -> bytes | None:
    """The content of a file; None, and a word in the report, where it cannot be opened."""
    if is_url(file):
        report(f"\n{_RULE}\nfailed to load resources: {file}. \nerror: not read from the network\n{_RULE}")
        return None
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as error:
        text = f"{'read' if os.path.isdir(file) else 'open'} {file}: {reason(error)}"
        report(f"\n{_RULE}\nfailed to load resources: {file}. \nerror: {text}\n{_RULE}")
        return None


def _faults(problems: Sequence[Problem]) -> list[Problem]:
    """The problems that count here."""
    if not problems:
        return []
    from engine.yaml.faults import DUPLICATE_KEY  # hardly any text has a fault

    return [problem for problem in problems if problem.code != DUPLICATE_KEY]


def parse_resources(content: bytes, file: str, cluster_scoped: Scopes = frozenset()) -> list[Resource]:
    """The resources of a text, normalised; a List counts as one resource, as the reference does not unpack it.

    A name that is no text counts as none, and the last of duplicate keys holds, as it does there.
    """
    loaded = documents.load(content, file, limits=LIMITS)
    faults = _faults(loaded.problems)
    found: list[Resource] = []
    plain: list[Document] = []
    for document in loaded.documents:
        if _is_list(document.value) or _is_oddly_named(document.value):
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


def _is_oddly_named(value: Value) -> bool:
    if type(value) is not dict or type(value.get("apiVersion")) is not str or type(value.get("kind")) is not str:
        return False
    metadata = value.get("metadata")
    if type(metadata) is not dict:
        return False
    return any(not isinstance(metadata.get(key), str | None) for key in ("name", "namespace", "generateName"))


def _whole(document: Document) -> Resource:
    value = document.value
    metadata = value.get("metadata")
    if not isinstance(metadata, dict):
        metadata = value["metadata"] = {}
    has_namespace = isinstance(metadata.get("namespace"), str) and metadata["namespace"]
    if not has_namespace and is_namespaced(group_of(str(value.get("apiVersion", ""))), str(value.get("kind", ""))):
        metadata["namespace"] = "default"
    return Resource(value, document)


def definitions(paths: Iterable[str]) -> Iterator[Value]:
    """The custom resource definitions of CRD files; raises FileError."""
    for path in paths:
        if not is_yaml(path):
            raise FileError(f"CRD file must have .yaml or .yml extension: {path}")
        for document in documents.load(read(path), path, limits=LIMITS).documents:
            yield document.value


def cluster_scoped_kinds(paths: Iterable[str]) -> Scopes:
    """The custom resources without namespace that CRD files declare; raises FileError."""
    return scopes(definitions(paths))


def scopes(crds: Iterable[Value]) -> Scopes:
    """The kinds without namespace among custom resource definitions."""
    found: set[tuple[str, str]] = set()
    for definition in crds:
        match definition:
            case {"kind": "CustomResourceDefinition", "spec": {"group": group, "names": {"kind": kind}, **rest}}:
                if rest.get("scope") == "Cluster" and is_namespaced(group, kind):
                    found.add((group, kind))
    return frozenset(found)
