"""Documents to resources: lists unpacked, identity and scope found, normalised as the reference normalises them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct, field

from engine.documents import Document
from engine.kinds import group_of, is_namespaced
from engine.model import Path, Problem, Value

NOT_A_RESOURCE = "not-a-resource"
NO_NAME = "no-name"
ENCRYPTED = "encrypted"
DUPLICATE_IDENTITY = "duplicate-identity"

_TELLS_APART: Final = frozenset({"name", "namespace", "labels"})
_LONGEST_CONTENT: Final = 64 * 1024

_MAP_FIELDS: Final = frozenset({"annotations", "labels", "matchLabels", "nodeSelector", "data", "stringData"})


class Identity(NamedTuple):
    """What makes a resource the same one in another version of its file."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """``Deployment default/nginx``, or ``Namespace shop`` where there is no namespace."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Resource:
    """A resource of a file; ``value`` belongs to its document and is never changed after ``read``.

    ``name`` is ``metadata.name``, else ``metadata.generateName``, else "". ``base`` is where the resource stands in
    its document: () or, in a List, ("items", index).
    """

    __slots__ = ("api_version", "base", "document", "group", "kind", "name", "namespace", "value", "version")

    def __init__(self, value: dict[str, Value], document: Document, base: Path = ()) -> None:
        metadata = _mapping(value, "metadata")
        self.value = value
        self.document = document
        self.base = base
        self.kind = _text(value, "kind")
        self.api_version = _text(value, "apiVersion")
        self.group = group_of(self.api_version)
        self.version = self.api_version.rpartition("/")[2]
        self.namespace = _text(metadata, "namespace")
        self.name = _text(metadata, "name") or _text(metadata, "generateName")

    def content(self, part: Path) -> bytes | None:
        """The value at ``part`` as plain bytes, equal where the values are; None where there is none, or it is long.

        The whole resource, part (), goes without its name, namespace and labels. A value with braces has no bytes:
        they are read as a variable, which may ask for anything.
        """
        value: Value = self._unnamed() if not part else self.value
        for key in part:
            if type(value) is not dict or key not in value:
                return None
            value = value[key]
        try:
            content = msgspec.msgpack.encode(value)
        except (OverflowError, RecursionError, ValueError):  # such as integers beyond 64 bits
            return None
        return None if b"{{" in content or len(content) > _LONGEST_CONTENT else content

    def _unnamed(self) -> dict[str, Value]:
        rest = {key: value for key, value in _mapping(self.value, "metadata").items() if key not in _TELLS_APART}
        return {**self.value, "metadata": rest}

    @property
    def identity(self) -> Identity:
        """Group, kind, namespace and name; not the version, which may change."""
        return Identity(self.group, self.kind, self.namespace, self.name)

    @property
    def is_generated(self) -> bool:
        """Whether the cluster completes the name, so that the same name twice is no repetition."""
        return not _text(_mapping(self.value, "metadata"), "name") and bool(self.name)

    @property
    def is_encrypted(self) -> bool:
        """Whether SOPS encrypted it: what it says of itself is not what the cluster will see."""
        return "mac" in _mapping(self.value, "sops")

    @property
    def labels(self) -> dict[str, Value]:
        """``metadata.labels``, empty where there are none."""
        return _mapping(_mapping(self.value, "metadata"), "labels")

    @property
    def annotations(self) -> dict[str, Value]:
        """``metadata.annotations``, empty where there are none."""
        return _mapping(_mapping(self.value, "metadata"), "annotations")

    def __repr__(self) -> str:
        return f"<Resource {self.identity} in {self.document.file}:{self.document.line}>"


def read(
    documents: Iterable[Document],
    *,
    namespace: str = "default",
    cluster_scoped: AbstractSet[tuple[str, str]] = frozenset(),
) -> tuple[tuple[Resource, ...], tuple[Problem, ...]]:
    """The resources of documents, in their order, and a problem for each thing that is none or is not judged.

    ``namespace`` is given to namespaced resources that name none; ``cluster_scoped`` holds (group, kind) that custom
    resource definitions declare. Values are normalised in place. A resource without a name comes with a problem and
    is returned all the same, as the reference evaluates it; so is one whose identity its file has twice, and one that
    SOPS encrypted.
    """
    reading = _Reading(namespace, cluster_scoped)
    for document in documents:
        for value, base in _unpacked(document.value, ()):
            reading.add(value, document, base)
    return tuple(reading.resources), tuple(reading.problems)


def encrypted(resource: Resource) -> Problem:
    """The problem of a resource that SOPS encrypted."""
    place = resource.document.key_position(resource.base)
    text = f"{resource.kind} is encrypted with SOPS and not judged"
    advice = "Judge it where it is decrypted, or leave its file out."
    return Problem(ENCRYPTED, text, resource.document.file, place.line, place.column, advice)


def _unpacked(value: Value, base: Path) -> Iterator[tuple[Value, Path]]:
    """The items of a list, nested lists too; items of a typed list get its kind (unstructured/helpers.go)."""
    if value is None:
        return
    if not _is_list(value):
        yield value, base
        return
    item_kind = value["kind"].removesuffix("List")
    for index, item in enumerate(value["items"]):
        if item_kind and type(item) is dict and "kind" not in item:
            item["kind"] = item_kind
            item.setdefault("apiVersion", value.get("apiVersion"))
        yield from _unpacked({} if item is None else item, (*base, "items", index))


def _is_list(value: Value) -> bool:
    if type(value) is not dict or type(value.get("items")) is not list:
        return False
    return _text(value, "kind").endswith("List") and not _text(_mapping(value, "metadata"), "name")


class _Reading(Struct):
    namespace: str
    cluster_scoped: AbstractSet[tuple[str, str]]
    resources: list[Resource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: dict[tuple[str, Identity], int] = field(default_factory=dict)

    def add(self, value: Value, document: Document, base: Path) -> None:
        if (fault := _fault(value)) is not None:
            step, message, advice = fault
            self._problem(NOT_A_RESOURCE, message, document, (*base, *step), advice)
            return
        self._normalise(value)
        resource = Resource(value, document, base)
        if resource.is_encrypted:
            self.problems.append(encrypted(resource))
        if not resource.name:
            message = f"{resource.kind} has no metadata.name"
            self._problem(NO_NAME, message, document, (*base, "metadata"), "Give it a name: the cluster refuses it.")
        elif not resource.is_generated:
            self._note(resource)
        self.resources.append(resource)

    def _note(self, resource: Resource) -> None:
        key = (resource.document.file, resource.identity)
        if key not in self.seen:
            self.seen[key] = len(self.resources)
            return
        first = self.resources[self.seen[key]]
        line = first.document.position(first.base).line
        message = f"{resource.identity} stands in this file twice, first in line {line}"
        self._problem(DUPLICATE_IDENTITY, message, resource.document, resource.base, "Remove one, or rename it.")

    def _normalise(self, value: dict[str, Value]) -> None:
        """The default namespace and empty maps for null ones (resource.go: YamlToUnstructured, normalizeNilMaps)."""
        metadata = value.setdefault("metadata", {})
        kind = (group_of(value["apiVersion"]), value["kind"])
        if not _text(metadata, "namespace") and is_namespaced(*kind) and kind not in self.cluster_scoped:
            metadata["namespace"] = self.namespace
        pending = [value]
        while pending:
            node = pending.pop()
            for key, item in node.items():
                if item is None:
                    if key in _MAP_FIELDS:
                        node[key] = {}
                elif type(item) is dict:
                    pending.append(item)
                elif type(item) is list:
                    pending += [entry for entry in item if type(entry) is dict]

    def _problem(self, code: str, message: str, document: Document, path: Path, advice: str) -> None:
        place = document.key_position(path)
        self.problems.append(Problem(code, message, document.file, place.line, place.column, advice))


def _fault(value: Value) -> tuple[Path, str, str] | None:
    """Where and why a value is no resource, and what to do."""
    if type(value) is not dict:
        return (), f"the document is {_named(value)}, not a Kubernetes resource", "Begin it with apiVersion and kind."
    missing = [key for key in ("apiVersion", "kind") if value.get(key) in (None, "")]
    if missing:
        return (), f"the document has no {' and no '.join(missing)}", "Say which kind of resource it is."
    for key in ("apiVersion", "kind"):
        if type(value[key]) is not str:
            return (key,), f"{key} is {_named(value[key])}, not text", "Put it in quotes."
    metadata = value.get("metadata", {})
    if type(metadata) is not dict:
        return ("metadata",), f"metadata is {_named(metadata)}, not a mapping", "Put name and labels below metadata."
    for key in ("name", "namespace", "generateName"):
        if metadata.get(key) is not None and type(metadata[key]) is not str:
            return ("metadata", key), f"metadata.{key} is {_named(metadata[key])}, not text", "Put it in quotes."
    return None


def _named(value: Value) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _mapping(value: dict[str, Value], key: str) -> dict[str, Value]:
    found = value.get(key)
    return found if type(found) is dict else {}


def _text(value: dict[str, Value], key: str) -> str:
    found = value.get(key)
    return found if type(found) is str else ""
