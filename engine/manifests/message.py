"""The manifest that a resource carries in its annotations (pkg/k8smanifest/verify.go, pkg/util/{image,yaml}.go)."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterator, Sequence

from engine.documents import Limits, load
from engine.errors import EngineError
from engine.manifests import flat
from engine.manifests.flat import Flat
from engine.model import Value
from engine.values import base64, golang
from engine.values.numbers import floats

_LARGEST = 2_000_000
"""Bytes that a compressed message may come to."""
_LIMITS = Limits(file_bytes=_LARGEST)
_CANDIDATES = 3
_GZIP = 31
_HEADER = 10
_READING = "failed to read YAMLs in the gzipped message: "


class MessageError(EngineError):
    """A message that cannot be read."""


def decode(message: str) -> bytes:
    """The bytes that were signed; raises MessageError."""
    try:
        return _inflated(base64.decode(message.encode()))
    except ValueError as error:
        raise MessageError(f"failed to decode base64 message in the annotation: {error}") from error


def manifests(message: bytes) -> list[dict[str, Value]]:
    """The manifests of a message, plain or in a compressed archive; raises MessageError."""
    return [value for value in _documents(message) or _archived(message) if _is_manifest(value)]


def _inflated(packed: bytes) -> bytes:
    """What is compressed; the bytes themselves where they are not, as upstream."""
    found, rest = io.BytesIO(), packed
    try:
        while rest:
            stream = zlib.decompressobj(_GZIP)
            found.write(stream.decompress(rest, _LARGEST + 1 - found.tell()))
            if found.tell() > _LARGEST:
                raise MessageError(f"the message comes to more than {_LARGEST} bytes")
            if not stream.eof:
                return packed
            rest = stream.unused_data
    except zlib.error:
        return packed
    return found.getvalue()


def _documents(text: bytes) -> list[Value]:
    """The documents up to the first that is none."""
    loaded = load(text, "message", limits=_LIMITS)
    end = min((problem.line for problem in loaded.problems), default=None)
    return [floats(document.value) for document in loaded.documents if end is None or document.line < end]


def _archived(packed: bytes) -> list[Value]:
    if packed[:2] != b"\x1f\x8b":
        kind = "gzip: invalid header" if len(packed) >= _HEADER else "unexpected EOF" if packed else "EOF"
        raise MessageError(f"{_READING}gzip.NewReader() failed while decompressing tar gz: {kind}")
    found: dict[str, Value] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_inflated(packed)), mode="r:") as archive:
            for name, content in _files(archive):
                found[name] = next(iter(_documents(content)), None)  # of a file only the first counts
    except tarfile.TarError as error:
        raise MessageError(f"{_READING}tarReader.Next() failed while decompressing tar gz: {error}") from error
    return [found[name] for name in sorted(found)]


def _files(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in archive:
        if member.name.startswith("..") or member.isdir():
            continue
        content = archive.extractfile(member) if member.isreg() else None
        if content is None:
            raise MessageError(f"{_READING}an archive holds files only, but {member.name} is none")
        if member.name.endswith((".yaml", ".yml")):
            yield member.name, content.read()


def _is_manifest(value: Value) -> bool:
    return isinstance(value, dict) and isinstance(value.get("kind"), str) and bool(value["kind"])


def candidates(
    found: Sequence[dict[str, Value]], resource: dict[str, Value], fields: Sequence[str]
) -> tuple[list[dict[str, Value]], Sequence[str]]:
    """The manifests that the resource can have been made from, by name or else by likeness, and the fields to ignore.

    The search by likeness reads indices in fields, and leaves them so (yaml.go, FindManifestYAML).
    """
    of_kind = [value for value in found if value["kind"] == resource.get("kind")]
    named = [value for value in of_kind if _identity(value) == _identity(resource)]
    if len(named) > 1:
        namespace = _metadata(resource).get("namespace")
        named = [value for value in named if _metadata(value).get("namespace") == namespace] or named
    if named or not of_kind:
        return named[:1], fields
    dotted = [flat.dotted(field) for field in fields]
    return _likest(of_kind, resource, dotted), dotted


def _metadata(value: dict[str, Value]) -> dict[str, Value]:
    metadata = value.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _identity(value: dict[str, Value]) -> tuple[str, Value]:
    version = value.get("apiVersion")
    group = version.rpartition("/")[0] if isinstance(version, str) else ""
    return group, _metadata(value).get("name")


def _likest(of_kind: Sequence[dict[str, Value]], resource: Value, fields: Sequence[str]) -> list[dict[str, Value]]:
    """Those that share most values with the resource; values that say little are not looked at where others decide."""
    wanted = [(key, golang.sprint(value)) for key, value in flat.without(flat.flatten(resource), fields).items()]
    wanted.sort(key=lambda item: (-len(item[1].encode()), item[0]))
    tables = [flat.without(flat.flatten(value), fields) for value in of_kind]
    counts = _shared(wanted, tables)
    best = max(counts)
    return [value for value, count in zip(of_kind, counts, strict=True) if count == best][:_CANDIDATES]


def _shared(wanted: Sequence[tuple[str, str]], tables: Sequence[Flat]) -> list[int]:
    counts, tenth = [0] * len(tables), len(wanted) // 10
    last = same = 0
    for number, (key, text) in enumerate(wanted):
        hits = [index for index, table in enumerate(tables) if key in table and golang.sprint(table[key]) == text]
        for index in hits:
            counts[index] += 1
        if number > tenth and 0 < len(hits) < _CANDIDATES:
            same = same + 1 if len(hits) == last else 0
        if same > tenth:
            break
        last = len(hits)
    return counts
