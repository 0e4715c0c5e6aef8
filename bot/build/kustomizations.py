"""Which files kustomizations name, and as what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from posixpath import dirname, join, normpath
from typing import Any

from bot.build.places import KUSTOMIZATION_NAMES
from bot.build.what import What
from engine import documents

_READ = documents.Limits(file_bytes=1 << 31)  # who read the file has looked at its size
_PATCHES = ("patches", "patchesJson6902", "replacements")
_INPUTS = ("configurations", "transformers", "generators", "validators", "crds")


def above(path: str, paths: Collection[str]) -> Iterator[str]:
    """The kustomizations in the file's directory and in those above it, nearest first."""
    directory = dirname(path)
    while True:
        for name in KUSTOMIZATION_NAMES:
            candidate = join(directory, name)
            if candidate in paths and candidate != path:
                yield candidate
        if not directory:
            return
        directory = dirname(directory)


class Kustomizations:
    """What the kustomizations of a tree name; each is read once, when a file below it is asked for."""

    def __init__(self, paths: Collection[str], read: Callable[[str], bytes]) -> None:
        self._paths = paths
        self._read = read
        self._named: dict[str, dict[str, What]] = {}

    def role(self, path: str) -> tuple[What, str] | None:
        """As what the nearest kustomization names the file, and which one; MANIFEST for one of its resources."""
        for kustomization in above(path, self._paths):
            if kustomization not in self._named:
                self._named[kustomization] = _named(kustomization, self._read(kustomization))
            if (what := self._named[kustomization].get(path)) is not None:
                return what, kustomization
        return None


def _named(kustomization: str, content: bytes) -> dict[str, What]:
    found: dict[str, What] = {}
    for document in documents.load(content, kustomization, limits=_READ).documents:
        if isinstance(document.value, dict):
            for name, what in _references(document.value):
                path = normpath(join(dirname(kustomization), name))
                if found.get(path) is not What.MANIFEST:  # a resource stays one, whatever else names it
                    found[path] = what
    return found


def _references(value: dict[str, Any]) -> Iterator[tuple[str, What]]:
    for entry in _entries(value, "patchesStrategicMerge"):
        yield from _file(entry, What.PATCH)
    for key in _PATCHES:
        for entry in _entries(value, key):
            yield from _file(_get(entry, "path"), What.PATCH)
    for key in _INPUTS:
        for entry in _entries(value, key):
            yield from _file(entry, What.KUSTOMIZE_INPUT)
    yield from _file(_get(value.get("openapi"), "path"), What.KUSTOMIZE_INPUT)
    for key in ("configMapGenerator", "secretGenerator"):
        for generator in _entries(value, key):
            for entry in (*_entries(generator, "files"), *_entries(generator, "envs"), _get(generator, "env")):
                name = entry.rpartition("=")[2] if isinstance(entry, str) else entry
                yield from _file(name, What.KUSTOMIZE_INPUT)
    for chart in (*_entries(value, "helmCharts"), *_entries(value, "helmChartInflationGenerator")):
        more = _entries(chart, "additionalValuesFiles")
        for entry in (_get(chart, "valuesFile"), _get(chart, "values"), *more):
            yield from _file(entry, What.HELM_VALUES)
    for entry in _entries(value, "resources"):
        yield from _file(entry, What.MANIFEST)


def _file(name: object, what: What) -> Iterator[tuple[str, What]]:
    """A reference to a file of the repository; a text of several lines is the thing itself, not its name."""
    if isinstance(name, str) and "\n" not in name and "://" not in name:
        yield name, what


def _entries(value: object, key: str) -> list[Any]:
    found = _get(value, key)
    return found if isinstance(found, list) else []


def _get(value: object, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
