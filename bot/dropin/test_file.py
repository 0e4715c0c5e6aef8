"""``kyverno-test.yaml``: found, read and checked (upstream: cmd/cli/kubectl-kyverno/{test,apis/v1alpha1})."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from bot.dropin import values
from bot.dropin.strict import LIMITS, Fields, FileError, Leaf, Many, Shape, decoded, head, read, reason
from engine import documents
from engine.model import Value

_TEXTS = Many(Leaf.TEXT)
_SPEC = Fields(
    "TestResourceSpec",
    dict.fromkeys(("group", "version", "kind", "namespace", "subresource", "name"), Leaf.TEXT),
)
_FLAGS = ("ValidatingAdmission", "MutatingAdmission", "Validating", "Deleting", "ImageValidating", "Generating")
_ROW: dict[str, Shape] = {
    **dict.fromkeys(("policy", "rule", "result", "kind", "operation"), Leaf.TEXT),
    **dict.fromkeys(("patchedResources", "generatedResource", "cloneSourceResource"), Leaf.TEXT),
    **{f"is{name}Policy": Leaf.BOOL for name in (*_FLAGS, "Mutating")},
    "failOnMissingResources": Leaf.BOOL,
    "resources": _TEXTS,
    "resourceSpecs": Many(_SPEC),
    "generatedResources": _TEXTS,
}
_RESPONSE = Fields("APICallResponse", {"statusCode": Leaf.ANY, "body": Leaf.ANY})
_CALL = Fields(
    "APICallResponseEntry",
    {**dict.fromkeys(("url", "urlPath", "method"), Leaf.TEXT), "response": _RESPONSE},
)
_PROJECTION = Fields("GlobalContextProjection", {"name": Leaf.TEXT, "path": Leaf.TEXT})
_GLOBAL = Fields(
    "GlobalContextEntryValue",
    {
        "name": Leaf.TEXT,
        "data": Leaf.ANY,
        "resources": Many(Leaf.ANY),
        "resourceFiles": _TEXTS,
        "fieldPath": Leaf.TEXT,
        "projections": Many(_PROJECTION),
    },
)
_LISTS = ("policies", "resources", "jsonPayloads", "httpPayloads", "envoyPayloads", "targetResources")
_TEST = head(
    "Test",
    name=Leaf.TEXT,
    **dict.fromkeys((*_LISTS, "paramResources", "exceptions", "clusterResources"), _TEXTS),
    **dict.fromkeys(("jsonPayload", "variables", "userinfo", "context"), Leaf.TEXT),
    results=Many(Fields("TestResult", _ROW)),
    values=values.INLINE,
    apiCallResponses=Many(_CALL),
    globalContextEntries=Many(_GLOBAL),
)
_OPERATIONS = ("", "CREATE", "UPDATE", "DELETE")


class Expected(Struct, frozen=True):
    """One row of ``results``: what a policy, or a rule of it, should say of some resources."""

    policy: str
    rule: str = ""
    result: str = ""
    operation: str = ""
    resources: tuple[str, ...] | None = None
    specs: tuple[dict[str, str], ...] = ()
    patched: str = ""
    generated: tuple[str, ...] = ()
    clone_source: str = ""
    fails_if_missing: bool = False

    @property
    def policy_name(self) -> str:
        """The name without a namespace; only it is compared (output.go)."""
        return self.policy.rpartition("/")[2]


class Test(Struct, frozen=True):
    """A document of a test file; ``spec`` is the decoded document, ``problem`` says why there is none."""

    __test__ = False

    path: Path
    spec: dict[str, Value]
    problem: str = ""

    @property
    def folder(self) -> Path:
        """What paths in the file are relative to."""
        return self.path.parent

    @property
    def is_current(self) -> bool:
        """Whether it names its apiVersion and kind, which the reference insists on."""
        return bool(self.spec.get("apiVersion") and self.spec.get("kind"))

    def paths(self, field: str) -> list[str]:
        """The paths of a field, each once, from where the command runs."""
        return [str(Path(posixpath.normpath(self.folder / path))) for path in dict.fromkeys(self.spec.get(field) or ())]

    @property
    def payloads(self) -> tuple[str, ...]:
        """The JSON documents as rows name them (test/load.go); the old field for one of them counts alone."""
        listed = self.spec.get("jsonPayloads") or [self.spec.get("jsonPayload") or ""]
        return tuple(dict.fromkeys(posixpath.normpath(name) for name in listed if name.strip()))

    def expected(self) -> list[Expected]:
        """The rows; raises FileError where one names an unknown operation."""
        return [_expected(row) for row in self.spec.get("results") or ()]


def _expected(row: dict[str, Value]) -> Expected:
    operation = row.get("operation", "")
    if operation not in _OPERATIONS:
        known = ", ".join(_OPERATIONS[1:])
        text = f'invalid operation "{operation}", must be one of {known}'
        raise FileError(f"invalid test result for policy {row.get('policy', '')}: {text}")
    generated = row.get("generatedResources") or ([row["generatedResource"]] if "generatedResource" in row else [])
    return Expected(
        policy=row.get("policy", ""),
        rule=row.get("rule", ""),
        result=row.get("result", ""),
        operation=operation,
        resources=tuple(row["resources"]) if "resources" in row else None,
        specs=tuple(row.get("resourceSpecs") or ()),
        patched=row.get("patchedResources", ""),
        generated=tuple(generated),
        clone_source=row.get("cloneSourceResource", ""),
        fails_if_missing=row.get("failOnMissingResources", False),
    )


def find(folders: Sequence[str], file_name: str) -> list[Test]:
    """The tests in and below folders, in the order of names; raises FileError for what is no folder."""
    found: list[Test] = []
    for folder in folders:
        for path in _files(Path(folder), file_name):
            found += _tests(path)
    return found


def _files(folder: Path, file_name: str) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise FileError(f"open {folder}: {reason(error)}") from error
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            yield from _files(entry, file_name)
        elif entry.name == file_name:
            yield entry


def _tests(path: Path) -> Iterator[Test]:
    """The documents of a file, up to the first that cannot be read."""
    try:
        loaded = documents.load(read(path), str(path), limits=LIMITS)
        for document in loaded.documents:
            yield Test(path, decoded(document, _TEST))
    except FileError as error:
        yield Test(path, {}, str(error))
        return
    if loaded.problems:
        yield Test(path, {}, loaded.problems[0].message)
